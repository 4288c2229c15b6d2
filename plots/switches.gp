# SPDX-License-Identifier: BSD-2-Clause
# switches.gp KIND PLOTS FILE - a bar per variant of the kernel's switches per request, dark
# where it waited and light where it was put aside; its own switches beside.  Reads
# switches.dat and switches.panels (switches.awk).

OUTPUT_KIND = ARG1
load 'switches.panels'
load 'switches.machine'

ROW = 28
LEFT = 150
WIDE = 1060
HEAD = 112
FOOT = 82
HIGH = HEAD + N * ROW + FOOT
load ARG2.'/style.gp'
set output ARG3

set multiplot
set border 0
set tics scale 0
set tmargin at screen py(HEAD)
set bmargin at screen py(HEAD + N * ROW)
set yrange [N + 0.5:0.5]
unset ytics
set grid noytics
set xtics textcolor rgb SOFT offset 0,0.2

set label 'Context switches at full load' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Per request; bars of one experiment are comparable, those of two are not.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT.(UNSPLIT ? '; grey: the split was not measured' : '').'.' \
	at screen px(16),py(HIGH - 38) left font plain(9) textcolor rgb SOFT
set label '◆ Haboob had more than 6 times Knot''s switches, 30,000 a second (von Behren, Condit, Brewer, HotOS 2003; 2 Xeons of 2 GHz; how counted is not stated).' \
	at screen px(16),py(HIGH - 20) left font plain(9) textcolor rgb SOFT
do for [r = 1:N] {
	if (KIND[r] eq 'head') {
		set label NAME[r] at screen px(16),first r + 0.15 left font bold(9) textcolor rgb INK
	} else {
		set label NAME[r] at screen px(LEFT - 12),first r - 0.1 right font bold(10) \
			textcolor rgb paint(KIND[r])
	}
	set label NOTE[r] at screen px(LEFT + 4),first r + 0.3 left font plain(7.5) textcolor rgb SOFT
}
do for [m = 1:MARKS] {
	set label '◆' at first MARK_AT[m],MARK_ROW[m] - 0.12 center font plain(9) textcolor rgb INK front
	set label MARK_TEXT[m] at first MARK_AT[m],MARK_ROW[m] - 0.12 left offset 1.2,0 \
		font plain(8) textcolor rgb INK front
}

color(r) = paint(KIND[int(r)])
TOP = -0.3
LOW = 0.1

set lmargin at screen px(LEFT)
set rmargin at screen px(WIDE * 0.72)
set xrange [0:LARGEST * 1.1]
set label 901 'The kernel''s switches per request' at screen px(LEFT),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label 902 'dark: voluntary, it waited     light: involuntary, it was put aside' at screen px(LEFT),py(HEAD - 10) left font plain(8) textcolor rgb SOFT
known(x) = x == x
plot 'switches.dat' using (known($2) ? $2 / 2 : NaN):1:(0):(known($2) ? $2 : NaN):($1 + TOP):($1 + LOW):(color($1)) with boxxyerror fillstyle solid 0.95 noborder linecolor rgb variable, \
	'' using (known($3) ? $2 : NaN):1:(known($3) ? $2 : NaN):($2 + $3):($1 + TOP):($1 + LOW):(color($1)) with boxxyerror fillstyle solid 0.4 noborder linecolor rgb variable, \
	'' using (known($2) ? NaN : $4 / 2):1:(0):(known($2) ? NaN : $4):($1 + TOP):($1 + LOW) with boxxyerror fillstyle solid 1 noborder linecolor rgb FAINT, \
	'' using 4:($1 - 0.1):5:6 with xerrorbars pointtype 0 linewidth 1 linecolor rgb INK
unset label

set lmargin at screen px(WIDE * 0.77)
set rmargin at screen px(WIDE - 24)
set xrange [0:LARGEST_OWN * 1.1]
set label 'Its own, per request' at screen px(WIDE * 0.77),py(HEAD - 26) left font bold(10) textcolor rgb INK
set label 'user-level switches (light) on the kernel''s, or crossings of queues' at screen px(WIDE * 0.77),py(HEAD - 10) left font plain(8) textcolor rgb SOFT
do for [r = 1:N] {
	set label OWN[r] at screen px(WIDE * 0.77 + 4),first r + 0.36 left font plain(7.5) textcolor rgb SOFT
}
plot 'switches.dat' using (known($7) ? $8 / 2 : NaN):1:(0):8:($1 + TOP):($1 + LOW):(color($1)) with boxxyerror fillstyle solid 0.95 noborder linecolor rgb variable, \
	'' using ($8 + $7 / 2):1:8:($8 + $7):($1 + TOP):($1 + LOW):(color($1)) with boxxyerror fillstyle solid 0.4 noborder linecolor rgb variable
unset multiplot
unset output
