#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# full.sh - draws switches, idle and overload out of made-up tables, and checks the words and
# the numbers that the pictures show.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

# $1: figure's data; $2: an awk condition that some line of it must meet.
some_line()
{
	"$awk" "$2"' { found = 1 } END { exit !found }' "$1"
}

# full NAME VALUE...: a row of full.tsv; what is not given is nan.
full_header()
{
	printf '%s\t' experiment variant family idle held blocks good_rps kept kept_low \
		kept_high grown_kib ctx ctx_low ctx_high voluntary involuntary ctx_per_s user \
		crossings cpu_us ceiling_rps limit server_idle
	echo ctx_per_s_high
}

full()
{
	echo "$@" | "$awk" -v OFS='\t' '{ $1 = $1; print }'
}

run=$work/run
mkdir -p "$run/figures"
: >"$run/trials.tsv"
{
	full_header
	full switches staged staged 0 nan 3 30000 1 1 1 nan 1.5 1.4 1.6 1 0.5 45000 nan 6 nan 90000 server
	full switches thread thread 0 nan 3 20000 1 1 1 nan 2 1.9 2.1 nan nan 40000 nan nan nan 90000 server
	full switches pth user-thread 0 nan 3 20000 1 1 1 nan 0.3 0.3 0.3 0.2 0.1 6000 4 nan nan 90000 server
	full switches st user-thread 0 nan 3 70000 1 1 1 nan 0.2 0.2 0.2 0.1 0.1 14000 nan nan nan 90000 client
	full switches epoll event 0 nan 3 70000 1 1 1 nan nan nan nan nan nan nan nan nan nan 90000 client
	full switches-spin staged staged 0 nan 3 9000 1 1 1 nan 3 3 3 2 1 27000 nan 6 nan 80000 server
	full switches-spin fiber user-thread 0 nan 3 9000 1 1 1 nan 0.003 0.003 0.003 0.001 0.002 27 1.02 nan nan 80000 server 0 30
	full switches-spin thread thread 0 nan 3 9000 1 1 1 nan 1 1 1 1 0 9000 nan nan nan 80000 server 0 9001
	full switches-spin epoll event 0 nan 3 9000 1 1 1 nan 0.003 0.003 0.003 0.001 0.002 27 nan nan nan 80000 server 0 28
	full switches-spin epoll@aa event 0 nan 3 9000 1 1 1 nan 0.003 0.003 0.003 0.001 0.002 20 nan nan nan 80000 server 0 20
	full idle epoll event 0 nan 3 50000 1 1 1 nan 0 0 0 0 0 0 nan nan 20 90000 server
	full idle epoll event 20000 20000 3 49000 0.98 0.97 0.99 0.35 0 0 0 0 0 0 nan nan 20.4 90000 server
	full idle epoll@aa event 0 nan 3 50000 1 1 1 nan 0 0 0 0 0 0 nan nan nan 90000 server
	full idle epoll@aa event 20000 20000 3 48900 0.978 0.97 0.99 0.35 0 0 0 0 0 0 nan nan nan 90000 server
	full idle poll event 0 nan 3 50000 1 1 1 nan 0 0 0 0 0 0 nan nan 20 90000 server
	full idle poll event 20000 20000 3 2500 0.05 0.04 0.06 0.3 0 0 0 0 0 0 nan nan 400 90000 neither
	full idle pool thread 0 nan 3 50000 1 1 1 nan 0 0 0 0 0 0 nan nan 21 90000 server
	full idle pool thread 2000 1990 3 50000 1 1 1 0.77 0 0 0 0 0 0 nan nan 21 90000 server
	full idle pool thread 20000 32 3 50000 nan nan nan nan 0 0 0 0 0 0 nan nan 21 90000 server
} >"$run/full.tsv"
{
	printf '%s\t' variant family declared peak_rps blocks sent_of_peak kept kept_low \
		kept_high answered answered_low answered_high lat_p99 \
		deferred refused closed_no_fd bad resets no_connection lost
	echo flags
	full epoll event defer 20000 3 2.02 0.4 0.3 0.5 0.9 0.8 1.1 5000 0 0 0 0 0 0 123 -
	full epoll@aa event defer 19000 3 2.12 0.42 0.4 0.5 0.95 0.8 1.1 5000 0 0 0 0 0 0 123 -
	full staged staged 503 20000 1 1.2 0.25 0.25 0.25 0.3 0.3 0.3 inf 3 0 0 7777 0 0 0 short
	full pool thread defer nan 0 nan nan nan nan nan nan nan nan nan nan nan nan nan nan nan -
	full thread thread refuse 20000 0 nan nan nan nan nan nan nan nan nan nan nan nan nan nan nan -
} >"$run/overload.tsv"

