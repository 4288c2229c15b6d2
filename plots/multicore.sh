#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# multicore.sh RUN [EXPERIMENT] - draws RUN/figures/multicore.svg and multicore.png: who uses several CPUs.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open multicore "$@"
figure_table sweep.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/sweep.awk" EXPERIMENT="$experiment" \
	SUBJECT="multicore: $run/sweep.tsv" DATA="$data/multicore.dat" PANELS="$data/multicore.panels" \
	TABLE=sweep "$run/sweep.tsv"
figure_draw multicore "Server CPUs" \
	"Replies per second against the number of the server's CPUs, a line per server variant."
