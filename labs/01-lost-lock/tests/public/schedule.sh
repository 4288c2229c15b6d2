#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# schedule.sh - under the student's schedule, ./lost loses a hit.
# shellcheck source=amounts.sh
. "$LAB_DIR/tests/public/amounts.sh"
echo "Two threads, three hits each, under your lost.schedule:"
step --code hit --check 'hits == 6' --replay-file lost.schedule --again 'make break # %' ./lost 3
status=$?
case $status in
0) fails "All six were counted: stop a thread after it has read hits and before it writes." ;;
1) exit 0 ;;
2) fails "lost.schedule is no schedule." ;;
*) exit "$status" ;;
esac
