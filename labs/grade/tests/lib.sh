# SPDX-License-Identifier: BSD-2-Clause
# lib.sh - for the tests of the labs' command: TAP, and a folder to be in.
# shellcheck shell=sh disable=SC2034
: "${DUALITY_BUILD:?}" "${DUALITY_SOURCE:?}"

here=$(mktemp -d "${TMPDIR:-/tmp}/duality-test-XXXXXX") || exit 99
chmod 755 "$here"
trap 'chmod -R u+rwx "$here"; rm -rf "$here"' EXIT
cd "$here" || exit 99

# Of their own, so that the tests can write there and other users can read them.
mkdir -p labs engine/include tmp
chmod 1777 tmp
cp -R "$DUALITY_SOURCE/labs/grade/tests/labs/99-sum" labs/
cp "$DUALITY_BUILD/labs/engine/lab-box" "$DUALITY_BUILD/labs/engine/liblab.a" \
	"$DUALITY_BUILD/labs/engine/judge.conf" "$DUALITY_SOURCE/labs/engine/lab-names" \
	"$DUALITY_SOURCE/labs/engine/lab-tree" engine/
cp "$DUALITY_SOURCE/labs/engine/box.h" engine/include/
cp "$DUALITY_BUILD/harness/duality-lab" .
chmod -R u+w labs engine
chmod +x engine/lab-names engine/lab-tree
chmod -R a+rX .
DUALITY_LABS=$here/labs DUALITY_LAB_ENGINE=$here/engine TMPDIR=$here/tmp
export DUALITY_LABS DUALITY_LAB_ENGINE TMPDIR
lab=$here/duality-lab

count=0
# check NAME COMMAND...: one line of TAP.
check()
{
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		cat out err 2>/dev/null | sed 's/^/# /' | head -n 40
	fi
}

# status WANTED COMMAND...: its exit status; 2 comes with one line on standard error.
status()
{
	want=$1
	shift
	"$@" >out 2>err
	got=$?
	[ $got -eq "$want" ] && { [ "$want" -ne 2 ] || [ "$(wc -l <err)" -eq 1 ]; }
}

# says TEXT: in what the last command printed.
says()
{
	cat out err | grep -q -F -e "$1"
}

# until_true SECONDS COMMAND...: waits for it, within a time.
until_true()
{
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

walls=$(engine/lab-box --walls)
plan_end()
{
	echo "1..$count"
}
