#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# answer.sh - is the answer to the question that the test is named after right?  LAB-SECRET
set -eu
key=${LAB_TEST#answer-}
case $key in
in_ring) right=5 ;;
spare) right=7 ;;
models) right=tso,ra ;;
signals) right=0 ;;
sanitizer) right=no ;;
*) exit 2 ;;
esac
blank='[[:space:]]*'
given=$(sed -n "s/^$blank$key$blank=//p" answers.txt | tr -d '[:space:]' |
	tr '[:upper:]' '[:lower:]')
if [ "$given" != "$right" ]; then
	echo "$key: not right"
	exit 1
fi
echo "$key: right"
