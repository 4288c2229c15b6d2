#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# plots.sh - draws the figures of made-up runs whose curves are known (synthetic.awk) and
# checks what was drawn: the files, the words in them, and the numbers the pictures show.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

# $1: the folder; $2: blocks; $3: the variants; $4: 1 with the nominal load.
run_make()
{
	mkdir -p "$work/$1"
	"$awk" -f "$plots/tests/synthetic.awk" -v BLOCKS="$2" -v LIST="$3" \
		-v NOMINAL="${4-}" >"$work/$1/trials.tsv"
}

# $1: data, $2: variant: true if the curve's last good rate is below half its peak.
collapses()
{
	"$awk" -v variant="$2" '$NF == variant { last = $2; if ($2 > peak) peak = $2 }
		END { print variant, last, peak; exit !(peak > 0 && last < peak / 2) }' "$1"
}

holds()
{
	some_point "$1" "$2" 2 'x > 0' && ! collapses "$@"
}

# $1: data, $2: variant, $3: field, $4: an awk condition on x that some line must meet.
some_point()
{
	"$awk" -v variant="$2" -v f="$3" '$NF == variant { x = $f; if ('"$4"') found = 1 }
		END { exit !found }' "$1"
}

every_point()
{
	some_point "$1" "$2" "$3" 1 && ! some_point "$1" "$2" "$3" "!($4)"
}

# $1: data; $2: how many lines it has, the comments and the spaces between not counted.
lines()
{
	"$awk" -v n="$2" 'NF && !/^#/ { found++ } END { print found; exit found != n }' "$1"
}

run_make full 3 "thread thread 14000 collapse; epoll event 19000 ok; epoll@aa event 18600 ok;
	pth user-thread 8000 flagged; libev event 17000 blind; libuv event 16000 void"
full=$work/full
cat >"$full/summary.txt" <<-'END'
	variant family peak_goodput_rps capacity_upper_rps capacity_lower_rps flags
	epoll event 19000 18100 17600 unsettled
	epoll@aa event 19000 18000 17500 aa
	thread thread 12900 13100 12700 unsettled,client-limited
	absent event nan nan nan -
	elsewhere event nan nan nan unlisted
	broken event nan nan nan dropped
END
tr ' ' '\t' <"$full/summary.txt" >"$full/summary.tsv"
cat >"$full/manifest.json" <<-'END'
	{
	  "suite": { "experiments": [
	      {
	        "limit_us": 1000.0,
	        "name": "cached"
	      },
	      {
	        "limit_us": 5000.0,
	        "name": "knee"
	      } ] },
	  "notes": [
	    "knee: a note of another kind",
	    "12 other variants are left to: duality bench tcp"
	  ],
	  "one_cpu": true,
	  "machine": {
	    "host": "bench1",
	    "cpus_online": 2,
	    "virtual": true
	  }
	}
END

for figure in knee cached; do
	ok "$figure is drawn" "$plots/$figure.sh" "$full"
	ok "$figure.svg is well-formed" well_formed "$full/figures/$figure.svg"
	ok "$figure.png is not empty" test -s "$full/figures/$figure.png"
	for variant in thread epoll pth libev libuv; do
		ok "$figure.svg names $variant" contains "$full/figures/$figure.svg" ">$variant<"
	done
	ok "$figure.svg says why libuv is absent" contains "$full/figures/$figure.svg" "trials void"
	ok "$figure.svg says that CPU was not measured" \
		contains "$full/figures/$figure.svg" "n/a: CPU not measured"
	ok "$figure.svg calls three blocks a range" contains "$full/figures/$figure.svg" "range"
	ok "$figure.svg does not call three blocks 95 %" lacks "$full/figures/$figure.svg" "95 %"
	ok "$figure.svg names the machine" contains "$full/figures/$figure.svg" "bench1 · 2 CPUs · virtual machine"
	ok "$figure.svg shows the A/A twin" contains "$full/figures/$figure.svg" "A/A"
	ok "$figure.svg has bold names" contains "$full/figures/$figure.svg" 'font-weight="bold"'
	ok "$figure.svg has a title" lacks "$full/figures/$figure.svg" "Produced by GNUPLOT"
