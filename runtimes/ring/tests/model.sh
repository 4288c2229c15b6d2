#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The model of ring and doorbell: no wake-up is lost, and one is as soon as either fence
# or the second look is left out.
set -u
model=$DUALITY_SOURCE/runtimes/ring/model/doorbell.pml
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0

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
	shift
	spin -a "$@" "$model" >"$work/$name" 2>&1 &&
		$compiler -w -O2 -DSAFETY -o pan pan.c >>"$work/$name" 2>&1 &&
		timeout 120 ./pan -m1000000 >>"$work/$name" 2>&1
}

# verdict STATUS TEXT NAME
verdict()
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		sed 's/^/# /' "$work/$3"
	fi
}

explore whole
grep -q 'errors: 0' "$work/whole" && ! grep -q 'max search depth too small' "$work/whole"
verdict $? "no execution ends with the consumer asleep, or out of order" whole
awk '/states, stored/ && $1 > 10000 { all = 1 } END { exit !all }' "$work/whole"
verdict $? "that was thousands of states" whole
# All that is left unreached is where who drains the buffers would end.
unreached=$(grep -c 'doorbell.pml:[0-9]*, state [0-9]*, "[^-]' "$work/whole")
[ "$unreached" -eq 0 ]
verdict $? "every statement of the model was reached" whole
for left_out in PUT_FENCE REQUEST_FENCE RECHECK; do
	explore $left_out -DWITHOUT_$left_out
	grep -q 'invalid end state' "$work/$left_out"
	verdict $? "without $left_out a wake-up is lost" $left_out
done
