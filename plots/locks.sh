#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# locks.sh RUN [EXPERIMENT] - draws RUN/figures/locks.svg and locks.png: what contention for locks costs.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open locks "$@"
figure_table sweep.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/sweep.awk" EXPERIMENT="$experiment" \
	SUBJECT="locks: $run/sweep.tsv" DATA="$data/locks.dat" PANELS="$data/locks.panels" \
	SERVER_CPUS="$(manifest_server_cpus)" TABLE=sweep "$run/sweep.tsv"
figure_draw locks "Transfers and locks" \
	"Transfers per second and lock waits per request against the number of accounts that are contended for, a line per server variant, coloured by how it guards accounts."
