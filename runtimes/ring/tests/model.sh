#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The model of ring and doorbell: no wake-up is lost, and one is as soon as either fence
# or the second look is left out.
set -u
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
model=$DUALITY_SOURCE/runtimes/ring/model/doorbell.pml

compiler=
for name in cc gcc clang; do
	! command -v $name >/dev/null || compiler=${compiler:-$name}
done
if ! command -v spin >/dev/null || [ -z "$compiler" ]; then
	echo "1..0 # SKIP spin, or a C compiler for what it writes, is not here"
	exit 0
fi
cd "$work" || exit 99
echo 1..6

# explore NAME [-D...]: all executions; the verdict is in $work/NAME.
explore()
{
	name=$1
	shown=$name
	shift
	spin -a "$@" "$model" >"$work/$name" 2>&1 &&
		$compiler -w -O2 -DSAFETY -o pan pan.c >>"$work/$name" 2>&1 &&
		timeout 120 ./pan -m1000000 >>"$work/$name" 2>&1
}

explore whole
grep -q 'errors: 0' "$work/whole" && ! grep -q 'max search depth too small' "$work/whole"
report $? "no execution ends with the consumer asleep, or out of order"
awk '/states, stored/ && $1 > 10000 { all = 1 } END { exit !all }' "$work/whole"
report $? "that was thousands of states"
# All that is left unreached is where who drains the buffers would end.
unreached=$(grep -c 'doorbell.pml:[0-9]*, state [0-9]*, "[^-]' "$work/whole")
[ "$unreached" -eq 0 ]
report $? "every statement of the model was reached"
for left_out in PUT_FENCE REQUEST_FENCE RECHECK; do
	explore $left_out -DWITHOUT_$left_out
	grep -q 'invalid end state' "$work/$left_out"
	report $? "without $left_out a wake-up is lost"
done
