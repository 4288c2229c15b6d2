#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# primitives.sh - draws primitives out of a made-up table, and checks the words and the numbers
# that the picture shows.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

# $1: data; $2: panel, from 0; $3: a condition that some line of it must meet.
in_panel()
{
	"$awk" -v panel="$2" 'NF == 0 { if (was) p++; was = 0; next } /^#/ { next }
		{ was = 1 } p == panel && ('"$3"') { found = 1 } END { exit !found }' "$1"
}

sample()
{
	echo "$@" - | tr ' ' '\t'
}

run=$work/run
mkdir -p "$run/figures"
: >"$run/trials.tsv"
{
	sample experiment round primitive runtime live unit value steal_share | sed 's/-$/note/'
	for round in 1 2 3; do
		sample primitives $round create fiber 0 ns ${round}00 0
		sample primitives $round create thread 0 ns ${round}2000 0.5
		sample primitives $round switch fiber 2 ns 7 0
		sample primitives $round switch fiber 1000 ns 9000 0
		sample primitives $round jump fiber 0 ns 1.5 0
		sample primitives $round mutex st 0 ns nan 0
		sample primitives $round call call 0 ns 90 0
		sample primitives $round memory fiber 1000 KiB 4.3 0
		sample other $round create go 0 ns 1 0
	done
} >"$run/micro.tsv"

ok "primitives is drawn" "$plots/primitives.sh" "$run"
svg=$run/figures/primitives.svg
data=$run/figures/data/primitives.dat
others=$run/figures/data/primitives.others.dat
ok "and is more than a frame" test "$(wc -c <"$svg")" -gt 10000
ok "and well formed" well_formed "$svg"
ok "a median stands with its range" in_panel "$data" 0 '$1 == 5 && $2 == 200 && $3 == 100 && $4 == 300'
ok "in a unit that is read" grep -q '>22 µs<' "$svg"
ok "a switch is that between two" in_panel "$data" 1 '$1 == 5 && $2 == 7'
ok "a bare one stands beside" in_panel "$data" 1 '$1 == 7 && $2 == 1.5'
ok "but not in other panels" in_panel "$data" 0 '$1 == 7 && $2 == "nan"'
ok "what was not measured is n/a" in_panel "$data" 2 '$1 == 4 && $2 == "nan" && /n\/a/'
ok "another experiment's rows are not in it" in_panel "$data" 0 '$1 == 6 && $2 == "nan"'
ok "what was published is beside: NPTL's switch" in_panel "$others" 1 '$1 == 2 && $2 == 650 && $3 == 4'
ok "and named" grep -q 'SOSP 2003, table 1' "$svg"
ok "steal is told" grep -q 'took more than 2 % of the CPU from 3 of 21 samples' "$svg"
ok "how many rounds is told" grep -q '3 rounds: medians' "$svg"

mkdir "$work/none"
: >"$work/none/trials.tsv"
ok "without its table it is refused" refuses 2 'primitives: ' "$plots/primitives.sh" "$work/none"
head -n 1 "$run/micro.tsv" >"$work/none/micro.tsv"
ok "an empty table is a clear error" refuses 1 'no rows' "$plots/primitives.sh" "$work/none"
ok "another experiment is a clear error" refuses 1 'there is:' "$plots/primitives.sh" "$run" nothing
echo "1..$tests"
