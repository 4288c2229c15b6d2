#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# answer.sh - is the answer to the question that the test is named after right?  LAB-SECRET
set -eu
key=${LAB_TEST#answer-}
case $key in
callee_saved) right=6 ;;
entry_alignment) right=8 ;;
vector_bits) right=64 ;;
interrupted) right=16 ;;
others_running) right=0 ;;
*) exit 2 ;;
esac
blank='[[:space:]]*'
given=$(sed -n "s/^$blank$key$blank=$blank\([^[:space:]]*\)$blank\$/\1/p" answers.txt)
if [ "$given" != "$right" ]; then
	echo "$key: not right"
	exit 1
fi
echo "$key: right"
