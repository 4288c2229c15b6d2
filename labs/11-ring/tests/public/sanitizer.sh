#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# sanitizer.sh - does the thread sanitizer see a race?  What counts is what it reports, not how
# the program ends; where it is not there, lab-weave has looked already.
set -u
if [ ! -x race ]; then
	echo "race was not built: no thread sanitizer here, or ring.c does not compile."
	[ -x play ]
	exit
fi
"$LAB_ENGINE/lab-box" --fixed-addresses --idle-s 10 --report "$LAB_SCRATCH/end" \
	--set TSAN_OPTIONS=exitcode=0 -- ./race 4 2000 \
	>"$LAB_SCRATCH/out" 2>"$LAB_SCRATCH/log" </dev/null
end=$(cat "$LAB_SCRATCH/end")
case $end in
'limit wall' | error*) exit 2 ;;
esac
if grep -q 'WARNING: ThreadSanitizer: data race' "$LAB_SCRATCH/log"; then
	echo "The thread sanitizer reports a data race: run ./race 4 2000 to see it."
	exit 1
fi
if grep -q 'FATAL: ThreadSanitizer' "$LAB_SCRATCH/log"; then
	echo "The thread sanitizer does not run here."
	exit 0
fi
[ "$(cat "$LAB_SCRATCH/out")" = 'came 2000' ] && exit 0
echo "./race 4 2000 should print \"came 2000\", and ended with: $end."
exit 1
