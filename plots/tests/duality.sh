#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality.sh - draws duality out of made-up tables, and checks the words and the numbers that the
# picture shows.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

row()
{
	echo "$@" | tr ' ' '\t'
}

header="experiment first second quantity blocks ratio low high mean interval_low interval_high"
header="$header goal_low goal_high band judged verdict"
run=$work/run
mkdir -p "$run/figures"
: >"$run/trials.tsv"
{
	row experiment variant good_rps limit server_idle note
	row duality-cached fiber 101000 client nan -
	row duality-cached epoll 100000 client nan -
	row duality-cached pth 40000 client nan -
	row duality-disk fiber 900 server 0.08 -
	row duality-disk epoll 1000 wait nan -
} >"$run/full.tsv"
pairs()
{
	# shellcheck disable=SC2086 # words
	row $header
	row duality-cached fiber epoll ctx 8 5 4 6 5 nan nan 0.97 1.03 nan 0 -
	row duality-cached fiber epoll rate 8 1.02 0.9 1.1 1.02 1.01 1.03 0.97 1.03 0.05 0 -
	row duality-cached fiber epoll per_cpu_s 8 1.004 0.95 1.05 1.003 0.991 1.015 0.97 1.03 0.01 1 inside
	row duality-cached fiber pth rate 8 2.4 2 3 2.4 2.3 2.5 nan nan 0.05 0 -
	row duality-cached fiber pth per_cpu_s 8 2.6 2 3 2.5 2.4 2.6 nan nan 0.01 1 more
	row duality-cached epoll@aa epoll rate 8 1 0.9 1.1 1 0.95 1.05 nan nan 0.05 0 -
	row duality-cached epoll@aa epoll per_cpu_s 8 1 0.9 1.1 1 0.993 1.009 nan nan 0.01 0 -
	row duality-disk fiber epoll rate 8 0.9 0.8 1 0.9 0.85 0.95 0.97 1.03 0.125 1 cannot-tell
	row duality-disk fiber epoll per_cpu_s 8 1 0.9 1.1 1 0.98 1.02 0.97 1.03 0.05 0 -
	row duality-disk fiber st rate 8 0.9 0.8 1 0.9 0.85 0.95 nan nan 0.04 1 less
	row duality-disk fiber st per_cpu_s 8 1.1 1 1.2 1.1 1.05 1.15 nan nan 0.05 0 -
	row duality-disk epoll@aa epoll rate 8 1 0.8 1.2 1 0.88 1.12 nan nan 0.125 0 -
	row other fiber epoll rate 8 9 9 9 9 9 9 0.97 1.03 0.01 1 above
}
pairs >"$run/full-pairs.tsv"

svg=$run/figures/duality.svg
data=$run/figures/data/duality.dat
panels=$run/figures/data/duality.panels
ok "it is drawn" "$plots/duality.sh" "$run"
ok "the svg is well formed" well_formed "$svg"
ok "it has its own title" lacks "$svg" "Produced by GNUPLOT"
ok "the png is not empty" test -s "$run/figures/duality.png"
ok "a row for each workload, and no other's" grep -q 'NAME\[2\] = \["cached", "disk"\]' "$panels"
# point BLOCK NUMBERS: the block of lines (from 1) has this one.
point()
{
	"$awk" -v nth="$1" -v wanted="$2" 'BEGIN { block = 1 }
		$0 == "" { blank++; next }
		blank >= 2 { block++ }
		{ blank = 0 }
		block == nth && $0 == wanted { found = 1 }
		END { exit !found }' "$data"
}
ok "what is judged is the CPU's, and the estimate that the interval is of" point 1 "0.92 1.003 0.991 1.015"
ok "of disk it is the rate's" point 1 "1.92 0.9 0.85 0.95"
ok "the other measure stands beside" point 2 "1.14 1.02 1.01 1.03"
ok "the other pair is by the measure judged" point 3 "0.64 2.5 2.4 2.6"
ok "the band is A/A's, by the same measure" grep -q 'BAND_LOW\[2\] = \[0.990099, 0.888889\]' "$panels"
ok "on both sides" grep -q 'BAND_HIGH\[2\] = \[1.01, 1.125\]' "$panels"
ok "the goal's bounds are the table's" grep -q '^GOAL_LOW = 0.97$' "$panels"
ok "the upper one too" grep -q '^GOAL_HIGH = 1.03$' "$panels"
ok "the verdict is told" grep -q '>1.003  inside<' "$svg"
ok "be it bad" grep -q '>0.900  cannot be told<' "$svg"
ok "and what it is of" grep -q '>requests per second of CPU<' "$svg"
ok "who was limited is told" grep -q '>101k/s against 100k/s (client at its end)<' "$svg"
ok "that a server idled is told instead" grep -q '>900/s against 1k/s (server idle for 8 %)<' "$svg"
ok "where the other measure says the opposite, so does the picture" \
	grep -q '>0.90  less; more by CPU<' "$svg"
