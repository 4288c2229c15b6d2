#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# plots.sh - draws the figures of made-up runs whose curves are known (synthetic.awk) and
# checks what was drawn: the files, the words in them, and the numbers the pictures show.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's

set -u
plots=$DUALITY_SOURCE/plots
awk=${AWK:-awk}
gnuplot=${GNUPLOT:-gnuplot}
if ! command -v "$gnuplot" >/dev/null; then
	echo "1..0 # SKIP $gnuplot was not found"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
tests=0

# $1: what is claimed; the rest: a command that must succeed.
ok()
{
	tests=$((tests + 1))
	claim=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok $tests - $claim"
	else
		echo "not ok $tests - $claim"
		sed 's/^/# /' "$work/out"
	fi
}

# $1: the folder; $2: blocks; $3: the variants; $4: 1 with the nominal load.
run_make()
{
	mkdir -p "$work/$1"
	"$awk" -f "$plots/tests/synthetic.awk" -v BLOCKS="$2" -v LIST="$3" \
		-v NOMINAL="${4-}" >"$work/$1/trials.tsv"
}

well_formed()
{
	if command -v xmllint >/dev/null; then
		xmllint --noout "$1"
	else
		head -c 5 "$1" | grep -q '<?xml' && tail -n 2 "$1" | grep -q '</svg>'
	fi
}

contains()
{
	grep -qF -- "$2" "$1" || {
		echo "no \"$2\" in $1"
		return 1
	}
}

lacks()
{
	! contains "$1" "$2" >/dev/null
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

# The exit status $1 is what the rest gives, with a line on standard error that has $2.
refuses()
{
	wanted=$1
	word=$2
	shift 2
	"$@" 2>"$work/refusal"
	[ $? -eq "$wanted" ] && contains "$work/refusal" "$word" &&
		[ "$(wc -l <"$work/refusal")" -eq 1 ]
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
	  "one_cpu": true,
	  "machine": {
	    "host": "bench1",
	    "cpus_online": 2
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
	ok "$figure.svg names the machine" contains "$full/figures/$figure.svg" "bench1 · 2 CPUs"
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

mkdir "$work/empty"
ok "a folder without trials is refused" refuses 2 trials.tsv "$plots/knee.sh" "$work/empty"
: >"$work/empty/trials.tsv"
ok "an empty table is a clear error" refuses 1 "no rows" "$plots/knee.sh" "$work/empty"
ok "an unknown experiment is a clear error" refuses 1 "there is:" \
	"$plots/cached.sh" "$full" nothing
ok "no argument is refused" refuses 2 usage "$plots/knee.sh"
echo "1..$tests"
