#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# busywait.sh RUN [EXPERIMENT] - draws RUN/figures/busywait.svg and busywait.png: what threads
# that wait cost those that run, by the way they wait.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open busywait "$@"
figure_table micro.tsv
figure_published capriccio03-fig2-pipetest
"$awk" -f "$plots/lib.awk" -f "$plots/micro.awk" -f "$plots/busywait.awk" \
	EXPERIMENT="$experiment" SUBJECT="busywait: $run/micro.tsv" DATA="$data/busywait.dat" \
	PANELS="$data/busywait.panels" TABLE=micro "$run/micro.tsv"
figure_draw busywait "Waiting by trying again, and by being told" \
	"Ping-pongs per second between two threads, and CPU time of one where there is one a millisecond, against the number of threads blocked beside them, a line per runtime."
