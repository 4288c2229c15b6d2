#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# primitives.sh RUN [EXPERIMENT] - draws RUN/figures/primitives.svg and primitives.png: what it
# costs to create, switch, lock and wake threads of each runtime, and what was published.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open primitives "$@"
figure_table micro.tsv
figure_published capriccio03-table1
"$awk" -f "$plots/lib.awk" -f "$plots/primitives.awk" EXPERIMENT="$experiment" \
	SUBJECT="primitives: $run/micro.tsv" DATA="$data/primitives.dat" \
	OTHERS="$data/primitives.others.dat" PANELS="$data/primitives.panels" \
	TABLE=micro "$run/micro.tsv" TABLE=published "$data/capriccio03-table1.tsv"
figure_draw primitives "Primitives of threads" \
	"The time to create and join, to switch, to lock and unlock, and to wake, on a logarithmic axis, a row per runtime: processes, kernel threads, Pth, State Threads, fibers, goroutines; beside them values published in 2003."
