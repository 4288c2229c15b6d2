#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-starved.sh - a trial without any reply: void, and not kept, where the load generator was
# held up; the server's own failure where it was not.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
suite_equal 1 0.3 200
sed -i 's/^void_gap.*/void_gap = 0.5/' tiny.suite

# A made-up load generator, so that no other trial is starved: it got no reply, and its longest pause
# was of so many us; after as many runs as $here/silent says it got them all.
DUALITY_LIBEXEC=$here/libexec
mkdir "$DUALITY_LIBEXEC"
cat >"$DUALITY_LIBEXEC/duality-load" <<END
#!/bin/sh
read -r left pause_us <"$here/silent"
while [ "\$1" != --json ]; do shift; done
# Of some ticks: a window of none could be stolen several times over.
echo start 1 >&3
sleep 0.2
echo end 2 >&3
if [ "\$left" -gt 0 ]; then
	echo "\$((left - 1)) \$pause_us" >"$here/silent"
	good=0 rps=0 p99_us=null
else
	good=60 rps=200 p99_us=400 pause_us=100
fi
cat >"\$2" <<-JSON
	{"window_s": 0.3, "planned": 60, "good": \$good, "lost": \$((60 - good)), "sent_rps": 200,
	"achieved_rps": \$rps, "goodput_rps": \$rps, "latency": {"p99": \$p99_us},
	"service": {"p99": \$p99_us},
	"client": {"largest_gap_us": \$pause_us, "late_share": \$((good == 0))}}
JSON
echo 'done 3' >&3
[ "\$good" -gt 0 ]
END
chmod +x "$DUALITY_LIBEXEC/duality-load"

echo 1 200000 >silent
bench ./tiny.suite --out once >out 2>err
check "starved once: status 0" [ $? -eq 0 ]
check "it was tried again" [ "$(column attempt <once/trials.tsv | tr '\n' ' ')" = "1 2 " ]
check "the first is void, with its cause" \
	[ "$(column void <once/trials.tsv | tr '\n' ' ')" = "client-gap 0 " ]
check "and says that nothing was answered" \
	[ "$(where note 'no reply came in the window' <once/trials.tsv)" -eq 1 ]
check "the table counts and names it" grep -q '^1 of 2 trials void: client-gap 1' out

echo 100 200000 >silent
bench ./tiny.suite --out always >out 2>err
check "starved always: status 1" [ $? -eq 1 ]
check "every trial is void" [ "$(column void <always/trials.tsv | sort -u)" = client-gap ]
check "there was another try at the end" \
	[ "$(column attempt <always/trials.tsv | tail -n 1)" -eq 4 ]
check "none is kept, as there is nothing to keep" \
	[ "$(column flagged <always/trials.tsv | sort -u)" = 0 ]
check "none has a verdict" [ "$(column pass <always/trials.tsv | sort -u)" = nan ]
check "no number in the table" grep -q -E '^steady( +n/a){5}$' out

echo 100 100 >silent
bench ./tiny.suite --out mute >out 2>err
check "a server that is silent: status 1" [ $? -eq 1 ]
check "its trial counts" [ "$(column void <mute/trials.tsv)" = 0 ]
check "as one that failed" [ "$(column pass <mute/trials.tsv)" = 0 ]
check "no process stayed behind" all_gone
plan_end
