#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality lab grade: right scores for what students hand in, be it meant well or not, and nothing
# outside the box changes; a grader that was killed goes on; what a judge could not judge is no
# zero.  With LAB_TESTS=all, all 41 kinds of submission, as root and as another user.
set -u
# shellcheck source=lib.sh
. "$DUALITY_SOURCE/labs/grade/tests/lib.sh"
# shellcheck source=submissions.sh
. "$DUALITY_SOURCE/labs/grade/tests/submissions.sh"

case $walls in
*PID*mount*) ;;
*)
	echo "1..0 # SKIP the box has here: $walls"
	exit 0
	;;
esac
if [ "${LAB_TESTS-few}" = all ]; then many_make; else few_make; fi
chmod -R a+rX in

# All files but those of the grader's own, by name, size and time.
files_sum()
{
	find in labs engine "$HOME" /tmp /var/tmp /dev/shm -maxdepth 4 -name '*escaped*' 2>/dev/null
	find in labs engine -type f -exec ls -ln --time-style=full-iso {} + | sort -k 9
}

# scores_right OUT: all, as they should be; else the lines that differ.
scores_right()
{
	wanted_table >wanted.tsv
	table_made "$1" >made.tsv
	diff wanted.tsv made.tsv >out
}

no_process_left()
{
	! cat /proc/[0-9]*/comm 2>/dev/null | grep -q -x -e lab99-daemon -e sum
}

files_sum >before
if [ "${LAB_TESTS-few}" = all ]; then
	check "all are graded" status 0 "$lab" grade in --lab 99 --out results
else
	check "all are graded" status 0 "$lab" grade in --lab 99 --out results --jobs 2
fi
check "every score is right" scores_right results
files_sum >after
check "no file outside has changed" cmp before after
check "no process is left" until_true 20 no_process_left
check "no folder is left" [ -z "$(ls tmp)" ]
check "a link is not taken, and that is said" \
	grep -q 'sum.c: not taken: a symbolic link' results/link/results.json
check "nor a file of 1 GB" grep -q 'sum.c: not taken: more than 1 MiB' results/sparse/results.json
check "the compiler's words are feedback" grep -q 'sum.c:1' results/broken/results.json
check "a name of the C library's is refused" \
	grep -q 'sum.o defines printf, which is the C library' results/library/results.json

# Each step on its own: what the step before has left is known.
again()
{
	find results -name results.json -exec ls -i {} + | sort >"$1"
}
again inodes
check "graded again, nothing is done again" status 0 "$lab" grade in --lab 99 --out results
again inodes.2
check "no result is touched" cmp inodes inodes.2
# A result of a grader that died in the middle: one test is missing, another's verdict is kept.
sed -i 's/"verdict": "pass"/"verdict": "fail"/' results/right/results.json
sed -i 's/"test": "small"/"test": "was-renamed"/' results/right/results.json
check "a half-graded one is completed" status 0 "$lab" grade in --lab 99 --out results
check "from where it was" grep -q '^right,20,' results/grades.csv
echo >>in/right/sum.c
check "one that has changed" status 0 "$lab" grade in --lab 99 --out results
check "is graded anew" grep -q '^right,105,' results/grades.csv

# Killed in the middle: as soon as one is complete.
for name in a b c d; do
	mkdir -p some/$name
	cp in/right/* some/$name
done
finished()
{
	grep -l '"complete": true' killed/*/results.json 2>/dev/null
}
one_finished()
{
	[ -n "$(finished)" ]
}
"$lab" grade some --lab 99 --out killed --jobs 1 >out 2>err &
pid=$!
check "a grader is under way" until_true 120 one_finished
kill -9 $pid
wait $pid 2>/dev/null
first=$(finished | head -n 1)
inode=$(ls -i "$first")
check "killed, it goes on" status 0 "$lab" grade some --lab 99 --out killed
check "with what it had" [ "$(ls -i "$first")" = "$inode" ]
check "to the right scores" [ "$(grep -c ',105,.*,graded' killed/grades.csv)" -eq 4 ]
check "and has removed what the first left" [ -z "$(ls tmp)" ]
rm -r killed/b
echo >killed/b
check "one that has no results" status 1 "$lab" grade some --lab 99 --out killed
check "is on the list once" [ "$(grep -c '^b.-.[0-9]* of [0-9]* tests not judged' killed/regrade.tsv)" -eq 1 ]
check "and nothing else is" [ "$(wc -l <killed/regrade.tsv)" -eq 2 ]

# A judge that fails itself, and one that says yes first and then no.
mkdir -p two labs/98-judges
cp -R labs/99-sum/. labs/98-judges
sed -i 's/"number": 99/"number": 98/' labs/98-judges/lab.json
cp -R in/right two
echo 'exit 3' >labs/98-judges/tests/public/lines.sh
cat >labs/98-judges/tests/public/small.sh <<-END
	echo x >>$here/runs
	exit \$((\$(wc -l <$here/runs) % 2))
END
check "infrastructure errors are told" status 1 "$lab" grade two --lab 98 --out second
check "they have no score" grep -q '^right,nan,.*,regrade' second/grades.csv
check "nor are they zero" sh -c '! grep -q "\"score\": 0" second/right/results.json'
check "a judge that fails is on the list" grep -q 'right.lines.the judge itself failed' second/regrade.tsv
check "a judge that disagrees with itself" grep -q 'right.small.two runs disagree' second/regrade.tsv
cp labs/99-sum/tests/public/*.sh labs/98-judges/tests/public
check "once the judges are right" status 0 "$lab" grade two --lab 98 --out second
check "so is the score" grep -q '^right,105,.*,graded' second/grades.csv

check "one submission alone" status 0 "$lab" grade in/right --lab 99 --one --out alone
check "has its result at the top" grep -q '"score": 105' alone/results.json
check "a folder that is none" status 2 "$lab" grade nowhere --lab 99 --out none
check "a lab that is none" status 2 "$lab" grade in --lab 42 --out none

# The same as somebody who is not root, by user namespaces.
if [ "$(id -u)" -eq 0 ] && [ "${LAB_TESTS-few}" = all ]; then
	mkdir other
	chown 65533 other
	HOME=$here/other
	files_sum >before
	check "another user grades" status 0 setpriv --reuid 65533 --regid 65533 --clear-groups \
		"$lab" grade in --lab 99 --out other/results
	check "with the same scores" scores_right other/results
	files_sum >after
	check "no file outside has changed then" cmp before after
	check "no process is left then" until_true 20 no_process_left
fi
plan_end