done
data=$full/figures/data/knee.dat
ok "the server that collapses is drawn collapsing" collapses "$data" thread
ok "the healthy server is not" holds "$data" epoll
ok "the overload is drawn" some_point "$data" thread 1 'x > 1.8 * 14000'
ok "void trials are left out" lacks "$data" libuv
ok "flagged trials are marked" some_point "$data" pth 6 'x == 1'
ok "clean trials are not" every_point "$data" epoll 6 'x == 0'
ok "a percentile lost is infinite" some_point "$data" thread 10 'x == "inf"'
ok "a percentile measured is not" some_point "$data" epoll 10 'x != "inf" && x > 0'
ok "CPUs used are between 0.1 and 4" some_point "$data" epoll 13 'x > 0.1 && x < 4'
ok "CPU not measured stays nan" some_point "$data" libev 13 'x == "nan"'
ok "the limit is the experiment's" contains "$full/figures/knee.svg" "capacity at p99 ≤ 5 ms"
ok "a shared CPU forbids claims" contains "$full/figures/knee.svg" "NO CLAIMS"
ok "columns of summary.tsv are found by name" \
	contains "$full/figures/knee.svg" "capacity 17.6k–18.1k/s, unsettled"
ok "the twin's capacity is told" contains "$full/figures/knee.svg" "A/A 17.5k–18k/s"
ok "a client that failed its certificate makes a lower bound" \
	contains "$full/figures/knee.svg" "capacity ≥ 12.7k/s, client-limited"
ok "a variant without trials has a panel" contains "$full/figures/knee.svg" "n/a: no trials"
ok "a server that failed is told" contains "$full/figures/knee.svg" "n/a: the server failed"
ok "who is not of the experiment has none" lacks "$full/figures/knee.svg" ">elsewhere<"
ok "what is left to another suite is told" \
	contains "$full/figures/knee.svg" "12 other variants are left to: duality bench tcp"
ok "the client's own trials have none" lacks "$full/figures/knee.svg" "reflector"
ok "a variant without a summary says so" \
	contains "$full/figures/knee.svg" "capacity n/a: not in summary.tsv"
ok "Pth's limit is on the figure" contains "$full/figures/knee.svg" "about 1,000 connections"

run_make long 7 "epoll event 19000 ok" 1
ok "seven blocks are drawn" "$plots/knee.sh" "$work/long"
ok "seven blocks get an interval" contains "$work/long/figures/knee.svg" "95 % t-interval"
ok "an interval is narrower than the range and not empty" some_point \
	"$work/long/figures/data/knee.dat" epoll 4 'x - $3 > 0'

ok "trials of one nominal load are one point" lines "$work/long/figures/data/knee.dat" 10
# five curves of ten loads, and the marks of the three absent ones
ok "trials of near loads are one point" lines "$data" 53
ok "of two equal loads the one tried more is drawn" "$plots/cached.sh" "$work/long"
ok "and the other mentioned" contains "$work/long/figures/cached.svg" "(2 loads were tried"

run_make "with space" 1 "epoll event 19000 void"
ok "a run of void trials in an odd folder is drawn" "$plots/knee.sh" "$work/with space"
ok "and says so" contains "$work/with space/figures/knee.svg" "n/a: all"

# Where a full set of variants stands: the page grows by rows, and every panel is on it.
run_make many 1 "process process 6000 ok; prefork process 9000 ok; prefork-accept process 9500 ok;
	thread thread 12000 collapse; thread-spawn thread 11500 collapse; pool thread 13000 ok;
	thread-unbounded thread 9000 collapse; pool-accept thread 12800 ok;
	pool-queue thread 11800 flagged; pth user-thread 8000 ok; coroutine user-thread 15000 ok;
	fiber-stealing user-thread 16100 ok; epoll event 19000 ok; epoll@aa event 18700 ok;
	epoll-edge event 19100 ok; epoll-multi event 19200 ok; poll event 9000 ok;
	select event 5000 void; libev event 17000 ok; libuv event 16000 ok; uring event 20000 ok;
	uring-direct event 19800 ok; seda staged 10000 collapse; seda-batching staged 12000 ok;
	amped event 13000 ok; amped-mmap event 13500 flagged; symmetric-amped event 13000 ok;
	nginx reference 22000 ok" 1
