# SPDX-License-Identifier: BSD-2-Clause
# primitives.gp KIND PLOTS FILE - a panel per primitive, a row per runtime, times on one
# logarithmic axis; hollow, what was published.  Reads primitives.dat, primitives.others.dat and
# primitives.panels (primitives.awk).

OUTPUT_KIND = ARG1
load 'primitives.panels'
load 'primitives.machine'

WIDE = 1100
HIGH = 470
load ARG2.'/style.gp'
set output ARG3

LEFT = 110
TOP = 120
BOTTOM = HIGH - 118
APART = (WIDE - LEFT - 10.0) / PANELS
column_left(p) = LEFT + (p - 1) * APART

F8 = plain(8)
set multiplot
set logscale x
set xrange [0.4:400000]
set yrange [ROWS + 0.6:0.4]
unset ytics
set format x ''
set xtics 1000
unset mxtics
set grid xtics noytics linetype 1 linewidth 0.6 linecolor rgb GRID
set errorbars 0
set border 1

set label 'Primitives of threads' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'CPU time (of processes: by the clock), on one CPU; of two of a kind where it takes two.  Bare: the switch of context alone, without a scheduler.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label ROUNDS_TEXT.'.' at screen px(16),py(HIGH - 52) left font plain(9) textcolor rgb SOFT
set label 'Hollow: von Behren and others, "Capriccio", SOSP 2003, table 1 (2x2.4 GHz Xeon, Linux 2.5.70): circle, its threads (triangle: without tracing resources); square, LinuxThreads; diamond, NPTL 0.53.' \
	at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label 'Dotted lines: a call that saves the registers a function may not change, and a system call that does nothing.' \
	at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
do for [r = 1:ROWS] {
	set label NAME[r] at screen px(LEFT - 8),py(TOP + (BOTTOM - TOP) * (r - 0.4) / (ROWS + 0.2)) right \
		font bold(9) textcolor rgb paint(KIND[r])
}

array SERIES[4] = [6, 8, 4, 12]
do for [p = 1:PANELS] {
	set lmargin at screen px(column_left(p))
	set rmargin at screen px(column_left(p) + APART - 24)
	set tmargin at screen py(TOP)
	set bmargin at screen py(BOTTOM)
	set label 1000 TITLE[p] at screen px(column_left(p)),py(TOP - 14) left font bold(10) textcolor rgb INK
	set arrow 1001 from first REGISTERS,graph 0 to first REGISTERS,graph 1 nohead dashtype 3 linewidth 0.8 linecolor rgb SOFT
	set arrow 1002 from first CALL,graph 0 to first CALL,graph 1 nohead dashtype 3 linewidth 0.8 linecolor rgb SOFT
	if (REGISTERS != REGISTERS) { unset arrow 1001 }
	if (CALL != CALL) { unset arrow 1002 }
	set xtics ('1 ns' 1, '1 µs' 1000, '1 ms' 1e6, '' 10, '' 100, '' 1e4, '' 1e5) font F8
	plot for [r = 1:ROWS] 'primitives.dat' index p - 1 using ($1 == r ? $2 : NaN):1:3:4 with xerrorbars \
			linecolor rgb paint(KIND[r]) linewidth 1 pointtype 0, \
		for [r = 1:ROWS] 'primitives.dat' index p - 1 using ($1 == r ? $2 : NaN):1 with points \
			linecolor rgb paint(KIND[r]) pointtype 7 pointsize 0.8, \
		'primitives.dat' index p - 1 using ($4 * 1.5):1:5 with labels left font plain(8) textcolor rgb INK, \
		'primitives.dat' index p - 1 using ($2 == $2 ? NaN : 0.6):1:5 with labels left font plain(8) textcolor rgb SOFT, \
		for [i = 1:4] 'primitives.others.dat' index p - 1 using ($3 == i ? $2 : NaN):($1 + 0.3) with points \
			linecolor rgb SOFT pointtype SERIES[i] pointsize 0.7
	unset label
}
unset multiplot
unset output
