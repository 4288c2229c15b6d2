#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# udp.sh RUN [EXPERIMENT] - draws RUN/figures/udp.svg and udp.png: UDP echo against what is offered,
# and beside it, apart, what was published of a board.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open udp "$@"
figure_table udp.tsv
pairs=$run/udp-pairs.tsv # of an experiment that judges one
[ -r "$pairs" ] || pairs=/dev/null
figure_published sddf-imx8mm-udp
"$awk" -f "$plots/lib.awk" -f "$plots/udp.awk" EXPERIMENT="$experiment" \
	SUBJECT="udp: $run/udp.tsv" DATA="$data/udp.dat" PANELS="$data/udp.panels" \
	TABLE=trials "$run/trials.tsv" TABLE=udp "$run/udp.tsv" TABLE=pairs "$pairs" \
	TABLE=board "$data/sddf-imx8mm-udp.tsv"
figure_draw udp "UDP echo against what is offered" \
	"Rate achieved, the server's CPUs busy and round trip of UDP echo against the rate offered, a line per server variant and way to its datagrams; below, in panels of their own, what was published of an i.MX8M board."