for figure in switches idle overload; do
	svg=$run/figures/$figure.svg
	ok "$figure is drawn" "$plots/$figure.sh" "$run"
	ok "$figure.svg is well formed" well_formed "$svg"
	ok "$figure.svg has its own title" lacks "$svg" "Produced by GNUPLOT"
	ok "$figure.png is not empty" test -s "$run/figures/$figure.png"
	ok "$figure.svg names epoll" grep -q '>epoll' "$svg"
done
svg=$run/figures/switches.svg
data=$run/figures/data/switches.dat
ok "both experiments of switches are there" \
	test "$(grep -c "the client's ceiling is" "$svg")" -eq 2
ok "the paper's 6 times stands at Knot's stand-in" grep -q '>6 × st<' "$svg"
ok "but not at a count that is background" test "$(grep -c '>6 × ' "$svg")" -eq 1
ok "it is at six times what that has" grep -q 'MARK_AT.*\b1.2\b' "$run/figures/data/switches.panels"
ok "the paper is named" grep -q 'HotOS 2003' "$svg"
ok "the bars are the table's" some_line "$data" '$1 == 2 && $2 == 1 && $3 == 0.5 && $4 == 1.5'
ok "a split that was not measured is none" some_line "$data" '$1 == 3 && $2 == "nan" && $4 == 2'
ok "and is told" grep -q 'the split was not measured' "$svg"
ok "queue crossings are the server's own" grep -q '>1.5 (67 % voluntary), 45k a second; 6 queue crossings, 4 for each switch<' "$svg"
ok "user-level switches too" grep -q '>0.3 (67 % voluntary), 6k a second; 4 of its own<' "$svg"
ok "on the same axis" some_line "$data" '$4 == 0.3 && $7 == 4 && $9 == "pth"'
ok "what a busy loop has too is background" some_line "$data" '$4 == 0.003 && $8 == 1 && $9 == "fiber"'
ok "and told" grep -q '>0.003 (background), 27 a second; 1.02 of its own<' "$svg"
ok "what has more is not" some_line "$data" '$4 == 1 && $8 == 0 && $9 == "thread"'
ok "nor where the loop had others to wait for" some_line "$data" '$8 == 0 && $9 == "pth"'
ok "the axis reaches from the least" grep -q '^LEAST = 0.003$' "$run/figures/data/switches.panels"
ok "what nobody counted is not told" grep -q '>2, 40k a second<' "$svg"
ok "no switches are n/a, not 0" grep -q 'n/a: switches were not counted' "$svg"
ok "who was limited is told" grep -q '; client-limited<' "$svg"
svg=$run/figures/idle.svg
data=$run/figures/data/idle.dat
ok "a collapse is drawn" some_line "$data" '$1 == 20000 && $2 == 0.05 && $5 == "poll"'
ok "what holds is too" some_line "$data" '$1 == 20000 && $2 == 0.98 && $5 == "epoll"'
ok "connections that were not held are told" grep -q '>pool  held 32 of 20000<' "$svg"
ok "where they were it says why libuv's are not" lacks "$svg" 'two descriptors'
ok "and not drawn" some_line "$data" '$1 == 20000 && $2 == "nan" && $5 == "pool"'
ok "memory per connection and CPU stand beside" grep -q '>0.35 KiB, 20 → 20.4 µs<' "$svg"
ok "a collapse costs CPU" grep -q '>0.30 KiB, 20 → 400 µs<' "$svg"
ok "nothing is compared where they were not held" grep -q '>KiB n/a<' "$svg"
ok "nor is what it took beside fewer" lacks "$svg" '0.77 KiB'
ok "that a server idled is told" grep -q 'Some servers idled' "$svg"
ok "and of the client nothing" lacks "$svg" 'at its end beside'
ok "the twin is there" grep -q 'A/A' "$svg"
svg=$run/figures/overload.svg
ok "declared and seen stand side by side" grep -q 'declares: 503; saw 3 pauses, 7.78k not 200<' "$svg"
ok "where no peak was found there is nothing to keep" \
	grep -q 'n/a: its ladder ended below the peak' "$svg"
