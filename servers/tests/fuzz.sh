#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Fuzz FUZZ_SECONDS from the streams and the corpus on, FUZZ_JOBS at a time.  Usage: fuzz.sh
# FUZZER TESTS-FOLDER.  FUZZ_KEEP=DIR: put there what reaches code that those do not, as
# small as can be: servers/tests/corpus grows so.
set -u
fuzzer=$(realpath "$1") || exit 2
tests=$(realpath "$2") || exit 2
seconds=${FUZZ_SECONDS:-1800}
jobs=${FUZZ_JOBS:-2}
found=$(dirname "$fuzzer")/fuzz-found
work=$(mktemp -d "${TMPDIR:-/tmp}/duality-fuzz.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
TMPDIR=$work # the fuzzers' files go too, also those of one that crashed
export TMPDIR

mkdir -p "$work/known" "$work/new" "$found"
cp "$tests"/streams/*.in "$tests"/corpus/*.bin "$work/known" 2>/dev/null
known=$(find "$work/known" -type f | wc -l)
echo "fuzz: $seconds s, $jobs jobs, from $known inputs"
if [ "$known" -eq 0 ]; then
	echo "not ok 1 - fuzz: no inputs in $tests/streams"
	exit 1
fi

cd "$work" || exit 2
"$fuzzer" -max_total_time="$seconds" -jobs="$jobs" -workers="$jobs" -max_len=10000 \
	-timeout=20 -dict="$tests/fuzz.dict" -artifact_prefix="$found/" -print_final_stats=1 \
	"$work/new" "$work/known" </dev/null >"$work/driver.log" 2>&1
status=$?
runs=$(cat fuzz-*.log | awk '$1 == "stat::number_of_executed_units:" { n += $2 } END { print n + 0 }')
cover=$(cat fuzz-*.log | sed -n 's/.* cov: \([0-9]*\) .*/\1/p' | sort -n | tail -n 1)
echo "fuzz: $runs runs, ${cover:-no} edges, $(find "$work/new" -type f | wc -l) new inputs"

if [ -n "${FUZZ_KEEP-}" ] && [ "$status" -eq 0 ]; then
	cp -R "$work/known" "$work/merged"
	"$fuzzer" -merge=1 -max_len=4096 "$work/merged" "$work/new" </dev/null >merge.log 2>&1 ||
		tail -n 20 merge.log
	for input in "$work"/merged/*; do
		name=${input##*/}
		[ -e "$work/known/$name" ] || cp "$input" "$FUZZ_KEEP/$name.bin"
	done
fi

if [ "$status" -eq 0 ] && [ "$runs" -gt "$known" ]; then
	echo "ok 1 - fuzz"
	exit 0
fi
grep -hE '^fuzz: |ERROR|SUMMARY|Test unit written|runtime error' driver.log fuzz-*.log | sort -u | head -n 20
echo "not ok 1 - fuzz: status $status; inputs that fail are in $found"
exit 1
