# SPDX-License-Identifier: BSD-2-Clause
# idle.gp KIND PLOTS FILE - the rate kept against idle connections, a line per variant with
# its name and memory at the right end.  Reads idle.dat and idle.panels (idle.awk).

OUTPUT_KIND = ARG1
load 'idle.panels'
load 'idle.machine'

WIDE = 1080
HIGH = 640
load ARG2.'/style.gp'
set output ARG3

set tmargin at screen py(112)
set bmargin at screen py(HIGH - 100)
set lmargin at screen px(70)
set rmargin at screen px(WIDE - 380)
# Linear below a thousand, logarithmic above, so that 0 has a place.
x(idle) = log10(1 + idle / 1000.0)
set xrange [-0.03:x(MOST) + 0.03]
set yrange [0:LARGEST * 1.02]
set xtics ('0' x(0), '500' x(500), '1,000' x(1000), '2,000' x(2000), '5,000' x(5000), '10,000' x(10000), \
	'20,000' x(20000), '50,000' x(50000), '100,000' x(100000), '200,000' x(200000))
set arrow from graph 0,first 0.95 to graph 1,first 0.95 nohead dashtype 2 linewidth 1 linecolor rgb SOFT
set label 'a loss of 5 %' at graph 0.01,first 0.95 left offset 0,-0.6 font plain(8) textcolor rgb SOFT
set label 'Idle connections' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'The rate of the active connections, over the same server''s in the same block without idle ones; CPU per request alone → beside the most.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
set label 'rate kept' at screen px(16),py(96) left font bold(9) textcolor rgb INK
set label 'idle connections (logarithmic above 1,000)' at screen px((70 + WIDE - 380) / 2),py(HIGH - 62) center font bold(9) textcolor rgb INK
set label 'kept beside '.MOST_TEXT.'; KiB per idle connection, CPU a request' at screen px(WIDE - 366),py(96) left font bold(9) textcolor rgb INK
set label BLOCKS_TEXT.'. '.HELD_TEXT at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label MARKS_TEXT[3:*] at screen px(WIDE - 366),py(HIGH - 62) left font plain(9) textcolor rgb SOFT
set label LIMITED_TEXT at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
do for [i = 1:N] {
	set label LABEL[i] at screen px(WIDE - 366),first AT[i] left \
		font (TWIN[i] ? plain(8) : bold(9)) textcolor rgb paint(KIND[i])
	set label MEMORY[i] at screen px(WIDE - 16),first AT[i] right font plain(8) textcolor rgb SOFT
}
set errorbars 0
line_wide(i) = TWIN[i] ? 0.8 : 1.8
line_dash(i) = TWIN[i] ? 3 : dash(NTH[i])
plot for [i = 1:N] 'idle.dat' index i - 1 using (x($1)):2:3:4 with yerrorbars \
		linecolor rgb paint(KIND[i]) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'idle.dat' index i - 1 using (x($1)):2 with lines \
		linecolor rgb paint(KIND[i]) dashtype line_dash(i) linewidth line_wide(i), \
	for [i = 1:N] 'idle.dat' index i - 1 using (x($1)):2 with points \
		linecolor rgb paint(KIND[i]) pointtype mark(NTH[i]) pointsize line_wide(i) / 2
unset output
