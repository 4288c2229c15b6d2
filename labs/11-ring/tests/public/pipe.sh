#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pipe.sh - source, relay and sink in one place, on two threads, in two processes: the test is
# called pipe-PLACE.  What comes out is known from what goes in.
set -u
place=${LAB_TEST#pipe-}
if [ ! -x pipe ]; then
	echo "There is no pipe: \`make\` says why."
	exit 1
fi

# run SLOTS ITEMS SEED KEY
run()
{
	right=$(awk -v items="$2" -v tag="$3" -v key="$4" 'BEGIN {
		sum = 1
		while (items-- > 0) {
			tag = (tag * 1103 + 12345) % 65536
			sum = (sum * 31 + (tag * 31 + key) % 1000003) % 1000003
		}
		print "out " sum
	}')
	out=$("$LAB_ENGINE/lab-box" --idle-s 3 --report "$LAB_SCRATCH/end" -- \
		./pipe "$place" "$@" 2>/dev/null </dev/null)
	end=$(cat "$LAB_SCRATCH/end")
	case $end in
	'limit wall' | error*)
		echo "pipe: $end" >&2
		exit 2
		;;
	esac
	[ "$end" = 'exit 0' ] && [ "$out" = "$right" ] && return 0
	echo "./pipe $place $* should print \"$right\"."
	case $end in
	'limit idle') echo "It sleeps, and nobody is left to wake it." ;;
	'exit 0') echo "It printed something else: items were lost, changed, or out of order." ;;
	*) echo "It ended with: $end." ;;
	esac
	return 1
}

run 4 5000 7 99 && run 1 300 11 5 && run 64 20000 3 1000
