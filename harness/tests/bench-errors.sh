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

suite_equal 1 0.1 100
echo 'colour = blue' >>tiny.suite
refused "unknown key" 'tiny.suite:14: colour: unknown key' ./tiny.suite
suite_equal 1 0.1 100
echo 'think_us = soon' >>equal.conf
refused "bad number" 'equal.conf:7: think_us: not a number' ./tiny.suite
suite_equal 1 0.1 100
echo 'kind = cubic' >>equal.conf
refused "bad word" 'equal.conf:7: kind: ' ./tiny.suite
suite_equal 1 0.1 "100 0"
refused "out of range" 'tiny.suite:13: rates_rps: ' ./tiny.suite
suite_equal 0 0.1 100
refused "no block" 'tiny.suite:2: blocks: ' ./tiny.suite
suite_equal 1 0.1 100
echo 'no equals sign here' >>tiny.suite
refused "not a setting" 'tiny.suite:14: ' ./tiny.suite
suite_equal 1 0.1 100
sed -i '/^request/d' equal.conf
refused "missing key" '\[equal\]: request' ./tiny.suite
printf '[suite]\n[nosuch]\nbudget_s = 1\n' >tiny.suite
refused "no such experiment" 'nosuch.conf: No such file' ./tiny.suite
suite_equal 1 0.1 100
echo '[nosuch]' >>tiny.suite
refused "no such experiment, in an empty section" 'nosuch.conf: No such file' ./tiny.suite
suite_equal 1 0.1 100
echo '[]' >>tiny.suite
refused "a section without a name" 'tiny.suite:14: ' ./tiny.suite
suite_equal 1 0.1 100
echo '[equal]' >>equal.conf
refused "an empty section of an experiment" 'equal.conf:7: equal: not \[experiment\]' ./tiny.suite
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
plan_end
