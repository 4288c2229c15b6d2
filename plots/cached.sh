#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# cached.sh RUN [EXPERIMENT] - draws RUN/figures/cached.svg and cached.png: what one request
# for a cached file costs each variant at the same offered load, in CPU and in switches.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open cached "$@"
"$awk" -f "$plots/lib.awk" -f "$plots/cached.awk" EXPERIMENT="$experiment" \
	SUBJECT="cached: $run/trials.tsv" DATA="$data/cached.dat" \
	PANELS="$data/cached.panels" TABLE=trials "$run/trials.tsv"
figure_draw cached "Cost of a cached request" \
	"Microseconds of CPU and context switches per request, one row per server variant, at the same offered load; dots are medians over blocks, bars their range or interval."
