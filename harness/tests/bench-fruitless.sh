#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-fruitless.sh - an experiment that gets not one good reply is a finding, and its numbers
# are n/a.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
suite_equal 1 0.2 200
bench ./tiny.suite --out sound >out 2>err
check "with good replies: status 0" [ $? -eq 0 ]

sed -i 's|^request.*|request = /nofile|' equal.conf
bench ./tiny.suite --out equal >out 2>err
check "equal: status 1" [ $? -eq 1 ]
check "equal: no number in the table" grep -q -E '^steady( +n/a){5}$' out
check "equal: the table says why" \
	grep -q '^note: equal: not one good reply of steady (/nofile)' out
check "equal: and the manifest" grep -q 'not one good reply of steady' equal/manifest.json
check "equal: the trials are void with a reason" \
	[ "$(where note 'every reply was wrong.*' <equal/trials.tsv)" -ge 1 ]
check "equal: none was good" [ "$(where good 0 <equal/trials.tsv)" -ge 1 ]
check "equal: none has a verdict" \
	[ "$(where pass nan <equal/trials.tsv)" -eq "$(($(wc -l <equal/trials.tsv) - 1))" ]
check "equal: no number in the summary" \
	[ "$(awk -F'\t' '$1 == "steady" { print $9, $10 }' equal/summary.tsv)" = "nan nan" ]
bench ./tiny.suite --resume equal >out 2>err
check "equal: told again when the finished run is shown" [ $? -eq 1 ]

cat >knee.conf <<-END
	[experiment]
	kind = knee
	request = /nofile
	limit_us = 100000
	certificate = yes
END
cat >tiny.suite <<-END
	[suite]
	budget_s = 20
	aa = steady
	canary_every = 0
	[knee]
	warmup_s = 0.05
	window_s = 0.1
	drain_s = 0.1
	probe_s = 0.1
END
bench ./tiny.suite --out knee >out 2>err
check "knee: status 1" [ $? -eq 1 ]
check "knee: no number in the table" grep -q -E '^steady( +n/a){5}$' out
check "knee: the table says why" \
	grep -q '^note: knee: not one good reply of steady (/nofile)' out
check "no process stayed behind" all_gone
plan_end
