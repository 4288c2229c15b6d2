# SPDX-License-Identifier: BSD-2-Clause
# knee-column.gp - one variant of the knee figure: its words, then four panels one above the
# other that share the x axis.  knee.gp sets p and everything named in capitals.

C = paint(KIND[p])
# Never a whole line for those that share their colour with another family.
D = KIND[p] eq 'module' || KIND[p] eq 'reference' ? dash(NTH[p] % 3 + 1) : dash(NTH[p])
M = mark(NTH[p])
H = hollow(NTH[p])
PALE = wash(C, 0.18)
MIDDLE = wash(C, 0.45)

set border 3
set grid xtics ytics
set lmargin at screen px(left(p))
set rmargin at screen px(left(p) + COLUMN)
set xrange [0:X_MAX]
set xtics 0,X_STEP format ''

# Throughput, with what the variant is called and can carry above it.
set tmargin at screen py(good_y(p))
set bmargin at screen py(good_y(p) + GOOD)
set yrange [0:Y_MAX]
set ytics 0,Y_STEP format (first(p) ? '%.0s%c' : '')
set label 1 NAME[p] at screen px(left(p)),py(top(p) + 10) left font bold(strlen(NAME[p]) > 16 ? 10 : 13) textcolor rgb C
set label 2 (ABSENT[p] eq '' ? CAPACITY[p] : '') at screen px(left(p)),py(top(p) + 28) left \
	font plain(9) textcolor rgb INK
set label 3 PEAK[p] at screen px(left(p)),py(top(p) + 42) left font plain(9) textcolor rgb SOFT
set label 4 FACT[p] at screen px(left(p)),py(top(p) + 57) left font plain(7) textcolor rgb SOFT
set label 5 ABSENT[p] at graph 0.5,0.55 center font plain(9) textcolor rgb SOFT front boxed
set label 6 'y = x' at Y_MAX * 0.80,Y_MAX * 0.86 right font plain(8) textcolor rgb SOFT
if (INSIDE[p] ne '') {
	eval 'set x2tics ('.INSIDE[p].') font "'.plain(7).'" offset 0,-0.6 textcolor rgb SOFT'
	set x2range [0:X_MAX]
}
if (LOWER[p] == LOWER[p] && UPPER[p] == UPPER[p]) {
	set object 2 rectangle from LOWER[p],graph 0 to UPPER[p],graph 1 behind \
		fillcolor rgb wash(C, 0.35) fillstyle solid noborder
}
if (LOW[p] == LOW[p] && HIGHER[p] == HIGHER[p]) {
	set object 1 rectangle from LOW[p],graph 0 to HIGHER[p],graph 1 behind \
		fillcolor rgb wash(C, 0.15) fillstyle solid noborder
}
plot for [q = 0:N - 1] 'knee.dat' index q using 1:2 with lines linewidth THIN linecolor rgb FAINT, \
	(x <= Y_MAX ? x : NaN) with lines linewidth 0.8 dashtype 2 linecolor rgb 0x999999, \
	'knee.dat' index p - 1 using 1:3:4 with filledcurves fillcolor rgb C fillstyle transparent solid 0.25 noborder, \
	'knee.dat' index (TWIN[p] < 0 ? p - 1 : TWIN[p]) using 1:(TWIN[p] < 0 ? NaN : $2) with lines linewidth 0.7 linecolor rgb C, \
	'knee.dat' index p - 1 using 1:2 with lines linewidth 0.8 dashtype 3 linecolor rgb C, \
	'' index p - 1 using 1:(filled(2)) with lines linewidth 1.8 dashtype D linecolor rgb C, \
	'' index p - 1 using 1:(filled(2)) with points pointtype M pointsize 0.45 linecolor rgb C, \
	'' index p - 1 using 1:(flagged(2)) with points pointtype M pointsize 0.6 linecolor rgb CLEAR, \
	'' index p - 1 using 1:(flagged(2)) with points pointtype H pointsize 0.6 linewidth 1.2 linecolor rgb C, \
	'' index p - 1 using 1:($21 > 0.8 ? $2 : NaN) with points pointtype 2 pointsize 0.9 linewidth 1 linecolor rgb INK
unset label
unset x2tics

