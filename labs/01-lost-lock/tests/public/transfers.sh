#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# transfers.sh - two transfers in opposite directions: nothing is lost, nobody waits for ever.
# shellcheck source=amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
a=$(amount transfer) b=$(amount back)
echo "Accounts 0 and 1 hold 1000; thread 1 moves $a from 0 to 1, thread 2 moves $b back."
step --object bank.o --check "balance_0 == $((1000 - a + b))" \
	--check "balance_1 == $((1000 + a - b))" --check 'total == 4000' \
	--again "make step OF='transfers $a $b' SCHEDULE='%'" ./teller transfers "$a" "$b"
