# SPDX-License-Identifier: BSD-2-Clause
# locks.gp KIND PLOTS FILE - transfers a second, and lock waits a request, against accounts.
# Reads locks.dat.rate, locks.dat.waits and locks.panels (sweep.awk).

OUTPUT_KIND = ARG1
load 'locks.panels'
load 'locks.machine'

WIDE = 1080
HIGH = 620
RIGHT = 250
load ARG2.'/style.gp'
set output ARG3
set multiplot

guard(p) = p eq 'monitor' ? 0x0072B2 : p eq 'each' ? 0x009E73 : p eq 'free' ? 0xD55E00 : p eq 'owner' ? 0x000000 : 0x777777
line_wide(i) = TWIN[i] ? 0.8 : 1.8
array GUARD[4] = ['monitor', 'each', 'free', 'owner']
array ABOUT[4] = ['one lock for all', 'a lock an account', 'no lock: one kernel thread', 'no lock: one module owns them']
array PLACE[4] = [16, 150, 300, 490]
MIDDLE = 560

set label 'Transfers and locks' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Transfers between accounts, as fast as it goes, against how many accounts they hit.' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(63) left font plain(9) textcolor rgb SOFT
do for [i = 1:4] {
	set label ABOUT[i] at screen px(PLACE[i]),py(84) left font bold(9) textcolor rgb guard(GUARD[i])
}
set label BLOCKS_TEXT.' '.FLAGGED_TEXT.IDLE_TEXT at screen px(16),py(HIGH - 34) left font plain(9) textcolor rgb SOFT
set label 'A lock is waited for where another holds it; on one server CPU only its holder''s preemption makes that so: below 3 this says what a transfer costs, not what locks do.' \
	at screen px(16),py(HIGH - 16) left font plain(9) textcolor rgb SOFT
set xrange [0.85:PLACES + 0.15]
unset xtics
set errorbars 0
set tmargin at screen py(128)
set bmargin at screen py(HIGH - 96)

# --- lock waits ------------------------------------------------------------------------------
set lmargin at screen px(72)
set rmargin at screen px(MIDDLE - 150)
set logscale y 10
FLOOR = 1e-6
top_waits = WAITS > 1e-3 ? WAITS : 1e-3
set yrange [FLOOR * 0.6:top_waits * 3]
set ytics ('none' FLOOR, '0.00001' 1e-5, '0.0001' 1e-4, '0.001' 1e-3, '0.01' 1e-2, '0.1' 1e-1, '1' 1)
set label NO_WAITS_TEXT at graph 0.5,graph 0.5 center font plain(9) textcolor rgb SOFT
set label WAITS_TEXT at screen px(16),py(114) left font bold(9) textcolor rgb INK
set label 'accounts' at screen px((72 + MIDDLE - 150) / 2),py(HIGH - 60) center font bold(9) textcolor rgb INK
do for [i = 1:PLACES] {
	set label POINT[i] at first i,screen py(HIGH - 80) center font plain(9) textcolor rgb SOFT
}
seen(x) = x > FLOOR ? x : x >= 0 ? FLOOR : NaN
plot for [i = 1:N] 'locks.dat.waits' index i - 1 using 1:(seen($2)):(seen($3)):(seen($4)) with yerrorbars \
		linecolor rgb guard(POLICY[i]) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'locks.dat.waits' index i - 1 using 1:(seen($2)) with linespoints \
		linecolor rgb guard(POLICY[i]) dashtype dash(NTH[i]) linewidth line_wide(i) \
		pointtype mark(NTH[i]) pointsize line_wide(i) / 2.2
unset label
unset logscale y

# --- rates -----------------------------------------------------------------------------------
set lmargin at screen px(MIDDLE - 60)
set rmargin at screen px(WIDE - RIGHT)
set yrange [0:TOP * 1.05]
set ytics autofreq
set format y '%.0s%c'
set label 'transfers/s' at screen px(MIDDLE - 116),py(114) left font bold(9) textcolor rgb INK
set label 'among '.POINT[PLACES] at screen px(WIDE - RIGHT + 14),py(114) left font bold(9) textcolor rgb INK
set label 'accounts' at screen px((MIDDLE - 60 + WIDE - RIGHT) / 2),py(HIGH - 60) center font bold(9) textcolor rgb INK
do for [i = 1:PLACES] {
	set label POINT[i] at first i,screen py(HIGH - 80) center font plain(9) textcolor rgb SOFT
}
do for [i = 1:N] {
	set label LABEL[i] at screen px(WIDE - RIGHT + 14),first AT[i] left \
		font (TWIN[i] ? plain(8) : bold(9)) textcolor rgb guard(POLICY[i]) \
		point pointtype mark(NTH[i]) pointsize line_wide(i) / 2.2 linecolor rgb guard(POLICY[i]) offset 1,-0.1
	set label RATE[i] at screen px(WIDE - 16),first AT[i] right font plain(8) textcolor rgb SOFT
}
plot for [i = 1:N] 'locks.dat.rate' index i - 1 using 1:2:3:4 with yerrorbars \
		linecolor rgb guard(POLICY[i]) linewidth 0.8 pointtype 0, \
	for [i = 1:N] 'locks.dat.rate' index i - 1 using 1:2 with linespoints \
		linecolor rgb guard(POLICY[i]) dashtype dash(NTH[i]) linewidth line_wide(i) \
		pointtype mark(NTH[i]) pointsize line_wide(i) / 2.2
unset multiplot
unset output
