# SPDX-License-Identifier: BSD-2-Clause
# head.sh - for the tests of lab-weave: a folder to work in, and program_make NAME, which
# compiles NAME.c there as $program.
# shellcheck shell=sh disable=SC2034
engine=$DUALITY_BUILD/labs/engine
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0
LAB_ENGINE=$engine
CC=$(sed -n 's/^CC=//p' "$engine/judge.conf")
export LAB_ENGINE CC
mkdir "$work/program" && chmod 755 "$work" "$work/program" || exit 99

program_make()
{
	program=$work/program/$1
	sh "$DUALITY_SOURCE/labs/engine/weave-cc" -o "$program" \
		"$DUALITY_SOURCE/labs/engine/weave/tests/$1.c" && return
	echo "Bail out! $1.c does not compile"
	exit 99
}

# verdict STATUS TEXT: a line of TAP; below one that failed, what lab-weave said.
verdict()
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		sed 's/^/# /' "$work/out"
	fi
}
