# SPDX-License-Identifier: BSD-2-Clause
# duality.gp KIND PLOTS FILE - a row per workload: left the ratio that is held against the goal,
# right the others.  Reads duality.dat and duality.panels (duality.awk).

OUTPUT_KIND = ARG1
load 'duality.panels'
load 'duality.machine'

ROW = 92
LEFT = 212
MIDDLE = 492
RIGHT = 632
END = 810
WIDE = 950
HEAD = 128
FOOT = 116
HIGH = HEAD + N * ROW + FOOT
load ARG2.'/style.gp'
set output ARG3

set multiplot
set border 1
set tmargin at screen py(HEAD)
set bmargin at screen py(HEAD + N * ROW)
set yrange [N + 0.5:0.5]
unset ytics
set grid noytics
set errorbars 0

set label 'Threads against events' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Each as fast as it goes in a closed loop, a fresh server each time.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT at screen px(16),py(HIGH - 56) left font plain(9) textcolor rgb SOFT
set label 'Filled: the measure that is judged; hollow: the other of requests a second and requests per second of the server''s CPU.' \
	at screen px(16),py(HIGH - 38) left font plain(9) textcolor rgb SOFT
set label GREY_TEXT at screen px(16),py(HIGH - 20) left font plain(9) textcolor rgb SOFT
do for [r = 1:N] {
	set label NAME[r] at screen px(16),first r - 0.28 left font bold(11) textcolor rgb INK
	set label VERDICT[r] at screen px(16),first r - 0.06 left font bold(10) textcolor rgb INK
	set label MEASURE[r] at screen px(16),first r + 0.12 left font plain(8) textcolor rgb SOFT
	set label DETAIL[r] at screen px(16),first r + 0.28 left font plain(8) textcolor rgb SOFT
	if (r > 1) {
		set arrow from screen px(16),first r - 0.5 to screen px(WIDE - 16),first r - 0.5 \
			nohead linewidth 0.6 linecolor rgb FAINT
	}
}

set lmargin at screen px(LEFT)
set rmargin at screen px(MIDDLE)
set logscale x
set xrange [LEAST:MOST]
set xtics (0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.3, 1.4)
set label SUBJECT_TEXT at screen px(LEFT),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label sprintf('dashed: the goal, %g to %g', GOAL_LOW, GOAL_HIGH) \
	at screen px(LEFT),py(HEAD - 10) left font plain(8.5) textcolor rgb SOFT
do for [r = 1:N] {
	if (BAND_LOW[r] == BAND_LOW[r]) {
		set object rectangle from first (BAND_LOW[r] > LEAST ? BAND_LOW[r] : LEAST),r - 0.4 \
			to first (BAND_HIGH[r] < MOST ? BAND_HIGH[r] : MOST),r + 0.4 \
			behind fillcolor rgb FAINT fillstyle solid 1 noborder
	}
}
set arrow from first 1,graph 0 to first 1,graph 1 nohead linewidth 1 linecolor rgb INK
set arrow from first GOAL_LOW,graph 0 to first GOAL_LOW,graph 1 nohead dashtype 2 linewidth 1 linecolor rgb SOFT
set arrow from first GOAL_HIGH,graph 0 to first GOAL_HIGH,graph 1 nohead dashtype 2 linewidth 1 linecolor rgb SOFT
plot 'duality.dat' index 0 using 2:1:3:4 with xerrorbars \
		linecolor rgb paint('user-thread') linewidth 2.5 pointtype mark(1) pointsize 1.1, \
	'' index 1 using 2:1:3:4 with xerrorbars \
		linecolor rgb paint('user-thread') linewidth 1 pointtype hollow(1) pointsize 0.8
unset label
unset arrow
unset object

set lmargin at screen px(RIGHT)
set rmargin at screen px(END)
set xrange [OTHER_LEAST / 1.1:OTHER_MOST * 1.1]
set xtics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
set label 'Others, by the measure judged' at screen px(MIDDLE + 20),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label 'the first over the second' at screen px(MIDDLE + 20),py(HEAD - 10) left font plain(8.5) textcolor rgb SOFT
do for [i = 1:LABELS] {
	set label LABEL[i] at screen px(RIGHT - 10),first LABEL_ROW[i] right font plain(8.5) textcolor rgb INK
	set label VALUE[i] at screen px(END + 12),first LABEL_ROW[i] left font plain(8.5) textcolor rgb INK
}
set arrow from first 1,graph 0 to first 1,graph 1 nohead linewidth 1 linecolor rgb INK
plot LABELS > 0 ? 'duality.dat' : '/dev/null' index 2 using 2:1:3:4 with xerrorbars \
	linecolor rgb paint('user-thread') linewidth 2 pointtype mark(1) pointsize 0.7
unset multiplot
unset output
