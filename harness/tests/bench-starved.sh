#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-starved.sh - a trial without any reply: void, and not kept, where the load generator was
# held up; the server's own failure where it was not.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
suite_equal 1 0.3 200
sed -i 's/^void_gap.*/void_gap = 0.5/' tiny.suite

# A load generator that got no reply, and whose longest pause was of so many us; after as many
# runs as $here/silent says, the real one.
DUALITY_LIBEXEC=$here/libexec
mkdir "$DUALITY_LIBEXEC"
cat >"$DUALITY_LIBEXEC/duality-load" <<END
#!/bin/sh
read -r left pause_us <"$here/silent"
[ "\$left" -gt 0 ] || exec "$DUALITY_BUILD/harness/duality-load" "\$@"
echo "\$((left - 1)) \$pause_us" >"$here/silent"
while [ "\$1" != --json ]; do shift; done
printf 'start 1\nend 2\n' >&3
cat >"\$2" <<-JSON
	{"window_s": 0.3, "planned": 60, "good": 0, "lost": 60, "sent_rps": 200,
	"achieved_rps": 0, "goodput_rps": 0, "latency": {"p99": null},
	"service": {"p99": null},
	"client": {"largest_gap_us": \$pause_us, "late_share": 1}}
JSON
echo 'done 3' >&3
exit 1
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
