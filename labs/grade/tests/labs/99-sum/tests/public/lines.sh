#!/bin/sh
# lines.sh - sum.c has a statement that adds, in at most 60 lines.
grep -q '+=' sum.c && [ "$(wc -l <sum.c)" -le 60 ] && exit 0
echo "sum.c has $(wc -l <sum.c) lines, or no +="
exit 1
