#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality lab check, handout and audit, on a lab that is right and on ones that are not.
set -u
# shellcheck source=lib.sh
. "$DUALITY_SOURCE/labs/grade/tests/lib.sh"

# As a student does it: from the tarball alone.
check "a handout is made" status 0 "$lab" handout 99
tar -xzf lab-99.tar.gz
check "and again" status 0 "$lab" handout 99 -o again.tar.gz
check "the same to the byte" cmp lab-99.tar.gz again.tar.gz
check "another seed, another handout" status 0 "$lab" handout 99 --seed 2 -o again.tar.gz
check "that differs" sh -c '! cmp -s lab-99.tar.gz again.tar.gz'
find lab-99 -type f | sort >files
check "it holds what it should, and nothing else" [ "$(tr '\n' ' ' <files)" = "lab-99/Makefile \
lab-99/answers.txt lab-99/check.sh lab-99/given/print.h lab-99/handout.md lab-99/lab.json \
lab-99/sum.c lab-99/tests/public/lines.sh lab-99/tests/public/small.sh " ]
check "no canary" sh -c '! grep -r LAB-SECRET lab-99'
check "no word of hidden tests" sh -c '! grep -r -e hidden -e mutant -e 42 lab-99'
cd lab-99 || exit 99
check "make builds it" status 0 make
check "the starter fails" status 1 "$lab" check
check "what failed is said" says 'it printed "-1", and: exit 0'
check "with the points" says '0 of 30 points'
cp "$here/labs/99-sum/src/sum.c" .
check "the solution passes" status 0 "$lab" check
check "with its points" says '30 of 30 points'
check "one test alone" status 0 "$lab" check lines
check "and no other" sh -c '! grep -q small out'
check "by the lab's number" status 0 "$lab" check 99 small
check "as JSON" status 0 "$lab" check --json
check "which says so" says '"verdict": "pass"'
# In a user namespace of one user; the files may be of one that has no number there.
if unshare -rn true 2>/dev/null; then
	[ "$(id -u)" -ne 0 ] || chown -R 65533:65533 .
	check "where root is the only user" status 0 unshare -rn "$lab" check
	[ "$(id -u)" -ne 0 ] || chown -R 0:0 .
fi
echo 'int main(' >sum.c
check "what does not compile" status 1 "$lab" check
check "is told once, by the compiler" [ "$(grep -c 'sum.c:1' out)" -eq 1 ]
check "the tree is left as it was" [ "$(wc -l <sum.c)" -eq 1 ]
check "no such test" status 2 "$lab" check nix
cat >sum.c <<-'END'
	#include "given/print.h"
	int printf(const char *format, ...) { return puts(format); }
	int _sum;
	static int puts_or_not(void) { return 0; }
	int main(void) { sum_print(puts_or_not()); return 0; }
END
check "a function of the C library's own" status 1 "$lab" check
check "is told once, by name" [ "$(grep -c 'sum.o defines printf, which is the C library' out)" -eq 1 ]
check "so is a reserved name" says 'sum.o defines _sum, and such names are reserved'
check "but no other" [ "$(grep -c defines out)" -eq 2 ]
mv tests away
check "a folder that is not whole" status 2 "$lab" check
check "is said to be that" says 'the folder is not whole; unpack the handout again'
mv away tests
cd .. || exit 99
check "no lab here" status 2 "$lab" check
check "no such lab" status 2 "$lab" check 42
check "no such option" status 2 "$lab" check --jobs 2
sed -i '/"needs": \[/a "no-such-program",' lab-99/lab.json
cp labs/99-sum/src/sum.c lab-99
check "what is not installed is no failure" sh -c "cd lab-99 && '$lab' check >../out 2>&1"
check "and is named" says 'no-such-program: is needed and not installed'

check "the lab is right" status 0 "$lab" audit 99
check "which is said" says 'Lab 99: 0 wrong'

# All that can be wrong, at once.
cp -R labs/99-sum labs/97-wrong
sed -i 's/"number": 99/"number": 97/; s/"starter_score": 0/"starter_score": 7/
	s/"part": "written", "points": 10/"part": "written", "points": 9/
	s/"killed_by": "negative"/"killed_by": "small"/' labs/97-wrong/lab.json
sed -i 's/"files": \[/&"more.c", /; s/"sum.o"/&, "sum.oo"/' labs/97-wrong/lab.json
sed -i 's/LAB-SECRET//' labs/97-wrong/notes.md
sed -i 's/return 0;/return 1;/' labs/97-wrong/alternative/sum.c
sed -i '2a grep -q "+=" sum.c || printf "first line\\njudge %s\\n" $$' labs/97-wrong/tests/public/lines.sh
check "a lab that is wrong" status 1 "$lab" audit 97
check "points" says 'written has 9 points, not 10'
check "a canary" says 'notes.md: has no canary'
check "the starter" says 'NOT OK  starter: 0 points, 7 wanted'
check "the alternative" says 'NOT OK  alternative'
check "a mutant" says 'NOT OK  mutants/abs.patch: NOT killed by small'
check "a judge that does not say the same twice, and of what" \
	says 'starter, lines: error: two runs print different things: line 2:'
check "with what each run said" says 'the second run "judge '
check "an object that is listed and not made" says 'sum.oo: is listed under objects, and not built'
check "a source whose object is not" says 'NOT OK  more.c: no object of it is listed'
check "the others are killed" says 'ok      mutants/off.patch: killed'
sed -i 's/@solution LAB-SECRET/@soluton LAB-SECRET/' labs/97-wrong/src/answers.txt
check "no handout with a misspelt marker" status 1 "$lab" handout 97 -o leak.tar.gz
check "is left behind" [ ! -e leak.tar.gz ]
cp labs/99-sum/src/answers.txt labs/97-wrong/src
echo '<!-- LAB-SECRET -->' >>labs/97-wrong/tests/public/small.sh
check "nor with a canary in a public test" status 1 "$lab" handout 97 -o leak.tar.gz
check "which is named" says 'small.sh: holds the canary'
check "is left behind either" [ ! -e leak.tar.gz ]
echo '{' >labs/97-wrong/lab.json
check "no lab.json" status 2 "$lab" audit 97
check "names file and line" says 'lab.json:'
check "no folder is left" [ -z "$(ls tmp)" ]
plan_end
