#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# overload.sh RUN [EXPERIMENT] - draws RUN/figures/overload.svg and overload.png: what each
# variant keeps of its peak at twice that load, beside the policy it declares.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open overload "$@"
figure_table overload.tsv
"$awk" -f "$plots/lib.awk" -f "$plots/overload.awk" SUBJECT="overload: $run/overload.tsv" \
	DATA="$data/overload.dat" PANELS="$data/overload.panels" \
	TABLE=overload "$run/overload.tsv"
figure_draw overload "Overload at twice the peak" \
	"Good replies per second at twice the peak load over those at the peak, one bar per server variant, with the overload policy each declares and what was seen of it."
