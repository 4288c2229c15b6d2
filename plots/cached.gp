# SPDX-License-Identifier: BSD-2-Clause
# cached.gp KIND PLOTS FILE - CPU and context switches per request at one offered load: a dot
# and its bar per variant, cheapest on top.  Reads cached.dat and cached.panels (cached.awk).

OUTPUT_KIND = ARG1
load 'cached.panels'
load 'cached.machine'

ROW = 26
LEFT = NAMES_WIDE + 30 > 150 ? NAMES_WIDE + 30 : 150
WIDE = 980
HEAD = 118
FOOT = 100
HIGH = HEAD + N * ROW + FOOT
load ARG2.'/style.gp'
set output ARG3

set multiplot
unset border
set errorbars 0
set tics scale 0
set tmargin at screen py(HEAD)
set bmargin at screen py(HEAD + N * ROW)
set yrange [N + 0.5:0.5]
unset ytics
set grid noytics
set xtics textcolor rgb SOFT offset 0,0.2

# Thin rules between the rows, and the words around them.
do for [r = 1:N] {
	set arrow from screen px(16),first r + 0.5 to screen px(WIDE - 16),first r + 0.5 nohead \
		linewidth 0.5 linecolor rgb GRID back
}
set label 'Cost of a cached request' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Medians over blocks, cheapest first: '.LOAD_TEXT.'.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT.'.' at screen px(16),py(HIGH - 56) left font plain(9) textcolor rgb SOFT
set label VOID_TEXT.'.' at screen px(16),py(HIGH - 38) left font plain(9) textcolor rgb SOFT
set label TWIN_TEXT at screen px(16),py(HIGH - 20) left font plain(9) textcolor rgb SOFT
do for [r = 1:N] {
	set label NAME[r] at screen px(LEFT - 12),first r right \
		font (TWIN[r] ? plain(9) : bold(10)) textcolor rgb paint(KIND[r])
	set label NOTE[r] at screen px(LEFT + 8),first r left font plain(8) textcolor rgb SOFT
}

color(r) = paint(KIND[int(r)])
noted(r) = NOTE[int(r)] ne ''
fits(i) = noted(column(1)) ? NaN : column(i)

# CPU: the kernel's part as a tick below the whole.
set lmargin at screen px(LEFT)
set rmargin at screen px(WIDE * 0.52)
set xrange [0:LARGEST_CPU * 1.12]
set label 901 'CPU, µs per request' at screen px(LEFT),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label 902 '●  whole     |  the kernel''s part' at screen px(LEFT),py(HEAD - 10) left font plain(8) textcolor rgb SOFT
plot 'cached.dat' using (fits(2)):1:(fits(3)):(fits(4)):(color($1)) with xerrorbars pointtype 0 linewidth 3 linecolor rgb variable, \
	'' using (fits(2)):1:(color($1)) with points pointtype 7 pointsize 0.9 linecolor rgb variable, \
	'' using (column(18) == 1 ? fits(2) : NaN):1 with points pointtype 7 pointsize 0.5 linecolor rgb CLEAR, \
	'' using (fits(5)):1:(0):(0.22):(color($1)) with vectors nohead linewidth 1.6 linecolor rgb variable, \
	'' using (fits(5)):1:(0):(-0.22):(color($1)) with vectors nohead linewidth 1.6 linecolor rgb variable, \
	'' using (fits(4)):1:(sprintf($2 < 100 ? '%.1f' : '%.0f', $2)) with labels left offset 0.8,0 font plain(8) textcolor rgb SOFT
unset label
unset arrow

# Switches: voluntary (it waited) as dots, involuntary (it was put aside) as squares.
set lmargin at screen px(WIDE * 0.57)
set rmargin at screen px(WIDE - 24)
set xrange [0:LARGEST_SWITCHES * 1.12]
set label 'Context switches per request' at screen px(WIDE * 0.57),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label (SPLIT ? '●  voluntary: it waited     ■  involuntary: it was put aside' : '●  all: the split was not measured') \
	at screen px(WIDE * 0.57),py(HEAD - 10) left font plain(8) textcolor rgb SOFT
V = SPLIT ? 8 : 14
plot 'cached.dat' using (fits(V)):1:(fits(V + 1)):(fits(V + 2)):(color($1)) with xerrorbars pointtype 0 linewidth 3 linecolor rgb variable, \
	'' using (fits(V)):1:(color($1)) with points pointtype 7 pointsize 0.9 linecolor rgb variable, \
	'' using (column(18) == 1 ? fits(V) : NaN):1 with points pointtype 7 pointsize 0.5 linecolor rgb CLEAR, \
	'' using (SPLIT ? fits(11) : NaN):1:(fits(12)):(fits(13)):(color($1)) with xerrorbars pointtype 0 linewidth 3 linecolor rgb variable, \
	'' using (SPLIT ? fits(11) : NaN):1:(color($1)) with points pointtype 5 pointsize 0.75 linecolor rgb variable
unset multiplot
unset output
