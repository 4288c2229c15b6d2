#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# own.sh - does the student's check.o pass two packages that are right, and fail the one that
# the test own-NAME names?  The packages are made here, check.o comes from the student.  LAB-SECRET
set -eu
mutant=${LAB_TEST#own-}
machine=$("${CC:-cc}" -dumpmachine | cut -d- -f1)

# tree_run NAME WORDS...: its status in the box; lab-tree WORDS makes the tree.
tree_run()
{
	tree=$LAB_SCRATCH/$1
	shift
	"$LAB_ENGINE/lab-tree" "$@" "$tree" >&2
	if ! "${CC:-cc}" -std=c11 -O2 -g -D_GNU_SOURCE -I"$tree" -I"$tree/given" \
		-o "$tree/check" check.o "$tree/thread.c" "$tree/given/base.c" \
		"$tree/switch-$machine.S" -lm 2>"$tree/log"; then
		echo "Your check.o does not link with the package: it needs context.h, thread.h"
		echo "and base.h, and nothing else."
		exit 1
	fi
	"$LAB_ENGINE/lab-box" --idle-s 10 --report "$tree/end" --read "$tree" \
		-- "$tree/check" </dev/null >/dev/null 2>&1 || :
	end=$(cat "$tree/end")
	case $end in
	'limit wall' | error*)
		echo "own: $end" >&2
		exit 2 ;;
	esac
}

if [ ! -f check.o ]; then
	echo "There is no check.o: \`make\` could not compile check.c, and says why."
	exit 1
fi
for right in reference alternative; do
	tree_run "$right" "$right"
	if [ "$end" != 'exit 0' ]; then
		echo "Your check.c is not content with a package that is right ($end):"
		echo "it must not ask for more than context.h, thread.h and base.h promise."
		exit 1
	fi
done
tree_run mutant mutant "$mutant"
if [ "$end" = 'exit 0' ]; then
	echo "Your check.c is content with a package that is wrong in one way."
	exit 1
fi
echo "Your check.c found it."
