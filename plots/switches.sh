#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# switches.sh RUN [EXPERIMENT] - draws RUN/figures/switches.svg and switches.png: context
# switches per request at full load, of the experiments whose names begin with EXPERIMENT.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open switches "$@"
figure_table full.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/switches.awk" EXPERIMENT="$experiment" \
	SUBJECT="switches: $run/full.tsv" DATA="$data/switches.dat" \
	PANELS="$data/switches.panels" TABLE=background "$run/full.tsv" \
	TABLE=full "$run/full.tsv"
figure_draw switches "Context switches at full load" \
	"Context switches of the kernel per request on a logarithmic axis, a dot with its range per server variant; hollow, where the server counts them, its user-level switches or its queue crossings."