ok "by how much pth is beaten" grep -q '>2.50  more<' "$svg"
ok "how many blocks" grep -q '8 blocks, .* 90 % t interval\.' "$svg"
ok "what the grey is" grep -q 'Grey: epoll against itself' "$svg"

ok "where no trial was disturbed nothing is marked" lacks "$svg" 'disturbed'

# disturb EXPERIMENT VARIANT: in a block all its trials were void; those of others were not.
cp "$run/full.tsv" "$work/sound"
disturb()
{
	"$awk" -F'\t' -v OFS='\t' -v e="$1" -v v="$2" '
		$1 == e && $2 == v { $6 = "at the client'"'"'s ceiling in 1 of 8 blocks: no capacity; disturbed in 1 of 8 blocks" }
		{ print }' "$work/sound" >"$run/full.tsv"
}
disturb duality-cached pth
ok "a variant's disturbed trials are drawn" "$plots/duality.sh" "$run"
ok "and marked where they are compared" grep -q '>fiber / pth !<' "$svg"
ok "which is explained" grep -q '!: rests on disturbed trials' "$svg"
ok "no other pair is" grep -q '>fiber / st<' "$svg"
ok "nor the one that the goal is about" grep -q '>1.003  inside<' "$svg"
disturb duality-disk fiber
ok "those of the pair that the goal is about are drawn" "$plots/duality.sh" "$run"
ok "marked, before the verdict" grep -q '>0.900 !  cannot be told<' "$svg"
ok "of that workload alone" grep -q '>1.003  inside<' "$svg"
ok "the grey is not" lacks "$svg" 'grey !'
cp "$work/sound" "$run/full.tsv"
row duality-disk epoll@aa 1000 wait nan disturbed_in_1_of_8_blocks >>"$run/full.tsv"
ok "those of the twin are drawn" "$plots/duality.sh" "$run"
ok "marked with the grey" grep -q '>requests a second; grey !<' "$svg"
ok "there alone" grep -q '>requests per second of CPU<' "$svg"
cp "$work/sound" "$run/full.tsv"

# Too few blocks: ranges, and said so; no A/A, no other pair.
pairs | "$awk" -F'\t' -v OFS='\t' '/@aa/ || /pth/ { next }
	NR > 1 { $5 = 2; $10 = $11 = $14 = "nan"; if ($15 == 1) $16 = "n/a" } { print }' \
	>"$run/full-pairs.tsv"
ok "it is drawn without intervals" "$plots/duality.sh" "$run"
ok "as medians and ranges" point 1 "0.92 1.004 0.95 1.05"
ok "which it says" grep -q '2 blocks, .*too few blocks for intervals' "$svg"
ok "no verdict then" grep -q '>1.004<' "$svg"
ok "no band" lacks "$svg" 'Grey:'

ok "nothing of that name is a clear error" refuses 1 'there is:' "$plots/duality.sh" "$run" none
pairs | head -n 2 | "$awk" -F'\t' -v OFS='\t' 'NR > 1 { $4 = "rate"; $12 = "nan" } { print }' \
	>"$run/full-pairs.tsv"
ok "no goal is one too" refuses 1 'no pair has a goal' "$plots/duality.sh" "$run"
rm "$run/full-pairs.tsv"
ok "no table is one too" refuses 2 'full-pairs.tsv' "$plots/duality.sh" "$run"
echo "1..$tests"
