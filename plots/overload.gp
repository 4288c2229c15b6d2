# SPDX-License-Identifier: BSD-2-Clause
# overload.gp KIND PLOTS FILE - two bars per variant: the share of its peak that it answers at
# twice that load, in time and however late.  Reads overload.dat and overload.panels (overload.awk).

OUTPUT_KIND = ARG1
load 'overload.panels'
load 'overload.machine'

ROW = 34
LEFT = 150
WIDE = 900
HEAD = 96
HIGH = HEAD + N * ROW + 102
load ARG2.'/style.gp'
set output ARG3

set border 0
set tics scale 0
set tmargin at screen py(HEAD)
set bmargin at screen py(HEAD + N * ROW)
set lmargin at screen px(LEFT)
set rmargin at screen px(WIDE - 24)
set yrange [N + 0.5:0.5]
set xrange [0:LARGEST * 1.02]
unset ytics
set grid noytics
set format x '%.1f'
set xtics textcolor rgb SOFT offset 0,0.2
set arrow from first 1,graph 0 to first 1,graph 1 nohead dashtype 2 linewidth 1 linecolor rgb SOFT front
set label 'Overload at twice the peak' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Good replies per second over those at the peak.  Solid: within the latency limit; light: however late.  Dashed: the peak, all of it in time.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label 'defer: accepts no more, and the backlog fills.  refuse: closes what it has no thread or process for.  503: says so and goes on.' \
	at screen px(16),py(HIGH - 52) left font plain(9) textcolor rgb SOFT
set label PEAKS_TEXT at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT.'.' at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
do for [r = 1:N] {
	set label NAME[r] at screen px(LEFT - 12),first r - 0.1 right font bold(10) textcolor rgb paint(KIND[r])
	set label NOTE[r] at screen px(LEFT + 4),first r + 0.3 left font plain(7.5) textcolor rgb SOFT
}
color(r) = paint(KIND[int(r)])
plot 'overload.dat' using ($6 / 2):1:(0):6:($1 - 0.11):($1 + 0.08):(color($1)) with boxxyerror \
	fillstyle solid 0.35 noborder linecolor rgb variable, \
	'' using ($2 / 2):1:(0):2:($1 - 0.32):($1 - 0.13):(color($1)) with boxxyerror \
	fillstyle solid 0.9 noborder linecolor rgb variable, \
	'' using 6:($1 - 0.015):7:8 with xerrorbars linecolor rgb INK linewidth 1 pointtype 0, \
	'' using 2:($1 - 0.225):3:4 with xerrorbars linecolor rgb CLEAR linewidth 3 pointtype 0, \
	'' using 2:($1 - 0.225):3:4 with xerrorbars linecolor rgb INK linewidth 1 pointtype 0
unset output
