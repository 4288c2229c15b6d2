#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fiber.gdb: gdb lists fibers that wait, shows the functions that each is in, and the program
# goes on as if it had not been looked at.
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

out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
tests=0
timeout 120 gdb -nx -batch -x "$source/runtimes/fiber/fiber.gdb" -ex 'break all_wait' -ex run \
	-ex fibers -ex 'fiber 4' -ex 'fiber 99' -ex 'echo === all\n' -ex fibers-backtrace \
	-ex 'echo === after\n' -ex backtrace -ex continue "$debugged" </dev/null >"$out" 2>&1

# $1: what is tested; $2: an awk program that succeeds on the output if it is so.
check()
{
	tests=$((tests + 1))
	if awk "$2" "$out"; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
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
echo "1..$tests"
