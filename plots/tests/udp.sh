#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# udp.sh - draws udp out of a made-up table, and checks the words and the numbers of the picture.
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
{
	printf 'trial\texperiment\tphase\tvariant\tvoid\tclient_idle_share\tpoint\n'
	printf '%s\tudp\t%s\t%s\t%s\t%s\t%s\n' 1 xdp net-1core 0 0.3 300 2 socket udp-epoll 0 0.3 300 \
		3 socket udp-epoll client-late 0 300 4 xdp net-1core 0 0.06 957 5 xdp net-1core 0 0 957 \
		6 socket udp-epoll 0 0.2 957
	printf '7\tother\tsocket\tudp-epoll\t0\t0\t300\n'
} >"$run/trials.tsv"
row() # VARIANT FAMILY WAY OFFERED FLAGGED BILLED ACHIEVED LOW HIGH PROGRAM SERVER RTT
{
	printf 'udp\t%s\t%s\t%s\t%s\t2\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}
{
	printf '%s\t' experiment variant family way offered_mbps blocks flagged billed achieved_mbps \
		achieved_mbps_low achieved_mbps_high program_cpu server_cpu
	echo rtt_p50
	for rate in 10 400 957; do
		row udp-epoll event socket $rate 0 server "$rate" "$rate" "$rate" 0.3 0.9 90
		row udp-epoll@aa event socket $rate 0 server "$rate" "$rate" "$rate" 0.3 0.9 90
		row net-1core module xdp $rate 1 sender 321 300 333 0.25 0.8 nan
	done
} >"$run/udp.tsv"
pair() # OFFERED QUANTITY RATIO LOW HIGH FLOOR VERDICT GOAL VERDICT
{
	printf 'udp\tnet-1core\txdp\tudp-epoll\tsocket\t%s\t%s\t12\t%s\t%s\t%s\t1.01\t%s\t%s\t%s\t%s\n' "$@"
}
{
	printf '%s\t' experiment first first_way second second_way offered_mbps quantity blocks ratio \
		interval_low interval_high band floor floor_verdict goal
	echo goal_verdict
	pair 300 per_server_s 1.2 1.15 1.25 1 met 1.5 'not met'
	pair 300 per_machine_s 1.1 1.05 1.15 nan - nan -
	pair 957 per_server_s 1.3 1.25 1.35 1 met 1.5 'not met'
} >"$run/udp-pairs.tsv"
ok "udp is drawn" "$plots/udp.sh" "$run"
svg=$run/figures/udp.svg
data=$run/figures/data/udp.dat
ok "the picture is well-formed" well_formed "$svg"
ok "there is a PNG" test -s "$run/figures/udp.png"
ok "a point has its rate, the range and the CPUs" some_line "$data" \
	'$9 == "net-1core/xdp" && $1 == 957 && $2 == 321 && $3 == 300 && $4 == 333 && $5 == 0.8 && $6 == 0.25'
ok "what was not measured is no number" some_line "$data" '$9 == "net-1core/xdp" && $7 == "nan"'
ok "a line has its way, and a mark if the sender paid" contains "$svg" 'net-1core xdp *'
ok "a socket needs no word" contains "$svg" '>udp-epoll<'
ok "the twin is told" contains "$svg" 'udp-epoll (A/A)'
ok "disturbed points are told" contains "$svg" '3 of 9 points rest on disturbed trials'
ok "so is the verdict" contains "$svg" \
	'net-1core xdp over udp-epoll. At 300 Mb/s 1.20 (95 %: 1.15 to 1.25): floor 1 met, goal 1.5 not met.'
ok "and where the client's CPU was full" contains "$svg" \
	"At 957 Mb/s (client's CPU full) 1.30 (95 %: 1.25 to 1.35): floor 1 met"
ok "blocks are told" contains "$svg" '2 blocks: medians; of what came back thin lines show the range.'
ok "and what a thin line is beside the CPUs" contains "$svg" 'thin: its program, with interrupts on top of it.'
ok "what was published is apart" some_line "$data.board" '$5 == "linux-1core" && $1 == 957 && $2 == 568.347'
ok "and not among ours" lacks "$data" linux-1core
ok "with its source" contains "$svg" 'i.MX8M Mini (Cortex-A53), ipbench (au-ts/sddf'
ok "another experiment is refused" refuses 1 'no trial of experiment' "$plots/udp.sh" "$run" none
rm "$run/udp-pairs.tsv"
ok "without one it is drawn too" "$plots/udp.sh" "$run"
ok "and none is told" lacks "$svg" 'floor 1'
rm "$run/udp.tsv"
ok "so is a run without it" refuses 2 'udp.tsv' "$plots/udp.sh" "$run"
echo "1..$tests"
