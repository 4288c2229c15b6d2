#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# uring-refused.sh - where the kernel refuses io_uring, list, doctor and bench say who cannot run,
# and why.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
without=$DUALITY_BUILD/harness/tests/without-uring
"$without" true
if [ $? -eq 77 ]; then
	echo "1..0 # SKIP no seccomp filter can be set"
	exit 0
fi
# A variant that says it needs liburing, beside one that does not.
servers steady
cat >servers/ringed <<END
#!/bin/sh
if [ "\$1" = --about ]; then
	echo '[{"name": "ringed", "args": [], "family": "event", "style": "event", "summary": "by a ring", "needs": ["liburing"]},
	{"name": "plain", "args": [], "family": "event", "style": "event", "summary": "without", "needs": []}]'
	exit
fi
exec $here/servers/steady "\$@"
END
chmod +x servers/ringed
list() {
	"$DUALITY_BUILD/harness/duality-list" --servers servers "$@"
}
refused='io_uring is refused: Operation not permitted, as by a policy (seccomp)'
if [ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" -gt 0 ]; then
	refused='io_uring is refused: sysctl kernel.io_uring_disabled is'
fi

"$without" "$DUALITY_BUILD/harness/duality-list" --servers servers >out 2>err
check "list is no finding then" [ $? -eq 0 ]
check "who needs it is missing, and why" grep -q "^ringed  *missing: $refused" out
check "the other of the same program is there" grep -q '^plain  *event ' out
check "so are others" grep -q '^steady ' out
"$without" "$DUALITY_BUILD/harness/duality-list" --servers servers --json >out 2>err
check "--json tells it too" grep -q "\"reason\": \"$refused" out
if list --json 2>err | grep -q '"reason"'; then
	check "where a ring can be made # SKIP none can here" true
else
	list >out 2>err
	check "where a ring can be made it is there" grep -q '^ringed  *event ' out
fi
"$without" "$DUALITY_BUILD/harness/duality-doctor" >out 2>err
check "doctor says who refuses it" grep -q "^missing  io_uring  *$refused" out

suite_equal 1 0.1 100
bench_without() {
	"$without" "$DUALITY_BUILD/harness/duality-bench" --servers servers "$@"
}
bench_without ./tiny.suite --out all >out 2>err
check "bench runs the others" [ "$(where variant plain <all/trials.tsv)" -gt 0 ]
check "leaves it out" [ "$(where variant ringed <all/trials.tsv)" -eq 0 ]
check "and says why" grep -q "^note: ringed is left out: $refused" out
sed -i 's/^aa = none/aa = none\nvariants = steady ringed/' tiny.suite
bench_without ./tiny.suite --out listed >out 2>err
check "a list of a suite says so too" grep -q "^note: ringed is not here: $refused" out
bench_without ./tiny.suite --variants ringed --out named >out 2>err
check "who is named by the user is refused" [ $? -eq 2 ]
check "with the reason" grep -q "ringed: $refused" err
plan_end
