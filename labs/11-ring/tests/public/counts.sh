#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# counts.sh - how many signals are sent: the test is called counts-CASE.
set -u
case $LAB_TEST in
counts-busy) outcome='put=1 put=1 put=1 got=3 got=1 got=4 signals=0' ;;
counts-asleep) outcome='sleeps=1 put=1 put=1 put=1 got=3 got=1 got=4 signals=1' ;;
counts-awake) outcome='put=1 sleeps=0 put=1 got=3 got=1 signals=0' ;;
counts-relay) outcome='got=93 got=31 got=124 got=31 got=155 got=279 signals=2' ;;
*) exit 2 ;;
esac
if [ ! -x model-count ]; then
	echo "There is no model-count: \`make\` says why."
	exit 1
fi
"$LAB_ENGINE/lab-weave" --model ra --signals --input 3,1,4,1,5,9 --expect "$outcome" \
	./model-count "${LAB_TEST#counts-}"
case $? in
0) exit 0 ;;
1 | 2) exit 1 ;;
*) exit 2 ;;
esac
