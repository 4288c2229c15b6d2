#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# LAB-SECRET own.script has to pass on the reference, and to fail on the mutants of this test's
# name.  A script is data: the judge plays it, and what is built here is ours.
case $LAB_TEST in
own-path) mutants='reopen-by-path offset-lost' ;;
own-number) mutants='same-number stale-handle' ;;
own-close) mutants='close-not-told private-table' ;;
own-leak) mutants='letters-kept handle-lost' ;;
own-race) mutants='table-race' ;;
*) exit 3 ;;
esac

# tree WHAT...: makes it in the scratch folder and builds it there.
tree() {
	"$LAB_ENGINE/lab-tree" "$@" "$LAB_SCRATCH/tree" &&
		make -C "$LAB_SCRATCH/tree" -s carriers >&2 || exit 3
}

# play FILE: the judge's verdict on own.script, its words into FILE.
play() {
	"$LAB_ENGINE/lab-files" --program "$LAB_SCRATCH/tree/carriers" own.script >"$1" 2>&1
	status=$?
	rm -rf "$LAB_SCRATCH/tree"
	test $status -le 2 || { cat "$1"; exit $status; }
}

tree reference
play "$LAB_SCRATCH/reference.out"
if test $status -ne 0; then
	echo "own.script does not pass where nothing is wrong:"
	cat "$LAB_SCRATCH/reference.out"
	exit 1
fi
survived=0
for mutant in $mutants; do
	tree mutant "$mutant"
	play "$LAB_SCRATCH/$mutant.out"
	if test $status -eq 0; then
		echo "$mutant: own.script does not find it"
		survived=1
	fi
done
exit $survived
