# SPDX-License-Identifier: BSD-2-Clause
# task8k.gp KIND PLOTS FILE - tasks per second against concurrent tasks: measured here, and below
# as published.  Reads task8k.dat, task8k.panels (task8k.awk) and the papers' tables.

OUTPUT_KIND = ARG1
load 'task8k.panels'
load 'task8k.machine'

WIDE = 1000
HIGH = 800
load ARG2.'/style.gp'
load ARG2.'/micro.gp'
set output ARG3
set multiplot

set lmargin at screen px(70)
set rmargin at screen px(WIDE - RIGHT)
set logscale x
set xrange [0.8:1.3e6]
set xtics 10 format '%.0s%c'
unset mxtics

# --- measured --------------------------------------------------------------------------------
set tmargin at screen py(112)
set bmargin at screen py(HIGH - 330)
set yrange [LOW * 0.7:TOP * 1.5]
set label 'A thread for each task, and one loop' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'A task reads 8 KiB of a cached file and goes to the end of a queue; the thread that did it yields. All on one CPU.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label 'tasks/s, measured here' at screen px(16),py(96) left font bold(9) textcolor rgb INK
set label 'where it ends, and why' at screen px(WIDE - RIGHT + 14),py(96) left font bold(9) textcolor rgb INK
do for [i = 1:N] {
	set label LABEL[i] at screen px(NAMES),first AT[i] left \
		font bold(9) textcolor rgb color(i) \
		point pointtype mark(NTH[i]) pointsize 0.8 linecolor rgb color(i) offset 1,-0.1
	set label NOTE[i] at screen px(NAMES),first AT[i] left offset 1,-1.1 \
		font plain(7) textcolor rgb SOFT
}
plot for [i = 1:N] 'task8k.dat' index i - 1 using 1:2:3:4 with yerrorbars \
		linecolor rgb color(i) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'task8k.dat' index i - 1 using 1:2 with lines \
		linecolor rgb color(i) dashtype dash(NTH[i]) linewidth 1.8, \
	for [i = 1:N] 'task8k.dat' index i - 1 using 1:2 with points \
		linecolor rgb color(i) pointtype mark(NTH[i]) pointsize 0.8
unset label

# --- published -------------------------------------------------------------------------------
set tmargin at screen py(HIGH - 276)
set bmargin at screen py(HIGH - 92)
set yrange [1000:300000]
set label 'tasks/s, published' at screen px(16),py(HIGH - 290) left font bold(9) textcolor rgb INK
set label 'concurrent tasks' at screen px((70 + WIDE - RIGHT) / 2),py(HIGH - 58) center font bold(9) textcolor rgb INK
set label 'HotOS 2003, fig. 2: event' at screen px(WIDE - RIGHT + 14),first 150000 left font bold(9) textcolor rgb paint('event')
set label 'the same: threads of GNU Pth,' at screen px(WIDE - RIGHT + 14),first 80000 left font bold(9) textcolor rgb paint('user-thread')
set label 'most of its O(n) operations removed' at screen px(WIDE - RIGHT + 14),first 80000 left offset 0,-1.1 font plain(8) textcolor rgb SOFT
set label 'SEDA 2001, fig. 4: event' at screen px(WIDE - RIGHT + 14),first 27000 left font bold(9) textcolor rgb paint('event')
set label '4 x 500 MHz Pentium III, Linux 2.2.14' at screen px(WIDE - RIGHT + 14),first 27000 left offset 0,-1.1 font plain(8) textcolor rgb SOFT
set label 'SEDA 2001, fig. 2: threads of Linux' at screen px(WIDE - RIGHT + 14),first 3000 left font bold(9) textcolor rgb paint('thread')
set label 'the same machine' at screen px(WIDE - RIGHT + 14),first 3000 left offset 0,-1.1 font plain(8) textcolor rgb SOFT
set label ROUNDS_TEXT at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label 'Published: von Behren, Condit, Brewer, HotOS 2003 (the figure does not name its machine); Welsh, Culler, Brewer, SOSP 2001. In their Pth''s place stands fiber; pth is as released.' \
	at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
set key autotitle columnhead
unset key
hotos(series, x) = strcol(1) eq series ? column(x) : NaN
plot 'hotos03-fig2-task8k.tsv' using 2:(hotos('threaded', 3)) with linespoints \
		linecolor rgb paint('user-thread') pointtype mark(1) pointsize 0.6 linewidth 1.2, \
	'' using 2:(hotos('event', 3)) with linespoints \
		linecolor rgb paint('event') pointtype mark(1) pointsize 0.6 linewidth 1.2, \
	'seda01-fig2-threaded.tsv' using 1:2 with linespoints \
		linecolor rgb paint('thread') pointtype hollow(2) pointsize 0.6 linewidth 1.2 dashtype 2, \
	'seda01-fig4-events.tsv' using 1:2 with linespoints \
		linecolor rgb paint('event') pointtype hollow(2) pointsize 0.6 linewidth 1.2 dashtype 2
unset multiplot
unset output
