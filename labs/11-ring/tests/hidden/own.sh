#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# own.sh - are the student's check-ring and check-wake content with two solutions that are
# right, and does one of them find what is wrong with the mutant that the test own-NAME names?
# LAB-SECRET
set -u
mutant=${LAB_TEST#own-}

# tree_make NAME WORDS...: lab-tree WORDS, and its objects.
tree_make()
{
	tree=$LAB_SCRATCH/$1
	shift
	"$LAB_ENGINE/lab-tree" "$@" "$tree" >&2 || exit 2
	for file in ring doorbell given/bell-weave; do
		"$LAB_ENGINE/weave-cc" -c -o "$tree/$file.o" "$tree/$file.c" -I"$tree" ||
			exit 2
	done
}

# tree_run CHECK: its status with that tree's objects.
tree_run()
{
	if ! "$LAB_ENGINE/weave-cc" -o "$tree/$1" "$1.weave.o" "$tree/ring.o" \
		"$tree/doorbell.o" "$tree/given/bell-weave.o" 2>/dev/null; then
		echo "Your $1.c does not link with ring.c and doorbell.c: it must need nothing else."
		exit 1
	fi
	"$LAB_ENGINE/lab-weave" --states 500000 "$tree/$1" >"$LAB_SCRATCH/out" 2>/dev/null
	status=$?
	[ $status -le 2 ] || exit 2
}

for check in check-ring check-wake; do
	[ -f $check.weave.o ] && continue
	echo "There is no $check.weave.o: \`make\` could not compile $check.c, and says why."
	exit 1
done
for right in reference alternative; do
	tree_make $right $right
	for check in check-ring check-wake; do
		tree_run $check
		[ $status -eq 0 ] && continue
		echo "Your $check.c is not content with a solution that is right:"
		grep -v '^replay:' "$LAB_SCRATCH/out"
		exit 1
	done
done
tree_make mutant mutant "$mutant"
for check in check-ring check-wake; do
	tree_run $check
	[ $status -eq 0 ] && continue
	echo "Your $check.c found it."
	exit 0
done
echo "Your checks are content with a solution that is wrong in one way."
exit 1
