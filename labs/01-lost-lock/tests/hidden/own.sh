#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# own.sh - LAB-SECRET: the student's check.c against the bank that is right, which must pass, and
# against one with a fault, which must fail; the test's name says which.
# shellcheck source=../public/amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
cflags='-std=c11 -D_GNU_SOURCE -g -O1 -pthread'
check=$PWD/check.o

bank_build() { # KIND [NAME] as of lab-tree
	rm -rf "$LAB_SCRATCH/bank"
	"$LAB_ENGINE/lab-tree" "$@" "$LAB_SCRATCH/bank" >/dev/null || exit 3
	cd "$LAB_SCRATCH/bank" || exit 3
	# shellcheck disable=SC2086 # several words
	$CC $cflags -c bank.c && $CC $cflags -o own "$check" bank.o || exit 3
}

own() { # CASE...: 0 if every one holds, else $n is the one that did not
	for n; do
		step --object bank.o --schedules 3000 ./own "$n" >"$LAB_SCRATCH/out"
		status=$?
		case $status in
		0) ;;
		1) return 1 ;;
		*)
			cat "$LAB_SCRATCH/out"
			exit "$status"
			;;
		esac
	done
}

case $LAB_TEST in
own-reference)
	bank_build reference
	own 1 2 3 || fails "check $n says that a bank which is right is wrong:
$(cat "$LAB_SCRATCH/out")"
	bank_build starter
	own 1 2 3 && fails "No case of check finds fault with a bank that has no locks at all."
	echo "A bank that is right passes, one without locks fails in case $n."
	;;
own-*)
	bank_build mutant "${LAB_TEST#own-}"
	own 1 2 3 && fails "No case of check finds fault with this bank."
	found=$n
	bank_build reference
	own "$found" || fails "Case $found finds fault with a bank that is right, too."
	echo "Found in case $found."
	;;
esac
exit 0
