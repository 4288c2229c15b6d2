#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# rings.sh RUN [EXPERIMENT] - draws RUN/figures/rings.svg and rings.png: messages per second
# through rings over the size of batches.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open rings "$@"
figure_table rings.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/rings.awk" EXPERIMENT="$experiment" \
	SUBJECT="rings: $run/rings.tsv" DATA="$data/rings.dat" PANELS="$data/rings.panels" \
	TABLE=rings "$run/rings.tsv"
figure_draw rings "Messages through rings" \
	"Millions of messages per second over the size of batches, a line per ring, a column for each way the ring is filled, a row for each placement of its two sides."
