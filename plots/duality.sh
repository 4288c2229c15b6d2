#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality.sh RUN [EXPERIMENT] - draws RUN/figures/duality.svg and duality.png: the ratio of
# what fibers do with a second of CPU to what events do, of the experiments whose names begin with EXPERIMENT.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open duality "$@"
figure_table full.tsv
figure_table full-pairs.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/duality.awk" EXPERIMENT="$experiment" \
	SUBJECT="duality: $run/full-pairs.tsv" DATA="$data/duality.dat" \
	PANELS="$data/duality.panels" TABLE=full "$run/full.tsv" \
	TABLE=pairs "$run/full-pairs.tsv"
figure_draw duality "Threads against events" \
	"The ratio of requests per second of the server's CPU, or per second, of user-level threads and an event loop on several workloads, a dot with its 90 % interval each, between lines at the goal's bounds, over a grey band of what the same server measured twice differs by; beside, the ratios to other servers."
