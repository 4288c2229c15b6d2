#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The program that measures rings: a line for each ring, shape and batch, each with a
# number or a reason.  How fast they are is for a quiet machine.
set -u
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
rings=$build/harness/duality-rings

echo 1..9

timeout 300 "$rings" --rounds 1 --messages 2000 >"$work/out" 2>"$work/err"
report $? "a round, and no message is lost"
# Four shapes of seven batches of four rings between two sides, one within a thread.
lines() # PLACE
{
	awk -F'\t' -v place="$1" '$3 == place && $2 != "wake" && $2 != "elided" && $4 != "-"' \
		"$work/out" | wc -l
}
[ "$(lines thread)" -eq 28 ]
report $? "a line for each thing measured within a thread"
wanted=112
if grep -q "	cores	-	1	ns	nan	no second core" "$work/out"; then wanted=0; fi
[ "$(lines cores)" -eq $wanted ] && [ "$(lines processes)" -eq $wanted ]
report $? "between two cores, be they threads' or processes', or why not"
[ "$(lines smt)" -eq 112 ] || grep -q "	smt	-	1	ns	nan	no second hardware" "$work/out"
report $? "and between hardware threads, or why not"
awk -F'\t' 'NR > 1 && (NF != 8 || ($7 == "nan" ? $8 == "" : $7 < 0 || ($6 == "ns" && $7 == 0))) {
	exit 1 }' "$work/out"
report $? "each has a number, or a reason"
awk -F'\t' '$2 == "elided" && $7 != "nan" && ($7 < 0 || $7 > 1) { exit 1 }' "$work/out"
report $? "shares are shares"

refused() # ARGUMENT...
{
	"$rings" "$@" >"$work/out" 2>"$work/err"
	status=$?
	[ "$status" -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ]
}
refused --cpus 0,0 && refused --cpus 0, && refused --cpus 0,1023
report $? "processors that do not exist, or are there twice, are refused"
refused --rounds 0 && refused --messages 1x && refused more
report $? "so are other arguments"
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
"$rings" --rounds 1 --messages 100 --cpus "$cpu" >"$work/out" 2>"$work/err" &&
	[ "$(lines thread)" -eq 28 ] && [ "$(lines cores)" -eq 0 ]
report $? "one processor is enough for what needs one"
