#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-errors.sh - bad input of duality bench: one line that names what and where, status 2,
# and nothing left behind.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady

# refused NAME PATTERN ARGUMENTS...
refused() {
	name=$1 pattern=$2
	shift 2
	bench "$@" >out 2>err
	status=$?
	check "$name: status 2" [ $status -eq 2 ]
	check "$name: one line" [ "$(wc -l <err)" -eq 1 ]
	check "$name: it names what and where" grep -q -e "$pattern" err
}

# spoilt NAME PATTERN FILE LINE: the suite, with a line more in one of its files.
spoilt() {
	suite_equal 1 0.1 100
	echo "$4" >>"$3"
	refused "$1" "$2" ./tiny.suite
}

spoilt "unknown key" 'tiny.suite:16: colour: unknown key' tiny.suite 'colour = blue'
spoilt "bad number" 'equal.conf:7: think_us: not a number' equal.conf 'think_us = soon'
spoilt "bad word" 'equal.conf:7: kind: ' equal.conf 'kind = cubic'
suite_equal 1 0.1 "100 0"
refused "out of range" 'tiny.suite:15: rates_rps: ' ./tiny.suite
suite_equal 0 0.1 100
refused "no block" 'tiny.suite:2: blocks: ' ./tiny.suite
spoilt "not a setting" 'tiny.suite:16: ' tiny.suite 'no equals sign here'
suite_equal 1 0.1 100
sed -i '/^request/d' equal.conf
refused "missing key" '\[equal\]: request' ./tiny.suite
printf '[suite]\n[nosuch]\nbudget_s = 1\n' >tiny.suite
refused "no such experiment" 'nosuch.conf: No such file' ./tiny.suite
spoilt "no such experiment, in an empty section" 'nosuch.conf: No such file' tiny.suite '[nosuch]'
spoilt "a section without a name" 'tiny.suite:16: ' tiny.suite '[]'
spoilt "an empty section of an experiment" 'equal.conf:7: equal: not \[experiment\]' \
	equal.conf '[equal]'
echo '[suite]' >tiny.suite
refused "a suite of one empty section" '\[suite\]: names no experiment' ./tiny.suite
suite_equal 1 0.1 100
sed -i '/^\[equal\]/,$d' tiny.suite
echo '[equal]' >>tiny.suite
refused "an experiment that lacks a key, in an empty section" '\[equal\]: rates_rps is missing' \
	./tiny.suite
refused "no such suite" 'nosuch.suite: No such file' ./nosuch.suite
suite_equal 1 0.1 100
refused "no such variant" 'nosuch: no such variant' ./tiny.suite --variants nosuch
refused "no such target" 'nowhere' ./tiny.suite --target nowhere
refused "bad seed" 'seed: not a number: x' ./tiny.suite --seed x
refused "nothing to resume" 'gone/manifest.json: ' --resume gone
mkdir full && echo mine >full/file
refused "a folder that is not empty" 'full: ' ./tiny.suite --out full
check "that folder is left alone" [ "$(cat full/*)" = mine ]
check "no results were made" [ ! -e results ]
# promised SUITE: the seconds that README's table gives it, if it is in there.
promised() {
	awk -F'|' -v suite="$1" '
		{ gsub(/[^a-z]/, "", $2) }
		$2 == suite && match($3, /[0-9.]+ (min|hours)/) {
			print substr($3, RSTART) * ($3 ~ /hours/ ? 3600 : 60)
		}' "$DUALITY_SOURCE/README.md"
}
# Every suite there is can be read: what is wrong with it is told before who takes part.
promises=0
for suite in "$DUALITY_SOURCE"/workloads/*.suite; do
	file=${suite##*/}
	refused "$file" 'nonesuch: no such variant' "$suite" --variants nonesuch
	seconds=$(promised "${file%.suite}")
	[ -n "$seconds" ] || continue
	promises=$((promises + 1))
	check "$file takes no longer than README says" \
		[ "$(sed -n 's/^budget_s = //p' "$suite" | head -n 1)" -le "$seconds" ]
done
check "README has times" [ "$promises" -ge 10 ]
plan_end
