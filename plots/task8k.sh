#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# task8k.sh RUN [EXPERIMENT] - draws RUN/figures/task8k.svg and task8k.png: tasks per second
# against concurrent tasks, and the papers' figures below.

set -eu
. "$(dirname "$0")/figure.sh"

figure_open task8k "$@"
figure_table micro.tsv
for paper in hotos03-fig2-task8k seda01-fig2-threaded seda01-fig4-events; do
	figure_published $paper
done
"$awk" -f "$plots/lib.awk" -f "$plots/micro.awk" -f "$plots/task8k.awk" \
	EXPERIMENT="$experiment" SUBJECT="task8k: $run/micro.tsv" DATA="$data/task8k.dat" \
	PANELS="$data/task8k.panels" TABLE=micro "$run/micro.tsv"
figure_draw task8k "A thread for each task, and one loop" \
	"Tasks per second, each of which reads 8 KiB of a cached file, against the number of concurrent tasks from 1 to a million, a line per runtime; below, the same as HotOS 2003 and SEDA 2001 published it."
