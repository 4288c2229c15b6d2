#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weave.sh - tries all executions of model-NAME under one model of memory: the test is called
# NAME-MODEL.
set -u
program=model-${LAB_TEST%-*}
model=${LAB_TEST##*-}
set --
case $program in
model-ring) set -- --input 17,23,5,99,42 \
	--expect 'got=17 got=23 got=5 got=99 got=42' ;;
model-wake) set -- --input 17,23,5 --expect 'got=17 got=23 got=5' ;;
model-relay) set -- --expect 'got=3107 got=6207' ;;
esac
if [ ! -x "$program" ]; then
	echo "There is no $program: \`make\` says why."
	exit 1
fi
"$LAB_ENGINE/lab-weave" --model "$model" --states 1000000 "$@" "./$program"
case $? in
0) exit 0 ;;
1 | 2) exit 1 ;;
*) exit 2 ;;
esac
