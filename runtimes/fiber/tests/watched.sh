#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sanitizers and Valgrind see through fibers: they find what is wrong in one, in its frames,
# and find nothing where nothing is.  Which of them depends on the build.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
watched=$build/runtimes/fiber/tests/watched
out=$work/out

# $1: what; $2: workers; then the patterns of which each is to be in some line.  That two
# workers do something at the same time is likely, not certain: hence several tries.
finds()
{
	name="$1, $2 worker(s): found"
	tries=0
	while $tool "$watched" "$1" "$2" >"$out" 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || { report 1 "$name" && return; }
	done
	shift 2
	for pattern; do
		grep -Eq "$pattern" "$out" || { report 1 "$name: $pattern" && return; }
	done
	report 0 "$name"
}

passes()
{
	$tool "$watched" "$1" "$2" >"$out" 2>&1 && ! grep -Eq 'WARNING: ThreadSanitizer|ERROR|switching stacks' "$out"
	report $? "$1, $2 worker(s): nothing to be found"
}

address()
{
	finds array 1 'stack-buffer-overflow' 'in writes_beyond' 'in has_array' 'in context_entry'
	finds array 2 'stack-buffer-overflow' 'in writes_beyond' 'in has_array'
	finds leak 1 'LeakSanitizer' 'in leak'
	passes cycles 1
	passes cycles 2
	passes locked 2
}

thread()
{
	finds race 2 'data race' 'adds'
	passes locked 1
	passes locked 2
	passes race 1
	passes cycles 1
	passes cycles 2
}

# Valgrind gives up at debugging information that is newer than itself.
memory()
{
	strip -g -o "$work/watched" "$watched" && watched=$work/watched
	tool="valgrind -q --error-exitcode=1 --leak-check=full"
	finds leak 1 '100 bytes in 1 blocks are definitely lost' 'leak \('
	passes cycles 1
	passes locked 1
	passes locked 2
}

tool=
if grep -q '^SANITIZE = .*address' "$build/Makefile"; then
	address
elif grep -q '^SANITIZE = .*thread' "$build/Makefile"; then
	thread
elif command -v valgrind >/dev/null && valgrind -q true 2>/dev/null; then
	memory
else
	echo "1..0 # SKIP no sanitizer in this build, and valgrind is not here (Debian: valgrind)"
	exit 0
fi
echo "1..$count"
