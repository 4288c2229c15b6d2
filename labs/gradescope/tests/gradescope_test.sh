#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# gradescope_test.sh - Gradescope's folders, made here: what run_autograder leaves for a
# submission, and what pack packs.  The lab is the one that the grader is tested with.
set -u

source=${DUALITY_SOURCE:-.}
build=${DUALITY_BUILD:-.}
here=$source/labs/gradescope
DUALITY_LABS=$source/labs/grade/tests/labs
AUTOGRADER=$(mktemp -d) || exit 99
AUTOGRADER_PREFIX=$AUTOGRADER/prefix
export DUALITY_LABS AUTOGRADER AUTOGRADER_PREFIX
trap 'rm -rf "$AUTOGRADER"' EXIT
results=$AUTOGRADER/results/results.json
number=0

# tap WHAT: as the command before it ended
tap()
{
	status=$?
	number=$((number + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' "$AUTOGRADER/out"
	fi
}

# A submission's points in all: the last score of the file, whole.
points()
{
	awk -F: '/"score"/ { all = $2 } END { printf "%d", all }' "$results"
}

mkdir -p "$AUTOGRADER/source" "$AUTOGRADER_PREFIX/bin"
# The box lets subjects into this folder's inner ones only.
chmod 755 "$AUTOGRADER"
echo 99 >"$AUTOGRADER/source/lab"
cat >"$AUTOGRADER_PREFIX/bin/duality" <<EOF
#!/bin/sh
exec "$build/harness/duality" "\$@"
EOF
chmod +x "$AUTOGRADER_PREFIX/bin/duality"

mkdir "$AUTOGRADER/submission"
cp "$DUALITY_LABS"/99-sum/src/sum.c "$DUALITY_LABS"/99-sum/src/check.sh \
	"$DUALITY_LABS"/99-sum/src/answers.txt "$AUTOGRADER/submission"
sh "$here/run_autograder" >"$AUTOGRADER/out" 2>&1
[ "$(points)" -ge 100 ]
tap "the reference has 100 points"

rm -f "$results" "$AUTOGRADER/submission"/*
sh "$here/run_autograder" >"$AUTOGRADER/out" 2>&1
[ -f "$results" ] && [ "$(points)" -lt 100 ]
tap "a submission without files has fewer, and results"

rm -f "$results"
echo 98 >"$AUTOGRADER/source/lab"
! sh "$here/run_autograder" >"$AUTOGRADER/out" 2>&1 && [ ! -f "$results" ]
tap "a lab that is not there is an error, and leaves no results"

cd "$AUTOGRADER" || exit 99
touch duality-0.1.tar.gz
case $here in
/*) pack=$here/pack ;;
*) pack=$OLDPWD/$here/pack ;;
esac
if command -v zip >/dev/null && command -v unzip >/dev/null; then
	sh "$pack" 5 duality-0.1.tar.gz >"$AUTOGRADER/out" 2>&1 &&
		unzip -Z1 autograder-05.zip | sort | tr '\n' ' ' >"$AUTOGRADER/out" &&
		[ "$(cat "$AUTOGRADER/out")" = \
			"Dockerfile duality-0.1.tar.gz lab run_autograder setup.sh " ] &&
		[ "$(unzip -p autograder-05.zip lab)" = 05 ]
	tap "pack puts everything at the zip's top"
else
	number=$((number + 1))
	echo "ok $number - pack # SKIP zip and unzip are not both here"
fi
sh "$pack" five duality-0.1.tar.gz >"$AUTOGRADER/out" 2>&1
[ $? -eq 2 ] && grep -q "five is no lab's number" "$AUTOGRADER/out"
tap "pack refuses what is no number"
sh "$pack" 5 duality-9.tar.gz >"$AUTOGRADER/out" 2>&1
[ $? -eq 2 ] && grep -q 'no such file' "$AUTOGRADER/out"
tap "pack refuses a tarball that is not there"
echo "1..$number"
