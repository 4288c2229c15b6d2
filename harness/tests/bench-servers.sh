#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-servers.sh - a server that crashes and one that is never ready are reported, and the
# others go on.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady crash mute
suite_equal 2 0.3 300
bench ./tiny.suite --out run >out 2>err
check "a failing server is a finding" [ $? -eq 1 ]
rows=run/trials.tsv

of() {
	awk -F'\t' -v name="$1" 'NR == 1 || $5 == name' $rows
}
# On a busy machine one of steady's may be void, and is tried again.
sound() {
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
		NR == 1 || ($5 == "steady" && $c["void"] == "0")' $rows
}
check "steady ran in both blocks" [ "$(sound | column trial | wc -l)" -eq 2 ]
check "none of its replies was wrong" [ "$(sound | where bad 0)" -eq 2 ]
check "counters it does not keep are nan" [ "$(sound | where requests nan)" -eq 2 ]
check "crash was tried twice and left out" [ "$(of crash | where void server)" -eq 2 ]
check "the signal is told" [ "$(of crash | where note '.*signal 6')" -eq 2 ]
check "mute was tried twice and left out" \
	[ "$(of mute | where note '.*not ready within 5 s')" -eq 2 ]
check "no void row has a verdict" [ "$(of crash | where pass nan)" -eq 2 ]
check "the time they took beyond the plan is told, not 0:00 left" \
	grep -q 'steady at .*, over by 0:[0-9][0-9]$' err
tried=$(($(wc -l <$rows) - 1))
void=$((tried - $(where void 0 <$rows)))
check "the table says how many trials were void and why" \
	grep -q "^$void of $tried trials void: .*server [0-9]* (2 of these of [a-z]*, 2 of [a-z]*)" out
check "the table says who was left out" [ "$(grep -c 'left out' out)" -eq 2 ]
check "the summary has a line each" [ "$(grep -c -E '^(steady|crash|mute)' run/summary.tsv)" -eq 3 ]
check "they are flagged there" [ "$(grep -c dropped run/summary.tsv)" -eq 2 ]
check "unmeasured is n/a on screen" grep -q '^mute .*n/a' out
check "the manifest is finished" grep -q '"finished": true' run/manifest.json
check "it has the programs' hashes" [ "$(grep -c '"sha256": "[0-9a-f]\{64\}"' run/manifest.json)" -eq 3 ]
virtual=null
! grep -q '^flags.* hypervisor' /proc/cpuinfo || virtual=true
check "it says whether the machine is virtual" grep -q "\"virtual\": $virtual" run/manifest.json
check "it has the sources of the metrics" grep -q '"cpu_s"' run/manifest.json
check "a trial has its histogram" [ -s "run/hist/$(sound | column hist | head -n 1)" ]
check "no process stayed behind" all_gone
check "nor the working folder" [ ! -e run/work ]
plan_end
