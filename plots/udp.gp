# SPDX-License-Identifier: BSD-2-Clause
# udp.gp KIND PLOTS FILE - achieved rate, the server's CPUs and round trip against what is offered;
# below what was published of a board.  Reads udp.dat, udp.dat.board and udp.panels (udp.awk).

OUTPUT_KIND = ARG1
load 'udp.panels'
load 'udp.machine'

WIDE = 1100
HIGH = 760
LEFT = 60
RIGHT = 210
GAP = 62
load ARG2.'/style.gp'
set output ARG3
set multiplot

line_wide(i) = TWIN[i] ? 0.8 : 1.6
line_mark(nth) = nth > 6 ? hollow(nth) : mark(nth)
array BOARD_COLOR[6] = [0x0072B2, 0xD55E00, 0x000000, 0x009E73, 0xCC79A7, 0x777777]
board_color(i) = BOARD_COLOR[(i - 1) % 6 + 1]
board_mark(i) = i > 6 ? hollow(i) : mark(i)
width = (WIDE - LEFT - RIGHT - 2 * GAP) / 3.0
left(p) = LEFT + (p - 1) * (width + GAP)

set label 'UDP echo of 1,472-byte datagrams' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Against what is offered over links of a gigabit between network namespaces of one machine.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT.' '.FLAGGED_TEXT at screen px(16),py(424) left font plain(9) textcolor rgb SOFT
set label 'CPUs: all that the server''s were busy with, interrupts included; thin: its program, with interrupts on top of it. *: receiving was billed to the sender''s CPU, so it is not all.' \
	at screen px(16),py(440) left font plain(9) textcolor rgb SOFT
set label JUDGED_TEXT at screen px(16),py(456) left font plain(8) textcolor rgb INK
set label 'Published, another machine: i.MX8M Mini (Cortex-A53), ipbench (au-ts/sddf, docs/design/data, measured 2023-2024, superseded since: for the shape)' \
	at screen px(16),py(474) left font bold(9) textcolor rgb INK
do for [i = 1:N] {
	set label LABEL[i] at screen px(WIDE - RIGHT + 30),py(112 + 19 * (i - 1)) left font (TWIN[i] ? plain(8) : bold(8)) \
		textcolor rgb paint(KIND[i]) point pointtype line_mark(NTH[i]) pointsize 0.7 linecolor rgb paint(KIND[i]) offset 1,-0.1
	set label LAST[i] at screen px(WIDE - 10),py(112 + 19 * (i - 1)) right font plain(8) textcolor rgb SOFT
}
set label 'Mb/s at the end' at screen px(WIDE - 10),py(94) right font plain(8) textcolor rgb SOFT
do for [i = 1:SERIES] {
	set label BOARD[i] at screen px(WIDE - RIGHT + 30),py(504 + 19 * (i - 1)) left font bold(8) \
		textcolor rgb board_color(i) point pointtype board_mark(i) pointsize 0.7 linecolor rgb board_color(i) offset 1,-0.1
}
set xrange [0:(TOP > 1000 ? TOP : 1000)]
set xtics 200
set errorbars 0

# --- ours ------------------------------------------------------------------------------------
set tmargin at screen py(104)
set bmargin at screen py(386)
set lmargin at screen px(left(1))
set rmargin at screen px(left(1) + width)
set yrange [0:(TOP > 1000 ? TOP : 1000)]
set label 'came back, Mb/s' at screen px(16),py(94) left font bold(9) textcolor rgb INK
set label 'offered, Mb/s' at screen px(left(1) + width / 2),py(406) center font plain(9) textcolor rgb SOFT
plot x with lines linecolor rgb FAINT linewidth 1, \
	for [i = 1:N] 'udp.dat' index i - 1 using 1:2:3:4 with yerrorbars \
		linecolor rgb paint(KIND[i]) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'udp.dat' index i - 1 using 1:2 with linespoints linecolor rgb paint(KIND[i]) \
		dashtype dash(NTH[i]) linewidth line_wide(i) pointtype line_mark(NTH[i]) pointsize 0.6
unset label

set lmargin at screen px(left(2))
set rmargin at screen px(left(2) + width)
set yrange [0:CPU * 1.1]
set label 'CPUs busy, the server''s' at screen px(left(2) - 34),py(94) left font bold(9) textcolor rgb INK
set label 'offered, Mb/s' at screen px(left(2) + width / 2),py(406) center font plain(9) textcolor rgb SOFT
plot for [i = 1:N] 'udp.dat' index i - 1 using 1:6 with lines linecolor rgb paint(KIND[i]) linewidth 0.5, \
	for [i = 1:N] 'udp.dat' index i - 1 using 1:5 with linespoints linecolor rgb paint(KIND[i]) \
		dashtype dash(NTH[i]) linewidth line_wide(i) pointtype line_mark(NTH[i]) pointsize 0.6
unset label

set lmargin at screen px(left(3))
set rmargin at screen px(left(3) + width)
set logscale y 10
set yrange [*:*]
set format y '%g'
set label 'round trip, us: median' at screen px(left(3) - 34),py(94) left font bold(9) textcolor rgb INK
set label 'offered, Mb/s' at screen px(left(3) + width / 2),py(406) center font plain(9) textcolor rgb SOFT
plot for [i = 1:N] 'udp.dat' index i - 1 using 1:7 with linespoints linecolor rgb paint(KIND[i]) \
	dashtype dash(NTH[i]) linewidth line_wide(i) pointtype line_mark(NTH[i]) pointsize 0.6
unset label
unset logscale y

# --- the board's -----------------------------------------------------------------------------
set xrange [0:1000]
set tmargin at screen py(506)
set bmargin at screen py(718)
array COLUMN[3] = [2, 3, 4]
array TITLE[3] = ['came back, Mb/s', 'CPUs busy, of the board', 'round trip, us: mean']
do for [p = 1:3] {
	set lmargin at screen px(left(p))
	set rmargin at screen px(left(p) + width)
	set yrange [0:*]
	set label TITLE[p] at screen px(left(p) - 34),py(494) left font bold(9) textcolor rgb INK
	set label 'offered, Mb/s' at screen px(left(p) + width / 2),py(742) center font plain(9) textcolor rgb SOFT
	plot for [i = 1:SERIES] 'udp.dat.board' index i - 1 using 1:COLUMN[p] with linespoints \
		linecolor rgb board_color(i) linewidth 1 pointtype board_mark(i) pointsize 0.4
	unset label
}
unset multiplot
unset output
