# SPDX-License-Identifier: BSD-2-Clause
# micro.gp - how task8k.gp and busywait.gp draw a panel: a line per runtime, its range, and its
# name at the right.  Needs WIDE, HIGH, N, KIND, NTH; read after style.gp.

RIGHT = 300	# pixels for the names

# Decades, written as people say them.
set logscale y
set format y '%.0s%c'
set ytics 1,10,1e9
set mytics 1
set datafile missing 'nan'
set errorbars 0
color(i) = paint(KIND[i])
NAMES = WIDE - RIGHT + 26
