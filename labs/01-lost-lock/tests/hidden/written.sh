#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# written.sh - LAB-SECRET: answers.txt, one question a test.
key=${LAB_TEST#written-}
case $key in
accesses | least) wanted=2 ;;
one-processor) wanted=no ;;
two-processors) wanted=yes ;;
slide) wanted=data ;;
*) exit 3 ;;
esac
given=$(sed -n "s/^[ 	]*${key}[ 	]*=[ 	]*//p" answers.txt | tr '[:upper:]' '[:lower:]' | tr -d ' \t\r."')
if [ "$given" = "$wanted" ]; then
	exit 0
fi
echo "$key: not \"$given\""
exit 1