# Latency: the percentile that was lost stands in the lane at the top.
set tmargin at screen py(latency_y(p))
set bmargin at screen py(latency_y(p) + LATENCY)
set logscale y
set yrange [LATENCY_LOW:LATENCY_MAX]
if (first(p)) {
	set ytics ('10 µs' 10, '100 µs' 100, '1 ms' 1e3, '10 ms' 1e4, '100 ms' 1e5, '1 s' 1e6, '10 s' 1e7)
	if (ANY_INFINITE) { set ytics add ('∞' LANE) }
} else {
	set ytics ('' 10, '' 100, '' 1e3, '' 1e4, '' 1e5, '' 1e6, '' 1e7)
}
if (ANY_INFINITE) {
	set arrow 1 from graph 0,first LATENCY_TOP to graph 1,first LATENCY_TOP nohead linewidth 0.7 linecolor rgb 0x999999
}
if (LIMIT_US > 0) {
	set arrow 2 from graph 0,first LIMIT_US to graph 1,first LIMIT_US nohead dashtype 2 linewidth 0.8 linecolor rgb SOFT
}
set label 5 NO_LATENCY[p] at graph 0.5,0.5 center font plain(8) textcolor rgb SOFT
plot for [q = 0:N - 1] 'knee.dat' index q using 1:(finite(10)) with lines linewidth THIN linecolor rgb FAINT, \
	'knee.dat' index p - 1 using 1:(capped(11)):(capped(12)) with filledcurves fillcolor rgb C fillstyle transparent solid 0.2 noborder, \
	'' index p - 1 using 1:(finite(7)) with lines linewidth 0.9 linecolor rgb C, \
	'' index p - 1 using 1:(finite(10)) with linespoints linewidth 1.8 dashtype D pointtype M pointsize 0.35 linecolor rgb C, \
	'' index p - 1 every ::0::0 using 1:(finite(10)):('p99') with labels left offset -0.3,0.8 font plain(8) textcolor rgb C, \
	'' index p - 1 every ::0::0 using 1:(above_floor(7)):('p50') with labels left offset -0.3,-0.8 font plain(8) textcolor rgb C, \
	'' index p - 1 using 1:(lost(10)) with points pointtype 9 pointsize 0.6 linecolor rgb C, \
	'' index p - 1 using 1:(lost(7)) with points pointtype 8 pointsize 0.6 linecolor rgb C
unset arrow
unset label
unset logscale y

# CPU: the kernel's part darker.
set tmargin at screen py(cpu_y(p))
set bmargin at screen py(cpu_y(p) + STRIP)
set yrange [0:CPU_MAX]
set ytics 0,(CPU_MAX > 4 ? roomy(CPU_MAX) * 2 : CPU_MAX > 2 ? 1 : 0.5) format (first(p) ? '%g' : '')
set label 5 NO_CPU[p] at graph 0.5,0.5 center font plain(8) textcolor rgb SOFT
plot for [q = 0:N - 1] 'knee.dat' index q using 1:13 with lines linewidth THIN linecolor rgb FAINT, \
	'knee.dat' index p - 1 using 1:13 with filledcurves y1=0 fillcolor rgb PALE, \
	'' index p - 1 using 1:16 with filledcurves y1=0 fillcolor rgb MIDDLE, \
	'' index p - 1 using 1:13 with lines linewidth 1.2 linecolor rgb C
unset label

# Switches: involuntary on top of voluntary.
set tmargin at screen py(switches_y(p))
set bmargin at screen py(switches_y(p) + STRIP)
set yrange [0:SWITCHES_MAX]
set ytics 0,roomy(SWITCHES_MAX) * 2 format (first(p) ? '%g' : '')
set xtics 0,X_STEP format '%.0s%c'
set label 5 NO_SWITCHES[p].NO_SPLIT[p] at graph 0.97,0.86 right font plain(8) textcolor rgb SOFT
set label 6 'offered requests per second' at screen px(left(p)),py(switches_y(p) + STRIP + 30) left font plain(8) textcolor rgb SOFT
plot 'knee.dat' index p - 1 using 1:($17 + $18) with filledcurves y1=0 fillcolor rgb MIDDLE, \
	'' index p - 1 using 1:17 with filledcurves y1=0 fillcolor rgb PALE, \
	'' index p - 1 using 1:(unsplit(19)) with filledcurves y1=0 fillcolor rgb FAINT, \
	'' index p - 1 using 1:(is_split(0) ? $17 + $18 : $19) with lines linewidth 1.2 linecolor rgb C
unset label
unset object
