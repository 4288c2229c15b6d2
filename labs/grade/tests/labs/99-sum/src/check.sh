#!/bin/sh
# check.sh - your check: succeeds if $1, a program, sums.
# @solution LAB-SECRET
[ "$("$1" 4 -1)" = 3 ]
# @starter
#| exit 1
# @end
