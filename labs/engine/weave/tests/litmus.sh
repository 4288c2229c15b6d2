#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The outcomes of small programs that are known for each model of memory: those that must be
# there, and those that must not.
set -u
# shellcheck source=head.sh
. "$DUALITY_SOURCE/labs/engine/weave/tests/head.sh"
program_make litmus

# outcome NAME MODEL yes|no OUTCOME: can it end so?
outcome()
{
	"$engine/lab-weave" --model "$2" --outcomes "$program" "$1" >"$work/out" 2>&1
	status=$?
	found=no
	grep -qx "  $4" "$work/out" && found=yes
	[ $status -eq 0 ] && [ $found = "$3" ]
	report $? "$1 under $2: $4: $3"
}

# outcomes NAME N OUTCOME: N of them under each model, this one among them.
outcomes()
{
	"$engine/lab-weave" --outcomes "$program" "$1" >"$work/out" 2>&1 &&
		[ "$(grep -c '^  ' "$work/out")" -eq $((3 * $2)) ] &&
		[ "$(grep -cx "  $3" "$work/out")" -eq 3 ]
	report $? "$1: $2 outcomes under each model, as $3"
}

echo 1..68
while read -r name outcome sc tso ra; do
	outcome "$name" sc "$sc" "$(echo "$outcome" | tr , ' ')"
	outcome "$name" tso "$tso" "$(echo "$outcome" | tr , ' ')"
	outcome "$name" ra "$ra" "$(echo "$outcome" | tr , ' ')"
done <<TABLE
SB a=0,b=0 no yes yes
SB a=1,b=1 yes yes yes
SB+rel+acq a=0,b=0 no yes yes
SB+fences a=0,b=0 no no no
SB+fence a=0,b=0 no yes yes
SB+sc a=0,b=0 no no no
SB+sc+acq a=0,b=0 no no yes
MP a=1,b=0 no no yes
MP+rel+acq a=1,b=0 no no no
MP+rel+rlx a=1,b=0 no no yes
MP+rlx+acq a=1,b=0 no no yes
MP+fences a=1,b=0 no no no
MP+fence a=1,b=0 no no yes
LB a=1,b=1 no no no
IRIW a=1,b=0,c=1,d=0 no no yes
IRIW+sc a=1,b=0,c=1,d=0 no no no
CoRR a=1,b=0 no no no
2+2W a=1,b=1 no no yes
WRC a=1,b=1,c=0 no no yes
WRC+rel+acq a=1,b=1,c=0 no no no
sequence a=2,b=0 no no no
TABLE
outcome IRIW tso yes "a=1 b=1 c=1 d=0"
outcomes add 1 "a=2"
outcomes swap 2 "a=1 b=0"
outcomes kinds 1 "a=254 b=65536 c=8 d=5 e=4"
outcomes pause 1 "a=1"
