#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-full.sh - experiments of kind full on made-up variants: a closed loop beside numbers of
# idle connections, the tables that come of it, and the trials at twice the peak.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady few
ln -s "$DUALITY_BUILD/harness/tests/fake" fake
# even tells what it was given.
cat >servers/even <<END
#!/bin/sh
if [ "\$1" != --about ]; then echo "\$@" >>$here/told; fi
exec $here/even "\$@"
END
ln -s fake even
chmod +x servers/even

cat >idle.conf <<-END
	[experiment]
	summary = made up
	kind = full
	request = /
	connections = 4
	idles = 0 20 40
	keep_least = 0.01
	limit_us = 1000000
	warmup_s = 0.05
	window_s = 0.2
	window_most_s = 0.2
	drain_s = 0.1
	certificate = yes
	budget_s = 60
END
sed -e 's/^idles.*/split = yes/' -e '/^keep_least/d' idle.conf >switches.conf
cat >>switches.conf <<-END
	variants = steady even
	pairs = steady:even even:nobody even:steady
	published = someone saw 6 of them
END
suite_begin 2 even >tiny.suite
cat >>tiny.suite <<-END
	[switches]
	[idle]
END
bench ./tiny.suite --out run >out 2>err
check "the run ends well" [ $? -eq 0 ]
rows=run/trials.tsv

# tried EXPERIMENT PHASE VARIANT IDLE: how many trials; beside those that are void, as the client was
# away, and tried again.
tried() {
	awk -F'\t' -v e="$1" -v p="$2" -v v="$3" -v idle="$4" '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$2 == e && $3 == p && $5 == v && $c["idle"] == idle && $c["void"] == "0" { n++ }
		END { print n + 0 }' $rows
}
for idle in 0 20 40; do
	check "each block has a trial beside $idle" [ "$(tried idle full steady $idle)" -eq 2 ]
	check "the twin too" [ "$(tried idle full even@aa $idle)" -eq 2 ]
done
check "who has no room for them is tried alone only" [ "$(tried idle full few 0)" -eq 2 ]
check "and not beside them" [ "$(tried idle full few 20)" -eq 0 ]
check "who is not on the list has no part" [ "$(tried switches full few 0)" -eq 0 ]
check "switches are counted apart once" [ "$(tried switches split steady 0)" -eq 1 ]
check "the client's ceiling is tried in each block" [ "$(awk -F'\t' '
	$2 == "idle" && $5 == "reflector" { print $3, $4 }' $rows | sort | tr '\n' ,)" = \
	"certificate 1,certificate 2," ]
check "all idle connections were held" [ "$(awk -F'\t' '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$c["idle"] > 0 && $c["idle"] != $c["idle_alive"]' $rows | wc -l)" -eq 0 ]
# 40 idle, 4 active, 64 to spare; beside none the same, so that memory compares.
check "servers are given room" [ "$(grep -c -e '--max-connections 108 ' told)" -ge 12 ]
check "and none where nothing is idle" [ "$(grep -v -c -e '--max-connections' told)" -ge 4 ]

# cell FILE KEY... COLUMN: where the row begins with these keys.
cell() {
	awk -F'\t' -v e="$2" -v v="$3" -v idle="$4" -v name="$5" '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["experiment"] == e && $2 == v && (idle == "" || $c["idle"] == idle) {
			print $c[name]
			exit
		}' "$1"
}
is_positive() {
	awk -v x="$1" 'BEGIN { exit !(x ~ /^[0-9.e+-]+$/ && x > 0) }'
}
check "the rate alone is in full.tsv" is_positive "$(cell run/full.tsv idle steady 0 good_rps)"
check "alone all is kept" [ "$(cell run/full.tsv idle steady 0 kept)" = 1 ]
check "beside 40 some share is" is_positive "$(cell run/full.tsv idle steady 40 kept)"
check "it held all of them" [ "$(cell run/full.tsv idle steady 40 held)" = 40 ]
check "over two blocks" [ "$(cell run/full.tsv idle steady 40 blocks)" = 2 ]
check "memory alone compares with nothing" [ "$(cell run/full.tsv idle steady 0 grown_kib)" = nan ]
check "what nobody counts is nan" [ "$(cell run/full.tsv switches steady 0 crossings)" = nan ]
is_limit() {
	case $1 in server | client | both | neither | mixed) ;; *) return 1 ;; esac
}
check "its limit is judged" is_limit "$(cell run/full.tsv idle steady 0 limit)"
# Two pairs and A/A, four quantities.
check "pairs of those that are there" [ "$(wc -l <run/full-pairs.tsv)" -eq 13 ]
check "where nobody judges there is no verdict" \
	[ "$(awk -F'\t' '$4 == "rate" || $4 == "per_cpu_s" { print $NF }' run/full-pairs.tsv | sort -u)" = - ]
check "the table has the published value" grep -q '^published: someone saw 6 of them$' out
check "and the pair" grep -q '^steady / even: ' out
check "and who meets the goal" \
	grep -q '^beside 40 idle, at least 1 % of the rate:.* steady' out
check "and room for no more than it holds is n/a" \
	grep -q -E '^few .* n/a +n/a +([0-9.]+|n/a) > +n/a +n/a$' out
check "CPU per request stands beside" grep -q -E '^steady .* ([0-9.]+|n/a) > +([0-9.]+|n/a) ' out
check "no process stayed behind" all_gone

# Killed after a trial, the run goes on with the next.  The reflector may be tried once or twice.
trials_full() {
	awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$3 == "full" && $c["void"] == "0" { n++ }
		END { print n + 0 }' "$1"
}
cut_rows() {
	mkdir half && cp run/manifest.json half && head -n 9 run/trials.tsv >half/trials.tsv
	bench ./tiny.suite --resume half >out 2>err &&
		[ "$(head -n 9 half/trials.tsv)" = "$(head -n 9 $rows)" ] &&
		[ "$(trials_full half/trials.tsv)" -eq "$(trials_full $rows)" ]
}
check "a run that was cut is taken up" cut_rows