many=$work/many
printf 'variant\tfamily\tflags\ntftp\tstaged\tunfit\ntftp@aa\tstaged\tunfit,aa\n' \
	>"$many/summary.tsv"

# $1: the figure: every name stands inside the page, and none upon another.
names_apart()
{
	tr '\n' ' ' <"$1" | sed 's/<svg/\n<svg/; s/<g transform="translate/\n&/g' |
		"$awk" 'match($0, /viewBox="[^"]*"/) { split(substr($0, RSTART + 9), box, /[ "]+/) }
		/font-weight="bold"/ && match($0, /translate\([0-9.]+,[0-9.]+/) {
			split(substr($0, RSTART + 10, RLENGTH - 10), at, ",")
			if (at[1] > box[3] || at[2] > box[4] || (at[1], at[2]) in taken)
				bad = 1
			taken[at[1], at[2]] = 1
			n++
		}
		END { print n " names, page " box[3] " x " box[4]; exit bad || n < 27 }'
}

# $1: the figure, $2: a name, $3: its colour.
painted()
{
	tr '\n' ' ' <"$1" | sed 's/<g transform="translate/\n&/g' |
		grep -F -- ">$2<" | grep -qiF "$3"
}

for figure in knee cached; do
	ok "$figure with 27 variants is drawn" "$plots/$figure.sh" "$many"
	ok "$figure: every name has its place on the page" names_apart "$many/figures/$figure.svg"
	for of in "process rgb(0,0,0)" "thread rgb(0,114,178)" "pool-queue rgb(86,180,233)" \
		"epoll-edge rgb(213,94,0)" "uring rgb(230,159,0)" "coroutine rgb(0,158,115)" \
		"seda rgb(204,121,167)" "symmetric-amped rgb(204,121,167)" \
		"nginx rgb(85,85,85)"; do
		ok "$figure: ${of%% *} wears its family's colour" \
			painted "$many/figures/$figure.svg" "${of%% *}" "${of#* }"
	done
done
ok "a variant that does not serve the request has no panel" \
	lacks "$many/figures/knee.svg" ">tftp<"
ok "but is named" contains "$many/figures/knee.svg" "do not serve the request: tftp."

# One absurd block, and one void trial with a sound repetition: neither moves the median.
mkdir "$work/median"
run_make sound 3 "epoll event 19000 ok"
"$awk" -F'\t' -v OFS='\t' '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
	$c["phase"] != "equal" { print; next }
	$c["block"] == 2 { $c["cpu_us"] = 5e6 }
	$c["block"] == 1 {
		sound = $0
		$c["void"] = "steal"
		$c["flagged"] = 1
		$c["cpu_us"] = 9e6
	}
	{ print }
	END { print sound }' "$work/sound/trials.tsv" >"$work/median/trials.tsv"
ok "a cost with an absurd block is drawn" "$plots/cached.sh" "$work/median"
ok "it is the median's" some_point "$work/median/figures/data/cached.dat" epoll 2 'x < 100'
ok "the range shows the absurd block" \
	some_point "$work/median/figures/data/cached.dat" epoll 4 'x == 5e6'
ok "a trial made up for is not drawn hollow" \
	some_point "$work/median/figures/data/cached.dat" epoll 18 'x == 0'
ok "and told" contains "$work/median/figures/cached.svg" \
	"0 void with no retry left, kept, drawn hollow; 1 others made up for"
run_make nine 9 "epoll event 19000 ok"
ok "nine blocks are drawn by their median" "$plots/cached.sh" "$work/nine"
ok "with its interval" contains "$work/nine/figures/cached.svg" "95 % interval of the median"

mkdir "$work/empty"
ok "a folder without trials is refused" refuses 2 trials.tsv "$plots/knee.sh" "$work/empty"
: >"$work/empty/trials.tsv"
ok "an empty table is a clear error" refuses 1 "no rows" "$plots/knee.sh" "$work/empty"
ok "an unknown experiment is a clear error" refuses 1 "there is:" \
	"$plots/cached.sh" "$full" nothing
ok "no argument is refused" refuses 2 usage "$plots/knee.sh"
echo "1..$tests"