ok "what was not tried is n/a" grep -q 'n/a: not tried' "$svg"
ok "the share is drawn, and its range" some_line "$run/figures/data/overload.dat" \
	'$1 == 1 && $2 == 0.4 && $3 == 0.3 && $4 == 0.5 && $6 == 0.9 && $8 == 1.1'
ok "the ranges are told" \
	grep -q '>in time 40 % (30-50), in all 90 % (80-110) of 20k/s; 2.02 × sent; p99 5 ms;' "$svg"
ok "one block has none" grep -q '>in time 25 %, in all 30 % of 20k/s;' "$svg"
ok "a client that sent too little is told" grep -q '1.20 × sent (too little); p99 never answered;' "$svg"
ok "what nobody answered is told" grep -q 'saw 123 unanswered<' "$svg"
ok "how far peaks are to be trusted too" grep -q "the A/A pair's peaks differ by 5.3 %" "$svg"
ok "how many blocks is told" grep -q 'Medians of 3 trials a variant' "$svg"

# In a block of staged's, and of poll's beside 20000, no trial was sound.
mkdir -p "$work/noted/figures"
: >"$work/noted/trials.tsv"
"$awk" -F'\t' -v OFS='\t' '{
	if (NR == 1)
		last = NF + 1
	$last = "-"
	if (NR == 1)
		$last = "note"
	else if ($1 == "switches" && $2 == "staged" || $2 == "poll" && $4 == 20000)
		$last = "disturbed in 1 of 3 blocks"
	print
}' "$run/full.tsv" >"$work/noted/full.tsv"
for figure in switches idle; do
	ok "$figure has no mark where nothing is disturbed" \
		lacks "$run/figures/$figure.svg" 'disturbed trials'
	ok "$figure is drawn with disturbed trials" "$plots/$figure.sh" "$work/noted"
	ok "which it explains" grep -q '!: rests on disturbed trials\.' "$work/noted/figures/$figure.svg"
done
ok "a bar of such is marked" grep -q '>staged !<' "$work/noted/figures/switches.svg"
ok "and not where it was not" grep -q '>staged<' "$work/noted/figures/switches.svg"
ok "so is a line" grep -q '>poll !  0.05<' "$work/noted/figures/idle.svg"
ok "and no other" grep -q '>epoll  0.98<' "$work/noted/figures/idle.svg"

mkdir "$work/none"
: >"$work/none/trials.tsv"
for figure in switches idle overload; do
	ok "$figure without its table is refused" refuses 2 "$figure: " "$plots/$figure.sh" "$work/none"
done
full_header >"$work/none/full.tsv"
for figure in switches idle; do
	ok "$figure of an empty table is a clear error" \
		refuses 1 'no rows' "$plots/$figure.sh" "$work/none"
done
echo variant >"$work/none/overload.tsv"
ok "overload of one too" refuses 1 'no rows' "$plots/overload.sh" "$work/none"
ok "another experiment is a clear error" refuses 1 'there is:' "$plots/idle.sh" "$run" nothing
echo "1..$tests"
