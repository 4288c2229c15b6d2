#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# LAB-SECRET Compares one answer of answers.txt.
key=${LAB_TEST#written-}
case $key in
errno) answer=ebadf ;;
offset) answer=b ;;
again) answer=0 ;;
flight) answer=yes ;;
blocked) answer=3 ;;
*) exit 3 ;;
esac
given=$(sed -n "s/^$key *= *//p" answers.txt | head -n 1 | tr -d ' \t\r.' | tr '[:upper:]' '[:lower:]')
if test "$given" = "$answer"; then
	exit 0
fi
echo "answers.txt: $key: \"$given\" is not the answer"
exit 1
