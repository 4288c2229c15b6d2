#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# instructions.sh - that no step's work grows with the number of fibers: callgrind counts
# the instructions of creating, switching, waking and arming a timer beside 10 fibers and
# beside 10,000.  Counts, unlike times, come out the same on a busy machine.
program=${DUALITY_BUILD:?}/harness/micro-fiber
few=10
many=10000

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

command -v valgrind >/dev/null || skip "valgrind was not found (Debian: valgrind)"
[ -x "$program" ] || skip "there are no fibers on this machine"
work=$(mktemp -d "${TMPDIR:-/tmp}/duality-test-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
# Valgrind gives up at debugging information that is newer than itself.
strip -g -o "$work/program" "$program" && program=$work/program
valgrind --tool=none "$program" --list >"$work/out" 2>"$work/err" ||
	skip "valgrind cannot run it: $(grep -v '^--' "$work/err" | tail -n 2 | head -n 1)"

# Instructions of the whole program, doing $2 loops of $1; nothing where it failed.
counted() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --loops "$2" "$1" \
		>"$work/out" 2>"$work/err" || return 1
	sed -n 's/.*Collected : *//p' "$work/err" | tail -n 1
}

# Instructions that each of a further $2 loops of $1 takes: what comes before and after
# them is in both counts.
each() {
	less=$(counted "$1" "$2") && more=$(counted "$1" $(($2 * 2))) &&
		awk -v less="$less" -v more="$more" -v n="$2" 'BEGIN { print (more - less) / n }'
}

count=0
# step NAME CASE LOOPS_FEW LOOPS_MANY OPERATIONS_FEW OPERATIONS_MANY (a loop's)
step() {
	count=$((count + 1))
	at_few=$(each "$2@$few" "$3")
	at_many=$(each "$2@$many" "$4")
	if awk -v few="$at_few" -v many="$at_many" -v a="$5" -v b="$6" 'BEGIN {
		if (few + 0 <= 0 || many + 0 <= 0) exit 1
		few /= a; many /= b
		printf "# %.1f instructions beside the few, %.1f beside the many\n", few, many
		exit !(many <= 1.1 * few) }'; then
		echo "ok $count - $1: no more beside $many fibers than beside $few"
	else
		echo "not ok $count - $1: no more beside $many fibers than beside $few"
		sed -e '/^--/d' -e 's/^/# /' "$work/err" | tail -n 5 # "--": calls it does not know
	fi
}

step "spawn and join" create 1000 1000 1 1
step switch switch 1000 2 $few $many
step "block and wake" wake 1000 1000 2 2
step "a timer armed and cancelled" timer 1000 1000 2 2
echo "1..$count"
