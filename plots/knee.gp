# SPDX-License-Identifier: BSD-2-Clause
# knee.gp KIND PLOTS FILE - throughput, latency, CPU and switches against offered load: one
# column per variant, the others in grey.  Reads knee.dat and knee.panels (see knee.awk).

OUTPUT_KIND = ARG1
load 'knee.panels'
load 'knee.machine'

# --- the page ----------------------------------------------------------------------------
WIDEST = 7
BANDS = int((N + WIDEST - 1) / WIDEST)
COLUMNS = int((N + BANDS - 1) / BANDS)
LEFT = 118
GAP = 16
COLUMN = COLUMNS >= 6 ? 178 : COLUMNS >= 4 ? 220 : COLUMNS == 3 ? 280 : COLUMNS == 2 ? 420 : 840
WIDE = LEFT + COLUMNS * (COLUMN + GAP) + 8
HEAD = 98
FOOT = 92
TOP = 88
GOOD = COLUMN < 240 ? COLUMN : 240
LATENCY = 112
STRIP = 58
BETWEEN = 14
BAND = TOP + GOOD + LATENCY + 2 * STRIP + 3 * BETWEEN + (BANDS > 1 ? 70 : 46)
THIN = N > 14 ? 0.45 : 0.75	# the others' lines, when there are many
HIGH = HEAD + BANDS * BAND + FOOT
load ARG2.'/style.gp'
set output ARG3

left(p) = LEFT + ((p - 1) % COLUMNS) * (COLUMN + GAP)
top(p) = HEAD + int((p - 1) / COLUMNS) * BAND
first(p) = (p - 1) % COLUMNS == 0
good_y(p) = top(p) + TOP
latency_y(p) = good_y(p) + GOOD + BETWEEN
cpu_y(p) = latency_y(p) + LATENCY + BETWEEN
switches_y(p) = cpu_y(p) + STRIP + BETWEEN

# --- shared scales -----------------------------------------------------------------------
X_MAX = LARGEST_LOAD * 1.04
Y_MAX = (LARGEST_GOOD > 0.5 * LARGEST_LOAD ? LARGEST_GOOD * 1.12 : LARGEST_LOAD * 0.6)
roomy(span) = 10 ** floor(log10(span)) * (span / 10 ** floor(log10(span)) < 2.2 ? 0.5 : \
	span / 10 ** floor(log10(span)) < 5.5 ? 1 : 2)
X_STEP = roomy(X_MAX) * (COLUMN < 200 ? 2 : 1)
Y_STEP = roomy(Y_MAX)
DECADE_LOW = floor(log10(SMALLEST_LATENCY))
DECADE_HIGH = ceil(log10(LARGEST_LATENCY * 1.05))
LATENCY_LOW = 10.0 ** DECADE_LOW
LATENCY_TOP = 10.0 ** DECADE_HIGH
# Lost requests stand in a lane of their own above the last decade.
LANE = LATENCY_TOP * 2.2
LATENCY_MAX = ANY_INFINITE ? LATENCY_TOP * 4.5 : LATENCY_TOP
CPU_MAX = LARGEST_CPU * 1.15 > 1.1 ? LARGEST_CPU * 1.15 : 1.1
SWITCHES_MAX = LARGEST_SWITCHES * 1.15

lost(i) = strcol(i) eq 'inf' ? LANE : NaN
finite(i) = strcol(i) eq 'inf' ? NaN : column(i)
above_floor(i) = strcol(i) eq 'inf' ? NaN : column(i) < 4 * LATENCY_LOW ? 4 * LATENCY_LOW : column(i)
is_split(unused) = strcol(17) ne 'nan' && strcol(18) ne 'nan'
unsplit(i) = is_split(0) ? NaN : column(i)
capped(i) = strcol(i) eq 'inf' ? LATENCY_MAX : column(i)
filled(i) = column(6) == 0 ? column(i) : NaN
flagged(i) = column(6) == 1 ? column(i) : NaN
wash(c, part) = int(255 - (255 - c / 65536) * part) * 65536 \
	+ int(255 - (255 - (c / 256) % 256) * part) * 256 + int(255 - (255 - c % 256) * part)

set multiplot
set datafile missing 'missing'

# --- words around the panels -------------------------------------------------------------
unset tics
unset border
unset grid
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:1]
set yrange [0:1]
set label 'Throughput against load' at screen px(16),py(24) left font bold(15) textcolor rgb INK
set label 'Each variant in its family''s colour, the others in grey. Dashed: every request answered (y = x).' \
	at screen px(16),py(46) left font plain(10) textcolor rgb SOFT
set label 'Shaded band: capacity'.(LIMIT_US > 0 ? sprintf(' at p99 ≤ %g ms', LIMIT_US / 1000) : '').\
	' as a bracket; paler, its interval.'.(TWINS ? ' Thin line: the A/A twin, the same server again.' : '') \
	at screen px(16),py(62) left font plain(10) textcolor rgb SOFT
set label MACHINE at screen px(16),py(80) left font plain(9) textcolor rgb SOFT
set label BLOCKS_TEXT.'.' at screen px(16),py(HIGH - 62) left font plain(9) textcolor rgb SOFT
set label VOID_TEXT.'.' at screen px(16),py(HIGH - 46) left font plain(9) textcolor rgb SOFT
set label '▲ in the ∞ lane: so many requests were lost that the percentile has no finite value.'.\
	'   × the load generator was the limit (over 80 % of its CPU): the server may carry more.' \
	at screen px(16),py(HIGH - 30) left font plain(9) textcolor rgb SOFT
set label 'Latency runs from the planned send to the reply. Switches are the kernel''s, of the whole server. A trial is void if much steal was reported, or the client was late. On loopback, delivery is billed to the sender: replies into the client are in the server''s CPU.' \
	at screen px(16),py(HIGH - 14) left font plain(9) textcolor rgb SOFT
do for [p = 1:N:COLUMNS] {
	set label "good replies\nper second" at screen px(10),py(good_y(p) + 10) left font bold(9) textcolor rgb INK
	set label "sent, unanswered" at screen px(LEFT - 8),py(good_y(p) - 5) right font plain(7) textcolor rgb SOFT
	set label "latency" at screen px(10),py(latency_y(p) + 10) left font bold(9) textcolor rgb INK
	set label "━ p99\n─ p50" at screen px(10),py(latency_y(p) + 26) left font plain(9) textcolor rgb SOFT
	set label "CPUs used" at screen px(10),py(cpu_y(p) + 8) left font bold(9) textcolor rgb INK
	set label "▇ kernel" at screen px(10),py(cpu_y(p) + 24) left font plain(9) textcolor rgb 0x888888
	set label "▇ user" at screen px(10),py(cpu_y(p) + 38) left font plain(9) textcolor rgb 0xC4C4C4
	set label "switches\nper request" at screen px(10),py(switches_y(p) + 8) left font bold(9) textcolor rgb INK
	set label "▇ involuntary" at screen px(10),py(switches_y(p) + 38) left font plain(9) textcolor rgb 0x888888
	set label "▇ voluntary" at screen px(10),py(switches_y(p) + 52) left font plain(9) textcolor rgb 0xC4C4C4
}
plot NaN notitle
unset label

# --- one column per variant --------------------------------------------------------------
do for [p = 1:N] {
	load ARG2.'/knee-column.gp'
}
unset multiplot
unset output
