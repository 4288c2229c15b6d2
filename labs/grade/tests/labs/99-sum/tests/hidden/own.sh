#!/bin/sh
# own.sh - LAB-SECRET: the student's check.sh, against the reference and two mutants.
set -u
case $LAB_TEST in
own-reference) "$LAB_ENGINE/lab-tree" reference "$LAB_SCRATCH/it" || exit 2 ;;
*) "$LAB_ENGINE/lab-tree" mutant "${LAB_TEST#own-}" "$LAB_SCRATCH/it" || exit 2 ;;
esac
make -s -C "$LAB_SCRATCH/it" >/dev/null || exit 2
# A check that fails on everything has found nothing.
check()
{
	"$LAB_ENGINE/lab-box" --read "$LAB_SCRATCH" --report "$LAB_SCRATCH/report" -- \
		sh check.sh "$1" >/dev/null 2>&1
	end=$(cat "$LAB_SCRATCH/report")
}
check "$LAB_SCRATCH/it/sum"
case $LAB_TEST:$end in
own-reference:"exit 0") exit 0 ;;
own-reference:*) echo "check.sh ended with \"$end\" on a right program" ;;
*:"exit 0") echo "check.sh found nothing wrong" ;;
*:"exit "*)
	"$LAB_ENGINE/lab-tree" reference "$LAB_SCRATCH/right" || exit 2
	make -s -C "$LAB_SCRATCH/right" >/dev/null || exit 2
	check "$LAB_SCRATCH/right/sum"
	[ "$end" != "exit 0" ] || exit 0
	echo "check.sh fails on a right program as well" ;;
*) echo "check.sh: $end" ;;
esac
exit 1
