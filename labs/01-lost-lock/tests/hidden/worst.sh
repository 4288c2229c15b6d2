#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# worst.sh - LAB-SECRET: the least that two threads which count to five can leave is 2.
# shellcheck source=../public/amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
echo "Two threads, five hits each, under your worst.schedule:"
step --code hit --check 'hits > 2' --replay-file worst.schedule \
	--again 'lab-step --code hit --replay "%" ./lost 5 #' ./lost 5
status=$?
case $status in
0) fails "There is a schedule that leaves less." ;;
1) exit 0 ;;
2) fails "worst.schedule is no schedule." ;;
*) exit "$status" ;;
esac
