#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-late.sh - a trial that was kept although void is tried once more when all blocks are
# through, and its sound repetition then stands for it.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady even
suite_equal 2 0.2 100
bench ./tiny.suite --seed 5 --out run >out 2>err
check "a run without void trials has none repeated" [ "$(wc -l <run/trials.tsv)" -eq 5 ]

# As if steal had spoilt the first trial and there had been no time for another: its CPU is
# absurd, and the run was killed after it.
awk -F'\t' -v OFS='\t' '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
	NR == 2 { $c["void"] = "steal"; $c["flagged"] = 1; $c["cpu_us"] = 1e9 }
	NR <= 2' run/trials.tsv >spoilt.tsv
cp spoilt.tsv run/trials.tsv
spoilt=$(column variant <spoilt.tsv)
sed -i 's/"finished": true/"finished": false/' run/manifest.json
bench ./tiny.suite --resume run >out 2>err
check "the run goes on to its end" [ $? -eq 0 ]
check "one trial more than planned" [ "$(wc -l <run/trials.tsv)" -eq 6 ]
tail -n 1 run/trials.tsv >last
check "the last is that trial again" [ "$(cut -f 2-7 last | tr '\t' ' ')" = \
	"equal equal 1 $spoilt event 2" ]
check "at the same load" [ "$(column load_rps <run/trials.tsv | sort -u)" = 100 ]
check "and is sound" [ "$(cut -f 8 last)" = 0 ]
check "the absurd value stands for nothing" \
	[ "$(awk -F'\t' 'NR > 1 && $9 > 1e6 { n++ } END { print n + 0 }' run/summary.tsv)" -eq 0 ]
check "the table counts and names what was void" \
	grep -q '^1 of 5 trials void: steal 1; 1 of the void ones kept and flagged$' out
cp run/trials.tsv before
bench ./tiny.suite --resume run >out 2>err
check "resuming the finished run adds nothing" cmp before run/trials.tsv

# Killed before the repetition: it is made up for.
head -n 5 before >run/trials.tsv
bench ./tiny.suite --resume run >out 2>err
check "killed before the repetition, the run makes it" [ "$(wc -l <run/trials.tsv)" -eq 6 ]
check "and only that" [ "$(head -n 5 run/trials.tsv)" = "$(head -n 5 before)" ]

# Time for one trial only.
sed -i 's/^budget_s.*/budget_s = 0.5/' tiny.suite
bench ./tiny.suite --seed 5 --out short >out 2>err
check "trials there was no time for are told" \
	grep -q '^note: no time was left for 3 trials (budget_s)$' out
bench ./tiny.suite --resume short >out 2>err
check "also when the run is shown again" \
	grep -q '^note: no time was left for 3 trials (budget_s)$' out
plan_end
