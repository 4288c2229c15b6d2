#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deposits.sh - two deposits into one account: both are there, under every schedule.
# shellcheck source=amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
a=$(amount deposit) b=$(amount other)
echo "Account 0 holds 1000; thread 1 deposits $a, thread 2 deposits $b."
step --object bank.o --check "balance_0 == $((1000 + a + b))" --check "total == $((4000 + a + b))" \
	--again "make step OF='deposits $a $b' SCHEDULE='%'" ./teller deposits "$a" "$b"
