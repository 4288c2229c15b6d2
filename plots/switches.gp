# SPDX-License-Identifier: BSD-2-Clause
# switches.gp KIND PLOTS FILE - a dot per variant for the kernel's switches per request, and a
# hollow one for its own, on one logarithmic axis.  Reads switches.dat and switches.panels
# (switches.awk).

OUTPUT_KIND = ARG1
load 'switches.panels'
load 'switches.machine'

ROW = 27
LEFT = 130
MIDDLE = 500
WIDE = 970
HEAD = 118
FOOT = 116
HIGH = HEAD + N * ROW + FOOT
load ARG2.'/style.gp'
set output ARG3

set border 1
set tmargin at screen py(HEAD)
set bmargin at screen py(HEAD + N * ROW)
set lmargin at screen px(LEFT)
set rmargin at screen px(MIDDLE)
set yrange [N + 0.5:0.5]
unset ytics
set grid noytics
set errorbars 0
set logscale x
set xrange [LEAST / 2:LARGEST * 2]
set xtics ('0.00001' 1e-5, '0.0001' 1e-4, '0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, '10' 10, '100' 100, '1000' 1000)

set label 'Context switches at full load' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Per request, on a logarithmic axis; what is of one experiment is comparable, what is of two is not.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label '●  the kernel''s switches      ○  user-level ones, or queue crossings' \
	at screen px(LEFT),py(HEAD - 14) left font plain(9) textcolor rgb INK
set label 'per request, per second; its own per request' \
	at screen px(MIDDLE + 16),py(HEAD - 14) left font plain(9) textcolor rgb INK
set label BLOCKS_TEXT.(UNSPLIT ? '; without a percentage: the split was not measured' : '').'.'.MARKS_TEXT \
	at screen px(16),py(HIGH - 56) left font plain(9) textcolor rgb SOFT
set label 'Background: no more than two event loops at their end were switched, which wait for nothing: other work on that CPU.' \
	at screen px(16),py(HIGH - 38) left font plain(9) textcolor rgb SOFT
set label (MARKS > 0 ? '◆ ' : '').'Haboob had more than 6 times Knot''s switches, 30,000 a second (von Behren, Condit, Brewer, HotOS 2003; 2 Xeons of 2 GHz; how counted is not stated).' \
	at screen px(16),py(HIGH - 20) left font plain(9) textcolor rgb SOFT
do for [r = 1:N] {
	if (KIND[r] eq 'head') {
		set label NAME[r] at screen px(16),first r left font bold(9.5) textcolor rgb INK
	} else {
		set label NAME[r] at screen px(LEFT - 10),first r right font bold(9.5) \
			textcolor rgb paint(KIND[r])
	}
	set label NOTE[r].OWN[r] at screen px(MIDDLE + 16),first r left font plain(8.5) textcolor rgb INK
}
do for [m = 1:MARKS] {
	set label '◆' at first MARK_AT[m],MARK_ROW[m] center font plain(9) textcolor rgb INK front
	set label MARK_TEXT[m] at first MARK_AT[m],MARK_ROW[m] left offset 1.2,0 \
		font plain(8.5) textcolor rgb INK front
}

color(r) = paint(KIND[int(r)])
# A count that is background is drawn small.
size(background) = background > 0 ? 0.5 : 1.1
plot 'switches.dat' using 4:1:5:6 with xerrorbars pointtype 0 linewidth 1 linecolor rgb INK, \
	'' using 4:1:(size($8)):(color($1)) with points pointtype 7 pointsize variable linecolor rgb variable, \
	'' using 7:1:(color($1)) with points pointtype 6 pointsize 1.1 linewidth 1.5 linecolor rgb variable
unset output
