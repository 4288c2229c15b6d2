#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The program that measures rings: a line for each ring, shape and batch, each with a
# number or a reason.  How fast they are is for a quiet machine.
set -u
rings=$DUALITY_BUILD/runtimes/ring/bench/rings
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0

if [ "$(nproc)" -lt 2 ]; then
	echo "1..0 # SKIP two processors are needed, there is one"
	exit 0
fi
echo 1..6

verdict() # STATUS TEXT
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		sed 's/^/# /' "$work/out" "$work/error"
	fi
}

timeout 300 "$rings" --rounds 1 --messages 2000 >"$work/out" 2>"$work/error"
verdict $? "a round, and no message is lost"
# Four shapes of six batches of four rings, two ways to wake, six shares.
[ "$(wc -l <"$work/out")" -eq 104 ]
verdict $? "a line for each thing measured"
awk -F'\t' 'NF != 7 || ($6 == "nan" ? $7 == "" : $6 < 0 || ($5 == "ns" && $6 == 0)) {
	exit 1 }' "$work/out"
verdict $? "each has a number, or a reason"
awk -F'\t' '$2 == "elided" && ($6 < 0 || $6 > 1) { exit 1 }' "$work/out"
verdict $? "shares are shares"

refused() # ARGUMENT...
{
	"$rings" "$@" >"$work/out" 2>"$work/error"
	status=$?
	[ "$status" -eq 2 ] && [ "$(wc -l <"$work/error")" -eq 1 ]
}
refused --cpus 0,0 && refused --cpus 0 && refused --cpus 0,1023
verdict $? "processors that do not exist, or are one, are refused"
refused --rounds 0 && refused --messages 1x && refused more
verdict $? "so are other arguments"
