#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The tests of stacks in an emulator, which may take the advice to guard a page and do
# nothing: then another guard has to be in use.
set -u
tests=$DUALITY_BUILD/runtimes/fiber/tests
emulator=qemu-$(uname -m)
text="stacks are guarded in an emulator"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99 # it leaves a core for each child that dies

echo "1..1"
if ! command -v "$emulator" >/dev/null; then
	echo "ok 1 - $text # SKIP no $emulator here"
elif timeout 120 "$emulator" "$tests/stack_test" >"$work/log" 2>&1 &&
	timeout 120 "$emulator" "$tests/stack_guard_test" >>"$work/log" 2>&1 && grep -q '^ok' "$work/log"; then
	echo "ok 1 - $text"
	grep '^# no' "$work/log"
else
	echo "not ok 1 - $text"
	sed 's/^/# /' "$work/log"
fi
