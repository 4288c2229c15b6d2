#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-late.sh - a trial that was kept although void is tried once more when all blocks are
# through, and its sound repetition then stands for it: of kinds equal and full.
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
# A number: "nan", where nothing was answered, is more than any to some awks.
check "the absurd value stands for nothing" [ "$(awk -F'\t' '
	$9 ~ /^[0-9]/ && $9 > 1e6 { n++ } END { print n + 0 }' run/summary.tsv)" -eq 0 ]
check "the table counts and names what was void" \
	grep -q '^1 of 5 trials void: steal 1; 1 of the void ones kept and flagged$' out
# Nor where what stands for it got no reply, and so has no CPU per request.
cp -r run quiet
awk -F'\t' -v OFS='\t' -v spoilt="$spoilt" '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
	$5 == spoilt && $c["void"] == "0" { $c["cpu_us"] = "nan" }
	{ print }' run/trials.tsv >quiet/trials.tsv
bench ./tiny.suite --resume quiet >out 2>err
check "nor for what the sound ones lack" [ "$(awk -F'\t' -v spoilt="$spoilt" '
	$1 == spoilt { print $9 }' quiet/summary.tsv)" = nan ]
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

# Of kind full: a variant, the trivial server and the round that counts switches apart, spoilt in
# the first block.  Whatever else a busy machine makes void comes on top.
cat >full.conf <<-END
	[experiment]
	kind = full
	request = /
	connections = 4
	limit_us = 1000000
	warmup_s = 0.05
	window_s = 0.2
	window_most_s = 0.2
	drain_s = 0.1
	certificate = yes
	split = yes
	variants = steady
	budget_s = 60
END
suite_begin 2 none >tiny.suite
echo '[full]' >>tiny.suite
bench ./tiny.suite --seed 5 --out full >out 2>err

# first: of trials.tsv, what was planned.
first() {
	awk -F'\t' 'NR == 1 || $7 == 1' "$@"
}
# again: what was tried again when all else was through, sorted.
again() {
	awk -F'\t' '$7 == 1 { late = "" } $7 > 1 && $4 == 1 { late = late $3 " " $5 "\n" }
		END { printf "%s", late }' full/trials.tsv | sort -u | tr '\n' ,
}
first full/trials.tsv | awk -F'\t' -v OFS='\t' '
	NR > 1 { $8 = $4 == 1 ? "steal" : 0; $9 = $4 == 1 ? 1 : 0 } { print }' >spoilt.tsv
check "with each trial once" [ "$(wc -l <spoilt.tsv)" -eq 6 ]
cp spoilt.tsv full/trials.tsv
sed -i 's/"finished": true/"finished": false/' full/manifest.json
bench ./tiny.suite --resume full >out 2>err
all='certificate reflector,full steady,split steady,'
check "each trial of that block is tried again" [ "$(again)" = "$all" ]
check "after the others" [ "$(head -n 6 full/trials.tsv)" = "$(cat spoilt.tsv)" ]
head -n 7 full/trials.tsv >half.tsv
cp half.tsv full/trials.tsv
sed -i 's/"finished": true/"finished": false/' full/manifest.json
bench ./tiny.suite --resume full >out 2>err
check "killed amid the repetitions, the run makes the others" [ "$(again)" = "$all" ]
check "and not that again" [ "$(head -n 7 full/trials.tsv)" = "$(cat half.tsv)" ]
plan_end
