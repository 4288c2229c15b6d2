#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# On a processor that reorders more than x86 does: are the instructions there that order
# what ring and doorbell say is ordered?  Shown of the code for 64-bit Arm (Arm
# Architecture Reference Manual, B2.3: LDAR, STLR, DMB ISH), not run.
set -u
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0
cross=aarch64-linux-gnu

for tool in gcc objdump; do
	if ! command -v $cross-$tool >/dev/null; then
		echo "1..0 # SKIP $cross-$tool is not here"
		exit 0
	fi
done
echo 1..6

compile() # SOURCE
{
	$cross-gcc -std=c11 -D_GNU_SOURCE -O2 -march=armv8-a -I"$DUALITY_BUILD" \
		-I"$DUALITY_SOURCE" -c -o "$work/object" "$DUALITY_SOURCE/runtimes/ring/$1" &&
		$cross-objdump -d --no-show-raw-insn "$work/object" >"$work/dump"
}

# has FUNCTION INSTRUCTIONS: these, with commas between, are in it in this order.
has()
{
	number=$((number + 1))
	awk -v label="<$1>:" '
		$2 == label { inside = 1; next }
		NF == 0 { inside = 0 }
		inside { $1 = ""; print }' "$work/dump" >"$work/body"
	if awk -v wanted="$2" '
		BEGIN { n = split(wanted, want, ","); at = 1 }
		at <= n && index($0 " ", " " want[at] " ") { at++ }
		END { exit at <= n }' "$work/body"; then
		echo "ok $number - $1: $2"
	else
		echo "not ok $number - $1: $2"
		sed 's/^/# /' "$work/body"
	fi
}

compile tests/barriers.c
has barrier_put ldar
has barrier_put stlr
has barrier_get ldar
has barrier_get stlr
compile doorbell.c
has doorbell_request "str,dmb ish"
has doorbell_answer "dmb ish,ldr"
