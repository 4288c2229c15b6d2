#!/bin/sh
# small.sh - 1 and 2 are 3.
set -u
sum=$("$LAB_ENGINE/lab-box" --report "$LAB_SCRATCH/report" -- ./sum 1 2 2>/dev/null </dev/null |
	head -c 1000)
end=$(cat "$LAB_SCRATCH/report") || exit 2
case $end in
"limit wall" | error*)
	echo "$end"
	exit 2
	;;
esac
[ "$end" = "exit 0" ] && [ "$sum" = 3 ] && exit 0
echo "./sum 1 2 should print 3 and end with 0; it printed \"$sum\", and: $end"
exit 1