# Where descriptors are few there are fewer idle connections, and a note.
# shellcheck disable=SC3045 # all shells have it
(ulimit -n 400 && bench ./tiny.suite --out less >out 2>err)
check "few descriptors are no failure" [ $? -eq 0 ]
check "of so few none are left out" [ "$(grep -c 'as the descriptor limit is' out)" -eq 1 ]
sed -i 's/^idles.*/idles = 0 20 40000000/' idle.conf
bench ./tiny.suite --out more >out 2>err
check "an impossible number is refused" [ $? -eq 2 ]
sed -i 's/^idles.*/idles =/' idle.conf
bench ./tiny.suite --out more >out 2>err
check "and so is none" grep -q 'idle.*idles is empty' err

# Twice the peak: what is kept, beside the policy declared.
cat >overload.conf <<-END
	[experiment]
	kind = knee
	request = /
	limit_us = 1000000
	session_requests = 1
	think_us = 0
	reconnect = 1
	connections = 4
END
suite_begin 2 none >over.suite
cat >>over.suite <<-END
	[overload]
	budget_s = 100
	warmup_s = 0.05
	window_s = 0.1
	window_most_s = 0.1
	drain_s = 0.1
	probe_s = 0.1
	ladder_points = 2
	ladder_again = 2
	ladder_high = 4
	overload = 2
	overload_window_s = 30
	overload_blocks = 3
	bracket_trials = 0
END
# A made-up load generator, so that a busy machine changes nothing: a closed loop gets 1,000 replies a
# second, who sends more than that 800, and in the long windows of overloads 600.
mkdir programs
DUALITY_LIBEXEC=$here/programs
cat >programs/duality-load <<'END'
#!/bin/sh
rps=1000
while [ $# -gt 0 ]; do
	case $1 in
	--rate) rps=$2 ;;
	--duration) window_s=$2 ;;
	--json) json=$2 ;;
	esac
	shift
done
echo start 1 >&3
sleep 0.1
echo end 2 >&3
awk -v rps="$rps" -v window_s="$window_s" 'BEGIN {
	answered_rps = rps <= 1000 ? rps : window_s > 1 ? 600 : 800
	p99_us = rps > 1000 ? 5e6 : 1e3
	printf "{\"window_s\": %g, \"planned\": %d, ", window_s, rps * window_s
	printf "\"good\": %d, \"lost\": %d, ", answered_rps * window_s, (rps - answered_rps) * window_s
	printf "\"timely\": %d, \"offered_rps\": %g, ", answered_rps * window_s, rps
	printf "\"sent_rps\": %g, \"bad_status\": 0, \"bad_body\": 0, \"resets\": 0, ", rps
	printf "\"errors\": 0, \"timeouts\": 0, \"refused\": 0, \"no_connection\": 0, "
	printf "\"achieved_rps\": %g, \"goodput_rps\": %g, ", answered_rps, answered_rps
	printf "\"latency\": {\"p99\": %g}, \"service\": {\"p99\": %g}, ", p99_us, p99_us
	print "\"client\": {\"largest_gap_us\": 100, \"late_share\": 0}}"
}' >"$json"
echo 'done 3' >&3
END
chmod +x programs/duality-load
bench ./over.suite --variants steady --out over >out 2>err
check "a run without a bracket ends well" [ $? -eq 0 ]
check "overload.tsv has what is declared" \
	[ "$(awk -F'\t' '$1 == "steady" { print $3 }' over/overload.tsv)" = 503 ]
# over COLUMN: of the one variant.
over() {
	column "$1" <over/overload.tsv
}
check "and what is kept" [ "$(over kept)" = 0.75 ]
check "a trial in each block" [ "$(over blocks)" = 2 ]
check "as many rows" [ "$(where phase overload <over/trials.tsv)" -eq 2 ]
check "the best rung is tried three times" [ "$(awk -F'\t' '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$3 == "ladder" { n[$c["load_rps"]]++; most = n[$c["load_rps"]] > most ? n[$c["load_rps"]] : most; all++ }
	END { print all, most }' over/trials.tsv)" = "4 3" ]
check "and said so" grep -q 'the best rung of the ladder (median of 3 trials)' out
check "all at the same load" [ "$(awk -F'\t' '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$3 == "overload" { print $c["load_rps"] }' over/trials.tsv | sort -u | wc -l)" -eq 1 ]
# The median of two lies between them, and the range is over them.
check "the range is over the blocks" awk -v mid="$(over kept)" -v low="$(over kept_low)" \
	-v high="$(over kept_high)" 'BEGIN { exit !(low > 0 && low <= mid && mid <= high) }'
check "the table has all of it" \
	grep -q -E '^steady +[0-9.]+[ !] +[0-9]+ % \([0-9]+-[0-9]+\) .* declares 503 +saw ' out
check "what was sent is told" is_positive "$(over sent_of_peak)"
check "and what was answered, late or not" is_positive "$(over answered)"

sed -i 's/^budget_s.*/budget_s = 60/' over.suite
bench ./over.suite --variants steady --out short >out 2>err
check "too little time: one block" [ "$(where phase overload <short/trials.tsv)" -eq 1 ]
check "and a note" grep -q 'overloads in 1 of 2 blocks, to fit 60 s' out
check "that the best rung is not tried again is one, too" \
	grep -q 'the best rung 0 times more instead of 2, to fit 60 s' out
check "one block has no range" grep -q -E '^steady +[0-9.]+[ !] +[0-9]+ % +[0-9]+ % ' out
plan_end
