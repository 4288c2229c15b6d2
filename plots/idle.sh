#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# idle.sh RUN [EXPERIMENT] - draws RUN/figures/idle.svg and idle.png: what each variant keeps
# of its rate beside connections that say nothing, and what they cost in memory.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open idle "$@"
figure_table full.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/idle.awk" EXPERIMENT="$experiment" \
	SUBJECT="idle: $run/full.tsv" DATA="$data/idle.dat" \
	PANELS="$data/idle.panels" TABLE=full "$run/full.tsv"
figure_draw idle "Idle connections" \
	"The rate of the active connections beside idle ones, relative to the same server's rate without, a line per server variant; and memory per idle connection."
