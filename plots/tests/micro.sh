#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# micro.sh - draws task8k and busywait out of a made-up table, and checks the words and the
# numbers that the pictures show.
# shellcheck disable=SC2016 # the dollars in single quotes are awk's
# shellcheck source=plots/tests/lib.sh
. "${DUALITY_SOURCE:?}/plots/tests/lib.sh"

# $1: data; $2: a condition that some line of it must meet.
some_line()
{
	"$awk" "$2"' { found = 1 } END { exit !found }' "$1"
}

# sample EXPERIMENT ROUND PRIMITIVE RUNTIME LIVE UNIT VALUE STEAL NOTE
sample()
{
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}

run=$work/run
mkdir -p "$run/figures"
: >"$run/trials.tsv"
{
	sample experiment round primitive runtime live unit value steal_share note
	for round in 1 2 3; do
		sample task8k $round task8k fiber 1 1/s ${round}00000 0 -
		sample task8k $round task8k fiber 1000000 1/s 80000 0 -
		sample task8k $round task8k event 1 1/s 110000 0.5 -
		sample task8k $round task8k event 1000000 1/s 100000 0 -
		sample task8k $round task8k thread 1 1/s 90000 0 -
		sample task8k $round task8k thread 16384 1/s 9000 0 -
		sample task8k $round task8k thread 65536 1/s nan 0 "no more than 32,000"
		sample task8k $round task8k pth 1 1/s nan 0 "it was not well"
		for n in 0 1 1000; do
			sample busywait $round busywait fiber $n 1/s 200000 0 -
			sample busywait $round busywait-cpu fiber $n us 20 0 -
			sample busywait $round busywait fiber-relinquish $n 1/s $((200000 / (n + 1))) 0 -
			sample busywait $round busywait-cpu fiber-relinquish $n us 990 0 -
			sample busywait $round busywait process-relinquish $n 1/s $((100000 / (n + 1))) 0 -
			sample busywait $round busywait-cpu process-relinquish $n us 995 0 -
		done
		sample busywait $round busywait pth 0 1/s 50000 0 -
		sample busywait $round busywait pth 1 1/s nan nan "out of descriptors"
	done
} >"$run/micro.tsv"

for figure in task8k busywait; do
	svg=$run/figures/$figure.svg
	ok "$figure is drawn" "$plots/$figure.sh" "$run"
	ok "and is well formed" well_formed "$svg"
	ok "and has its own title" lacks "$svg" "Produced by GNUPLOT"
	ok "and its PNG is not empty" test -s "$run/figures/$figure.png"
	ok "how many rounds is told" grep -q 'Medians of 3 rounds; thin lines show the range' "$svg"
done
svg=$run/figures/task8k.svg
data=$run/figures/data/task8k.dat
ok "a median stands with its range" some_line "$data" \
	'$1 == 1 && $2 == 200000 && $3 == 100000 && $4 == 300000 && $5 == "fiber"'
ok "a line that goes on to the end has its last value" grep -q '>fiber  80k/s<' "$svg"
ok "one that ends says where" grep -q '>thread  9k/s at 16,384<' "$svg"
ok "and why" grep -q '>65,536: n/a: no more than 32,000<' "$svg"
ok "what was not measured is nan" some_line "$data" '$1 == 65536 && $2 == "nan" && $5 == "thread"'
ok "and n/a, with its reason" grep -q '>1: n/a: it was not well<' "$svg"
ok "a runtime without a value is n/a" grep -q '>pth  n/a<' "$svg"
ok "what was published is named" grep -q 'HotOS 2003, fig. 2: event' "$svg"
ok "with its machine" grep -q '4 x 500 MHz Pentium III' "$svg"
ok "and is the paper's" some_line "$run/figures/data/hotos03-fig2-task8k.tsv" \
	'$1 == "threaded" && $2 == 262144 && $3 == 85800'
ok "steal is told" grep -q '3 of 24 samples had more than 2 % steal' "$svg"
svg=$run/figures/busywait.svg
ok "the rate beside the most is there" grep -q '>fiber-relinquish  199/s<' "$svg"
ok "and the CPU's time" grep -q '>fiber-relinquish  990 us<' "$svg"
ok "zero blocked threads have a place" some_line "$run/figures/data/busywait.dat.cpu" \
	'$1 == 1 && $2 == 20 && $5 == "fiber"'
ok "where Pth ended is told" grep -q '>1: n/a: out of descriptors<' "$svg"
ok "what it has is, too" grep -q '>pth  50k/s at 0<' "$svg"
ok "processes that try again are a line of their family" grep -q '^array KIND.* = \[.process., ' \
	"$run/figures/data/busywait.panels"
ok "what was published is named" grep -q 'Capriccio (von Behren and others), SOSP 2003, fig. 2' "$svg"
ok "and is the paper's" some_line "$run/figures/data/capriccio03-fig2-pipetest.tsv" \
	'$1 == "capriccio" && $2 == 1024 && $3 == 777000'

mkdir "$work/none"
: >"$work/none/trials.tsv"
for figure in task8k busywait; do
	rm -f "$work/none/micro.tsv"
	ok "$figure without its table is refused" refuses 2 "$figure: " "$plots/$figure.sh" "$work/none"
	head -n 1 "$run/micro.tsv" >"$work/none/micro.tsv"
	ok "$figure of an empty table is a clear error" refuses 1 'no rows' "$plots/$figure.sh" "$work/none"
	ok "another experiment is a clear error" refuses 1 'there is:' "$plots/$figure.sh" "$run" nothing
	{
		head -n 1 "$run/micro.tsv"
		sample $figure 1 task8k pth 1 1/s nan 0 "not well"
	} >"$work/none/micro.tsv"
	ok "nothing but nan is one, too" refuses 1 'has a value' "$plots/$figure.sh" "$work/none"
done
echo "1..$tests"
