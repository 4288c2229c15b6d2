#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# knee.sh RUN [EXPERIMENT] - draws RUN/figures/knee.svg and knee.png: what every variant
# delivers as the load goes past what it can carry, with the data beside in figures/data.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open knee "$@"
"$awk" -f "$plots/lib.awk" -f "$plots/knee.awk" -f "$plots/knee-panels.awk" \
	EXPERIMENT="$experiment" \
	SUBJECT="knee: $run/trials.tsv" CPUS="$cpus" LIMIT="$limit_us" \
	LEFT="$(manifest_left)" DATA="$data/knee.dat" \
	PANELS="$data/knee.panels" TABLE=trials "$run/trials.tsv" \
	TABLE=summary "$summary"
figure_draw knee "Throughput against load" \
	"Good replies a second against offered requests a second, one panel per server variant, with latency, CPU and context switches below; the ideal is the line y = x and the shaded band is the measured capacity."
