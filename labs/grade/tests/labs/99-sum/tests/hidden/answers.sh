#!/bin/sh
# answers.sh - LAB-SECRET: one answer.
grep -Eq '^six *= *42 *$' answers.txt && exit 0
echo "six: not the answer"
exit 1
