#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fiber.gdb: gdb lists fibers that wait, shows the functions that each is in, and the program
# goes on as if it had not been looked at.  Then the same on 64-bit Arm, in an emulator.
set -u
build=${DUALITY_BUILD:-.}
source=${DUALITY_SOURCE:-.}
debugged=$build/runtimes/fiber/tests/debugged

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# Where processes may not be traced, or the program starts by hand, there is nothing to see.
command -v gdb >/dev/null || skip_all "gdb is not here (Debian: gdb)"
timeout 60 gdb -nx -batch -ex 'break all_wait' -ex run "$debugged" </dev/null 2>&1 |
	grep -q '^Breakpoint 1, ' || skip_all "gdb stops no program here"

work=$(mktemp -d) || exit 99
out=$work/out
trap 'rm -rf "$work"' EXIT
tests=0

# look GDB OPTION...: stops where all wait, looks, and lets go.
look()
{
	timeout 120 "$@" -x "$source/runtimes/fiber/fiber.gdb" -ex fibers -ex 'fiber 4' \
		-ex 'fiber 99' -ex 'echo === all\n' -ex fibers-backtrace \
		-ex 'echo === after\n' -ex backtrace -ex continue </dev/null >"$out" 2>&1
}

# $1: what is tested; $2: an awk program that succeeds on the output if it is so.
check()
{
	tests=$((tests + 1))
	if awk "$2" "$out"; then
		echo "ok $tests - $machine: $1"
	else
		echo "not ok $tests - $machine: $1"
		sed 's/^/# /' "$out"
	fi
}

# The backtrace of the fiber of that name, in the part of all of them, names the function.
backtrace_has()
{
	check "$1 is in $2" "
		/^=== / { all = \$2 == \"all\" }
		/^fiber [0-9]+: / { mine = all && \$3 == \"$1\" }
		mine && /^#[0-9]+ .* $2 \\(/ { found = 1 }
		mine && /^#[0-9]+ .* context_entry \\(/ { whole = 1 }
		END { exit !(found && whole) }"
}

# What it shows is as it should be.
shows()
{
	check "a fiber that runs is listed" '/^ +1  running  main/ { n++ } END { exit n != 1 }'
	check "and five that wait, with where" '/^ +[2-6]  blocked  .* <.*>$/ { n++ } END { exit n != 5 }'
	backtrace_has locker waits_for_mutex
	backtrace_has waiter waits_for_condition
	backtrace_has taker waits_for_semaphore
	backtrace_has taker deeper
	backtrace_has reader waits_for_descriptor
	backtrace_has '#6' sleeps
	check "one by its number" '
		/^=== / { exit }
		/^fiber 4: taker/ { mine = 1 }
		mine && / waits_for_semaphore \(/ { found = 1 }
		END { exit !found }'
	check "a number that nobody has" '/^fiber: there is none of that number$/ { n++ } END { exit n != 1 }'
	check "the registers are back" '/^=== after/ { on = 1 } on && /^#0 +all_wait / { n++ }
		END { exit n != 1 }'
	check "the program goes on to its end" '/^all went on/ { a = 1 } /exited normally/ { b = 1 }
		END { exit !(a && b) }'
}

machine=$(uname -m)
look gdb -nx -batch -ex 'break all_wait' -ex run "$debugged"
shows

# --- 64-bit Arm: the whole runtime, without what only this machine's compiler finds ---------

machine=aarch64
cross=aarch64-linux-gnu-gcc
missing=
for tool in $cross qemu-aarch64 gdb-multiarch; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
	echo "ok $((tests += 1)) - $machine # SKIP not here:$missing"
	echo "1..$tests"
	exit
fi

runtime=
for file in "$source"/runtimes/fiber/*.c "$source/runtimes/fiber/entry-aarch64.S"; do
	[ "$file" = "$source/runtimes/fiber/wait_uring.c" ] || runtime="$runtime $file"
done
grep -v VALGRIND "$build/config.h" >"$work/config.h"
# shellcheck disable=SC2086 # the files
$cross -std=c11 -D_GNU_SOURCE -g -O1 -static -I"$work" -I"$source/runtimes/fiber" -I"$source" \
	$runtime "$source/runtimes/fiber/tests/debugged.c" -o "$work/debugged" >"$out" 2>&1
check "the runtime compiles" 'END { exit NR != 0 }'
timeout 120 qemu-aarch64 -g "$work/socket" "$work/debugged" >"$work/said" 2>&1 &
tries=0
until [ -S "$work/socket" ] || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
look gdb-multiarch -nx -batch -ex "file $work/debugged" -ex "target remote $work/socket" \
	-ex 'break all_wait' -ex continue
wait
cat "$work/said" >>"$out"
shows
echo "1..$tests"
