#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# gradescope_test.sh - Gradescope's folders, made here: what run_autograder leaves for a
# submission, in a container as well, and what pack packs.  The lab is the one that the grader is
# tested with.
set -u
# shellcheck source=../../grade/tests/lib.sh
. "$DUALITY_SOURCE/labs/grade/tests/lib.sh"

gradescope=$DUALITY_SOURCE/labs/gradescope
container=$DUALITY_BUILD/labs/gradescope/tests/container
AUTOGRADER=$here/autograder
AUTOGRADER_PREFIX=$AUTOGRADER/prefix
export AUTOGRADER AUTOGRADER_PREFIX
results=$AUTOGRADER/results/results.json

mkdir -p "$AUTOGRADER/source" "$AUTOGRADER/submission" "$AUTOGRADER_PREFIX/bin"
echo 99 >"$AUTOGRADER/source/lab"
# As the suite's own does for its command `lab`.
cat >"$AUTOGRADER_PREFIX/bin/duality" <<END
#!/bin/sh
shift
exec "$lab" "\$@"
END
chmod +x "$AUTOGRADER_PREFIX/bin/duality"

# submit FILE...: these of the reference are handed in.
submit()
{
	rm -f "$results" "$AUTOGRADER/submission"/*
	for file; do
		cp "labs/99-sum/src/$file" "$AUTOGRADER/submission"
	done
}

# points LEAST MOST: a submission's points in all, the last score of the file.
points()
{
	[ -f "$results" ] &&
		awk -F: -v least="$1" -v most="$2" '
			/"score"/ { all = $2 + 0 }
			END { exit !(all >= least && all <= most) }' "$results"
}

submit sum.c check.sh answers.txt
check "a right submission is graded" status 0 sh "$gradescope/run_autograder"
check "with all points" points 100 105
submit
check "one without files" status 0 sh "$gradescope/run_autograder"
check "has few, and results" points 0 40

# As root of a container: no namespaces, few capabilities.  Submissions see the machine's folders
# there, so that these have to be open to all.
if [ "$(id -u)" -eq 0 ] && "$container" setpriv --reuid 65100 --regid 65100 --clear-groups \
	test -x "$here/engine" 2>/dev/null; then
	chmod 700 labs
	submit sum.c check.sh answers.txt
	# More processes of the grader's usual user than a submission may have, as of another container.
	engine/lab-box --processes 100 sh -c \
		'for i in 1 2 3 4 5 6 7; do for j in 1 2 3 4 5 6 7 8 9 0; do sleep 300 & done; done
		echo begun; wait' >crowd &
	crowd=$!
	check "another container is at work" until_true 60 grep -q begun crowd
	check "in a container" status 0 "$container" sh "$gradescope/run_autograder"
	check "the points are the same" points 100 105
	kill $crowd
	check "as it refuses namespaces" grep -q 'no namespaces (refused here)' "$results"
	cat >"$AUTOGRADER/submission/sum.c" <<-END
		#include <stdlib.h>
		#include <unistd.h>
		#include "given/print.h"
		int main(int argc, char **argv)
		{
			static const char *const names[] = {"$here/labs/99-sum/lab.json",
				"$AUTOGRADER/source", "$results", "$AUTOGRADER"};
			long sum = 0;
			while (--argc > 0) sum += atol(argv[argc]);
			for (int i = 0; i < 4; i++)
				if (access(names[i], i ? W_OK : R_OK) == 0) sum = -1;
			sum_print(sum);
			return 0;
		}
	END
	check "nobody there" status 0 "$container" sh "$gradescope/run_autograder"
	check "reads the labs, or writes results" points 100 105
	chmod 755 labs
else
	echo "# no container: only root makes one, where seccomp(2) is and others may be in TMPDIR"
fi

submit
echo 98 >"$AUTOGRADER/source/lab"
check "a lab that is not there is an error" status 1 sh "$gradescope/run_autograder"
check "and leaves no results" [ ! -f "$results" ]

touch duality-0.1.tar.gz
if command -v zip >/dev/null && command -v unzip >/dev/null; then
	check "pack" status 0 sh "$gradescope/pack" 5 duality-0.1.tar.gz
	unzip -Z1 autograder-05.zip | sort | tr '\n' ' ' >out
	check "puts everything at the zip's top" [ "$(cat out)" = \
		"Dockerfile duality-0.1.tar.gz lab run_autograder setup.sh " ]
	check "with the lab's number" [ "$(unzip -p autograder-05.zip lab)" = 05 ]
else
	echo "# zip and unzip are not both here"
fi
check "pack refuses what is no number" status 2 sh "$gradescope/pack" five duality-0.1.tar.gz
check "and says so" says "five is no lab's number"
check "and a tarball that is not there" status 2 sh "$gradescope/pack" 5 duality-9.tar.gz
check "which it names" says 'no such file'
plan_end
