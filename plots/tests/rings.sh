#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# rings.sh - draws rings, locks and multicore out of made-up tables, and checks the words and the
# numbers that the pictures show.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

# $1: data; $2: a condition that some line of it must meet.
some_line()
{
	"$awk" "$2"' { found = 1 } END { exit !found }' "$1"
}

run=$work/run
mkdir "$run"
echo trial >"$run/trials.tsv"
tab=$(printf '\t')

# --- rings -------------------------------------------------------------------------------------
row()
{
	printf 'rings\t%s\t%s\t%s\t%s\t%s\tns\t%s\t%s\n' "$@"
}
{
	echo "experiment${tab}round${tab}what${tab}place${tab}ring${tab}batch${tab}unit${tab}value${tab}note"
	row 1 never-empty smt - 1 nan 'no second thread'
	for round in 1 2 3; do
		for batch in 1 2 4 8 16 32 64; do
			row $round never-empty cores ring $batch $round -
			row $round never-empty cores ck_ring $batch 20 -
			row $round never-empty cores rte_ring $batch nan 'was not found'
			row $round ping-pong processes ring $batch 40 -
		done
		row $round same-thread thread ring 1 7.25 -
		row $round wake cores doorbell 1 900 -
	done
	row 4 never-empty cores ck_ring 64 nan 'a processor was taken away'
} >"$run/rings.tsv"
ok "rings are drawn" "$plots/rings.sh" "$run"
svg=$run/figures/rings.svg
data=$run/figures/data/rings.dat
ok "the picture is well-formed" well_formed "$svg"
ok "there is a PNG" test -s "$run/figures/rings.png"
ok "nanoseconds become millions a second: the median, and the range" \
	some_line "$data" '$5 == "ring" && $6 == "never-empty" && $1 == 8 && $2 == 500 && $3 + 0 > 333 && $3 + 0 < 334 && $4 == 1000'
ok "a ring that is absent has no numbers" \
	some_line "$data" '$5 == "rte_ring" && $2 == "nan"'
ok "and its reason" contains "$svg" 'rte_ring n/a: was not found'
ok "so has a place" contains "$svg" 'one core, two hardware threads n/a: no second thread'
ok "a place of which there is something has a row" contains "$svg" 'two cores, two processes'
ok "within a thread, and wake-ups" contains "$svg" 'ring 7.2, ring-items n/a'
ok "what was not measured is n/a" contains "$svg" 'bare futex n/a'
ok "signals are elided where a link is saturated" contains "$svg" 'on a saturated link, batches of 8: n/a'
ok "how many rounds" contains "$svg" 'Medians of 3 rounds; thin lines show the range'
ok "another experiment is refused" refuses 1 'no trial of experiment' "$plots/rings.sh" "$run" none
rm "$run/rings.tsv"
ok "so is a run without rings" refuses 2 'rings.tsv' "$plots/rings.sh" "$run"

# --- locks, multicore ---------------------------------------------------------------------------
cell()
{
	printf '%s\t%s\t%s\t%s\t%s\t%s\t3\t0\t%s\t%s\t%s\t%s\t%s\t%s\t1\t1\t1\t%s\t5\t5\t%s\t0\t0\n' "$@"
}
{
	echo "experiment over point variant family accounts blocks flagged good_rps good_low good_high" \
		"lock_waits lock_waits_low lock_waits_high ctx ctx_low ctx_high cpu_us cpu_us_low" \
		"cpu_us_high server_idle server_idle_low server_idle_high" | tr ' ' "$tab"
	for accounts in 1 64; do
		cell locks accounts $accounts pool thread monitor 50000 40000 60000 0.5 0.4 0.6 5 0.3
		cell locks accounts $accounts epoll event free 90000 90000 90000 0 0 0 5 0.3
		cell locks accounts $accounts epoll@aa event free 91000 91000 91000 0 0 0 5 0.3
		cell locks accounts $accounts graph-1core module free 70000 70000 70000 nan nan nan 5 0.3
	done
	cell multicore cores 1 epoll event free 30000 30000 30000 0 0 0 31.5 0
	cell multicore cores 1 loops event each 29000 29000 29000 0 0 0 32.5 0
} >"$run/sweep.tsv"
ok "locks are drawn" "$plots/locks.sh" "$run"
svg=$run/figures/locks.svg
ok "the picture is well-formed" well_formed "$svg"
ok "rates are" some_line "$run/figures/data/locks.dat.rate" '$5 == "pool" && $2 == 50000 && $3 == 40000 && $4 == 60000'
ok "lock waits are" some_line "$run/figures/data/locks.dat.waits" '$5 == "pool" && $2 == 0.5'
ok "what is not counted is not 0" some_line "$run/figures/data/locks.dat.waits" '$5 == "graph-1core" && $2 == "nan"'
ok "a module that owns them is told from one thread without a lock" \
	grep -q '"owner"' "$run/figures/data/locks.panels"
ok "the twin is told as one" contains "$svg" 'epoll again (A/A)'
ok "an idle server is told" contains "$svg" 'Some servers idled'
ok "no point is disturbed" lacks "$svg" 'disturbed trials'
ok "so is what one CPU means" contains "$svg" 'on one server CPU'
ok "also where the answer would be" contains "$svg" 'below 3 server CPUs n/a'
# manifest CPUS: of a run whose servers had these.
manifest()
{
	printf '{\n  "suite": {\n    "server_cpus": 7\n  },\n  "server_cpus": "%s"\n}\n' "$1" \
		>"$run/manifest.json"
}
manifest 1,3
ok "locks are drawn where there are too few server CPUs" "$plots/locks.sh" "$run"
ok "the picture is well-formed then" well_formed "$svg"
ok "no lock waits are, then" lacks "$run/figures/data/locks.dat.waits" '0.5'
ok "but that they are n/a" contains "$svg" '>n/a: below 3 server CPUs nobody waits for a lock<'
ok "rates are all the same" some_line "$run/figures/data/locks.dat.rate" '$5 == "pool" && $2 == 50000'
manifest 0,2-3
ok "locks are drawn where there are enough" "$plots/locks.sh" "$run"
ok "with lock waits" some_line "$run/figures/data/locks.dat.waits" '$5 == "pool" && $2 == 0.5'
ok "which are not n/a" lacks "$svg" '>n/a'
rm "$run/manifest.json"
ok "multicore is drawn" "$plots/multicore.sh" "$run"
svg=$run/figures/multicore.svg
ok "the picture is well-formed" well_formed "$svg"
ok "with what a request costs" contains "$svg" '31.5 us'
ok "and who wakes the client" contains "$svg" 'The client spins'
ok "on one CPU it says that there is no more" contains "$svg" 'Several server CPUs: n/a'
cell multicore cores 2 loops event each 58000 58000 58000 0 0 0 32.5 0 >>"$run/sweep.tsv"
sed -i '/^multicore.*loops/s/\t3\t0\t/\t3\t1\t/' "$run/sweep.tsv"
ok "on two it is drawn, too" "$plots/multicore.sh" "$run"
ok "disturbed points are told" contains "$svg" '2 of 3 points rest on disturbed trials'
ok "and says so" lacks "$svg" 'Several server CPUs: n/a'
sed -i 's/\t90000\t90000\t90000/\tnan\tnan\tnan/' "$run/sweep.tsv"
ok "another experiment is refused" refuses 1 'there is:' "$plots/locks.sh" "$run" none
rm "$run/sweep.tsv"
ok "so is a run without sweeps" refuses 2 'sweep.tsv' "$plots/locks.sh" "$run"
echo "1..$tests"
