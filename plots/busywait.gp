# SPDX-License-Identifier: BSD-2-Clause
# busywait.gp KIND PLOTS FILE - what blocked threads cost those that run: the rate of a pair at
# full speed, and its CPU time at a given rate; below, what was published that is nearest.  Reads
# busywait.dat.rate, busywait.dat.cpu and busywait.panels (busywait.awk) and the paper's table.

OUTPUT_KIND = ARG1
load 'busywait.panels'
load 'busywait.machine'

WIDE = 1000
HIGH = 1040
load ARG2.'/style.gp'
load ARG2.'/micro.gp'
set output ARG3
set multiplot

set lmargin at screen px(70)
set rmargin at screen px(WIDE - RIGHT)
set xrange [0.85:PLACES + 0.15]
set xtics 1 format ''

# --- as fast as it goes ----------------------------------------------------------------------
set tmargin at screen py(118)
set bmargin at screen py(398)
set yrange [RATE_LOW * 0.6:RATE_TOP * 1.7]
set label 'Waiting by trying again, and by being told' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Two threads play ping-pong over pipes beside others that each wait for a descriptor nobody writes to. All on one CPU.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label 'ping-pongs/s, as fast as it goes' at screen px(16),py(100) left font bold(9) textcolor rgb INK
set label 'beside '.COUNT[PLACES] at screen px(WIDE - RIGHT + 14),py(100) left font bold(9) textcolor rgb INK
do for [i = 1:N] {
	set label RATE_LABEL[i] at screen px(NAMES),first RATE_AT[i] left \
		font bold(9) textcolor rgb color(i) \
		point pointtype mark(NTH[i]) pointsize 0.8 linecolor rgb color(i) offset 1,-0.1
	set label RATE_NOTE[i] at screen px(NAMES),first RATE_AT[i] left offset 1,-1.1 \
		font plain(7) textcolor rgb SOFT
}
plot for [i = 1:N] 'busywait.dat.rate' index i - 1 using 1:2:3:4 with yerrorbars \
		linecolor rgb color(i) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'busywait.dat.rate' index i - 1 using 1:2 with lines \
		linecolor rgb color(i) dashtype dash(NTH[i]) linewidth 1.8, \
	for [i = 1:N] 'busywait.dat.rate' index i - 1 using 1:2 with points \
		linecolor rgb color(i) pointtype mark(NTH[i]) pointsize 0.8
unset label

# --- one a millisecond -----------------------------------------------------------------------
set tmargin at screen py(444)
set bmargin at screen py(708)
low_cpu = CPU_LOW < 100 ? CPU_LOW : 100
top_cpu = CPU_TOP > 1000 ? CPU_TOP : 1000
set yrange [low_cpu * 0.6:top_cpu * 1.7]
set arrow from graph 0,first 1000 to graph 1,first 1000 nohead dashtype 2 linewidth 1 linecolor rgb SOFT
set label 'a whole CPU' at graph 0.01,first 1000 left offset 0,0.6 font plain(8) textcolor rgb SOFT
set label 'CPU microseconds for each, with a sleep of 1 ms before it' at screen px(16),py(428) left font bold(9) textcolor rgb INK
do for [i = 1:PLACES] {
	set label COUNT[i] at first i,screen py(724) center font plain(9) textcolor rgb SOFT
}
set label 'threads that wait' at screen px((70 + WIDE - RIGHT) / 2),py(744) center font bold(9) textcolor rgb INK
do for [i = 1:N] {
	set label CPU_LABEL[i] at screen px(NAMES),first CPU_AT[i] left \
		font bold(9) textcolor rgb color(i) \
		point pointtype mark(NTH[i]) pointsize 0.8 linecolor rgb color(i) offset 1,-0.1
	set label CPU_NOTE[i] at screen px(NAMES),first CPU_AT[i] left offset 1,-1.1 \
		font plain(7) textcolor rgb SOFT
}
plot for [i = 1:N] 'busywait.dat.cpu' index i - 1 using 1:2:3:4 with yerrorbars \
		linecolor rgb color(i) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'busywait.dat.cpu' index i - 1 using 1:2 with lines \
		linecolor rgb color(i) dashtype dash(NTH[i]) linewidth 1.8, \
	for [i = 1:N] 'busywait.dat.cpu' index i - 1 using 1:2 with points \
		linecolor rgb color(i) pointtype mark(NTH[i]) pointsize 0.8
unset label
unset arrow

# --- published -------------------------------------------------------------------------------
set tmargin at screen py(804)
set bmargin at screen py(HIGH - 92)
set logscale x
set xrange [3:1.1e5]
set xtics 10 format '%.0s%c'
unset mxtics
set yrange [1500:2.5e6]
set label 'tokens/s, published: 12 bytes go from pipe to pipe; tokens are a quarter of the pipes, from 128 pipes on 128, so that more are idle' \
	at screen px(16),py(788) left font bold(9) textcolor rgb INK
set label 'pipes' at screen px((70 + WIDE - RIGHT) / 2),py(HIGH - 58) center font bold(9) textcolor rgb INK
set label 'epoll' at screen px(WIDE - RIGHT + 14),first 1.3e6 left font bold(9) textcolor rgb paint('event')
set label 'threads of Capriccio, by epoll' at screen px(WIDE - RIGHT + 14),first 6.2e5 left font bold(9) textcolor rgb paint('user-thread')
set label 'threads of Linux: NPTL 0.53' at screen px(WIDE - RIGHT + 14),first 2.9e5 left font bold(9) textcolor rgb paint('thread')
set label 'LinuxThreads' at screen px(WIDE - RIGHT + 14),first 1.4e5 left font bold(9) textcolor rgb paint('thread')
set label 'poll' at screen px(WIDE - RIGHT + 14),first 3000 left font bold(9) textcolor rgb paint('event')
set label ROUNDS_TEXT at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label 'NAME-relinquish tries again and lets others run (Jones, Lecture 31, section 4: without figures). The kernel tells process and thread; epoll fiber, io_uring fiber-uring; pth asks select, st poll, about all.' \
	at screen px(16),py(HIGH - 16) left font plain(8) textcolor rgb SOFT
set label 'Capriccio (von Behren and others), SOSP 2003, fig. 2' at screen px(WIDE - RIGHT + 14),first 35000 left font plain(8) textcolor rgb SOFT
set label '2 x 2.4 GHz Xeon, Linux 2.5.70' at screen px(WIDE - RIGHT + 14),first 35000 left offset 0,-1.1 font plain(8) textcolor rgb SOFT
set key autotitle columnhead
unset key
pipetest(series, x) = strcol(1) eq series ? column(x) : NaN
plot 'capriccio03-fig2-pipetest.tsv' using 2:(pipetest('capriccio', 3)) with linespoints \
		linecolor rgb paint('user-thread') pointtype mark(1) pointsize 0.6 linewidth 1.2, \
	'' using 2:(pipetest('epoll', 3)) with linespoints \
		linecolor rgb paint('event') pointtype mark(1) pointsize 0.6 linewidth 1.2, \
	'' using 2:(pipetest('poll', 3)) with linespoints \
		linecolor rgb paint('event') pointtype hollow(2) pointsize 0.6 linewidth 1.2 dashtype 2, \
	'' using 2:(pipetest('nptl', 3)) with linespoints \
		linecolor rgb paint('thread') pointtype mark(1) pointsize 0.6 linewidth 1.2, \
	'' using 2:(pipetest('linuxthreads', 3)) with linespoints \
		linecolor rgb paint('thread') pointtype hollow(2) pointsize 0.6 linewidth 1.2 dashtype 2
unset multiplot
unset output
