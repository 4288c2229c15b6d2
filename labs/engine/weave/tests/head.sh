# SPDX-License-Identifier: BSD-2-Clause
# head.sh - for the tests of lab-weave: a folder to work in, and program_make NAME, which
# compiles NAME.c there as $program.
# shellcheck shell=sh disable=SC2034
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
engine=$DUALITY_BUILD/labs/engine
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
