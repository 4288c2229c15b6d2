# SPDX-License-Identifier: BSD-2-Clause
# multicore.gp KIND PLOTS FILE - replies a second against the server's CPUs, a line per variant
# with its CPU time a request on one; where there is but one CPU, a point each.  Reads
# multicore.dat.rate and multicore.panels (sweep.awk).

OUTPUT_KIND = ARG1
load 'multicore.panels'
load 'multicore.machine'

WIDE = 900
HIGH = 578
RIGHT = 330
load ARG2.'/style.gp'
set output ARG3

line_wide(i) = TWIN[i] ? 0.8 : 1.8
set label 'Server CPUs' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Replies to requests that need 30 us of CPU, as fast as it goes, against the server''s CPUs.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label 'replies/s' at screen px(16),py(96) left font bold(9) textcolor rgb INK
set label 'on '.POINT[PLACES].'; CPU per request on '.POINT[1] at screen px(WIDE - RIGHT + 14),py(96) left font bold(9) textcolor rgb INK
set label 'server CPUs' at screen px((70 + WIDE - RIGHT) / 2),py(HIGH - 78) center font bold(9) textcolor rgb INK
set label BLOCKS_TEXT.' '.FLAGGED_TEXT.IDLE_TEXT at screen px(16),py(HIGH - 52) left font plain(9) textcolor rgb SOFT
set label 'The client spins, so that waking it is in nobody''s bill. On 1 CPU graph-2cores is two threads that share it.' \
	at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label PLACES == 1 ? 'Several server CPUs: n/a, this machine has fewer than four.' : \
	'The client has a CPU of its own.' at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
do for [i = 1:PLACES] {
	set label POINT[i] at first i,screen py(HIGH - 98) center font plain(9) textcolor rgb SOFT
}
do for [i = 1:N] {
	set label LABEL[i] at screen px(WIDE - RIGHT + 14),first AT[i] left \
		font (TWIN[i] ? plain(8) : bold(9)) textcolor rgb paint(KIND[i]) \
		point pointtype mark(NTH[i]) pointsize line_wide(i) / 2.2 linecolor rgb paint(KIND[i]) offset 1,-0.1
	set label RATE[i] at screen px(WIDE - 90),first AT[i] right font plain(8) textcolor rgb SOFT
	set label COST[i] at screen px(WIDE - 16),first AT[i] right font plain(8) textcolor rgb SOFT
}
set tmargin at screen py(112)
set bmargin at screen py(HIGH - 114)
set lmargin at screen px(70)
set rmargin at screen px(WIDE - RIGHT)
set xrange [0.6:PLACES + 0.4]
set yrange [0:TOP * 1.05]
set format y '%.0s%c'
unset xtics
set errorbars 0
# Side by side, so that one does not hide another.
x_of(i) = PLACES > 1 ? 0 : (i - 0.5) / N * 0.7 - 0.35
plot for [i = 1:N] 'multicore.dat.rate' index i - 1 using ($1 + x_of(i)):2:3:4 with yerrorbars \
		linecolor rgb paint(KIND[i]) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'multicore.dat.rate' index i - 1 using ($1 + x_of(i)):2 with linespoints \
		linecolor rgb paint(KIND[i]) dashtype dash(NTH[i]) linewidth line_wide(i) \
		pointtype mark(NTH[i]) pointsize line_wide(i) / 2.2
unset output
