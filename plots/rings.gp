# SPDX-License-Identifier: BSD-2-Clause
# rings.gp KIND PLOTS FILE - messages a second over the size of batches: a column for each way
# the ring is filled, a row for each placement.  Reads rings.dat and rings.panels (rings.awk).

OUTPUT_KIND = ARG1
load 'rings.panels'
load 'rings.machine'

WIDE = 1080
ROW = 270
HEAD = 122
FOOT = 92
HIGH = HEAD + PLACES * ROW + FOOT
load ARG2.'/style.gp'
set output ARG3
set multiplot

array COLOR[4] = [0x000000, 0x777777, 0xD55E00, 0x0072B2]
array ABOUT[4] = ['ring: slots of 8 bytes', 'ring-items: 16 bytes, what modules pass', \
	'ck_ring: Concurrency Kit, 8 bytes, one by one', 'rte_ring: DPDK, 8 bytes, one to one']
LEFT = 48
GAP = 32
width = (WIDE - LEFT - 20 - (WHATS - 1) * GAP) / (1.0 * WHATS)
left(w) = LEFT + (w - 1) * (width + GAP)
upper(p) = HEAD + (p - 1) * ROW
explain(w) = w == 1 ? 'who finds nothing rests' : w == 2 ? 'nobody rests' : \
	w == 3 ? 'the consumer works longer' : 'forth and back, halved'

set label 'Messages through rings' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Millions of messages a second between two sides over a ring of 1,024 slots, against the size of batches.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
do for [i = 1:RINGS] {
	set label ABOUT[i] at screen px(34 + (i - 1) * 262),py(86) left font bold(8) textcolor rgb COLOR[i] \
		point pointtype mark(i) pointsize 0.8 linecolor rgb COLOR[i] offset 1,0
}
set label ABSENT_TEXT at screen px(16),py(HIGH - 50) left font plain(9) textcolor rgb SOFT
set label THREAD_TEXT at screen px(16),py(HIGH - 33) left font plain(9) textcolor rgb SOFT
set label ROUNDS_TEXT at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
set logscale x 2
set logscale y 10
set xrange [0.85:75]
set yrange [BOTTOM * 0.7:TOP * 1.5]
set xtics (1, 2, 4, 8, 16, 32, 64)
set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
set errorbars 0
do for [p = 1:PLACES] {
	do for [w = 1:WHATS] {
		set lmargin at screen px(left(w))
		set rmargin at screen px(left(w) + width)
		set tmargin at screen py(upper(p) + 26)
		set bmargin at screen py(upper(p) + ROW - 40)
		set label WHAT[w].': '.explain(w) at screen px(left(w)),py(upper(p) + 14) left font bold(8) textcolor rgb INK
		if (w == 1) {
			set label TITLE[p].', M/s' at screen px(16),py(upper(p) - 3) left font bold(9) textcolor rgb INK
		}
		if (p == PLACES) {
			set label 'messages in a batch' at screen px(left(w) + width / 2),py(upper(p) + ROW - 12) center font plain(9) textcolor rgb SOFT
		}
		first = ((p - 1) * WHATS + w - 1) * RINGS
		plot for [i = 1:RINGS] 'rings.dat' index first + i - 1 using 1:2:3:4 with yerrorbars \
				linecolor rgb COLOR[i] linewidth 0.8 pointtype 0, \
			for [i = 1:RINGS] 'rings.dat' index first + i - 1 using 1:2 with lines \
				linecolor rgb COLOR[i] dashtype dash(i) linewidth 1.8, \
			for [i = 1:RINGS] 'rings.dat' index first + i - 1 using 1:2 with points \
				linecolor rgb COLOR[i] pointtype mark(i) pointsize 0.8
		unset label
	}
}
unset multiplot
unset output
