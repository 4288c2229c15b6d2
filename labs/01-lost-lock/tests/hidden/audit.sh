#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# audit.sh - LAB-SECRET: the bank, as the student built it, with the auditor's threads; the
# test's name says what they do.
# shellcheck source=../public/amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
cflags='-std=c11 -D_GNU_SOURCE -g -O1 -pthread'
auditor=$LAB_SCRATCH/auditor
cp bank.o "$LAB_SCRATCH/bank.o" || exit 3
# shellcheck disable=SC2086 # several words
$CC $cflags -I"$LAB_DIR/src" -I"$LAB_DIR" -o "$auditor" "$LAB_DIR/tests/hidden/auditor.c" \
	bank.o || exit 3
n=$(($(amount "$LAB_TEST") / 4 + 60)) # from 61 to 83: of 100, so much goes only once
cd "$LAB_SCRATCH" || exit 3

audit() { # WHAT ARGUMENTS...: under all schedules
	what=$1
	shift
	step --object bank.o "$@" --again "(a hidden test) %" ./auditor "$what" "$n" || exit $?
}

calls() { # WHAT MOST: locks of any kind, in all
	for function in pthread_mutex_lock pthread_mutex_trylock pthread_spin_lock mtx_lock \
		pthread_rwlock_rdlock pthread_rwlock_wrlock sem_wait; do
		step --object bank.o --switches 0 --check "calls $function <= $2" \
			--again "(a hidden test) %" ./auditor "$1" "$n" >out || {
			status=$?
			cat out
			exit $status
		}
	done
}

# Counts are of no use while the bank is wrong.
right_first() {
	(audit look --switches 1 --check 'seen == 400' --check 'total == 400') >out || {
		status=$?
		echo "Before locks are counted, a total must be right."
		exit $status
	}
}

case $LAB_TEST in
withdrawals)
	echo "Account 0 holds 100; threads 1 and 2 withdraw $n each: one of them must be refused."
	audit withdraw --check "balance_0 == $((100 - n))" --check 'refused_1 != refused_2' \
		--check "total == $((400 - n))" --check 'entries == 1'
	echo "Account 0 holds 100; thread 1 withdraws $n, thread 2 deposits $((2 * n))."
	audit mixed --check "balance_0 == $((100 + n))" --check 'entries == 2'
	;;
totals)
	echo "Four accounts hold 100 each; one thread moves $n, the other asks for the total."
	audit look --check 'seen == 400' --check 'total == 400'
	audit look-first --check 'seen == 400' --check 'total == 400'
	;;
journal)
	echo "Threads 1 and 2 make the first two deposits, 1 and $n: both must be in the journal."
	audit entry --check 'entries == 2' --check "journal_sum == $((1 + n))"
	;;
refusals)
	echo "Thread 1 asks for more than there is, twice, then deposits 1; thread 2 deposits $n."
	audit refusal --check 'refused_1 == 1' --check 'refused_2 == 1' \
		--check "balance_0 == $((101 + n))" --check 'entries == 2'
	;;
count-moves)
	right_first
	echo "Four transfers: at most three locks each, for two accounts and the journal."
	calls moves 12
	;;
count-looks)
	right_first
	echo "Four balances and a total: at most eight locks."
	calls looks 8
	;;
*)
	echo "audit.sh: no such test: $LAB_TEST"
	exit 3
	;;
esac
