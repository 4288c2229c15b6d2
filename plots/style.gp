# SPDX-License-Identifier: BSD-2-Clause
# style.gp - what every figure shares: Okabe and Ito's colours by family (told apart by every
# kind of eye), greys, markers and dashes, and how a number is written on an axis.

paint(kind) = kind eq 'process' ? 0x000000 : kind eq 'thread' ? 0x0072B2 : \
	kind eq 'pool' ? 0x56B4E9 : kind eq 'event' ? 0xD55E00 : \
	kind eq 'io_uring' ? 0xE69F00 : kind eq 'user-thread' ? 0x009E73 : \
	kind eq 'staged' ? 0xCC79A7 : kind eq 'module' ? 0x000000 : \
	kind eq 'reference' ? 0x555555 : 0x777777

INK = 0x222222
SOFT = 0x666666
FAINT = 0xD4D4D4
GRID = 0xEAEAEA
CLEAR = 0xFFFFFF

# The Nth member of a family: its marker, its hollow twin, its dash.
array MARK[6] = [7, 5, 9, 13, 11, 15]
array HOLLOW[6] = [6, 4, 8, 12, 10, 14]
mark(nth) = MARK[(nth - 1) % 6 + 1]
hollow(nth) = HOLLOW[(nth - 1) % 6 + 1]
dash(nth) = (nth - 1) % 4 + 1

FONT = 'DejaVu Sans'
bold(size) = sprintf('%s:Bold,%g', FONT, size)
plain(size) = sprintf('%s,%g', FONT, size)

set encoding utf8
set border 3 linecolor rgb 0x999999 linewidth 0.7
set tics nomirror textcolor rgb SOFT scale 0.4
set grid xtics ytics linetype 1 linewidth 0.6 linecolor rgb GRID
set style fill solid noborder
set style textbox opaque fillcolor rgb CLEAR noborder
unset key

# Pixels from the top left corner, as people lay out pages; needs WIDE and HIGH.
px(x) = x / (1.0 * WIDE)
py(y) = 1 - y / (1.0 * HIGH)

# Opens the output: call with the kind (svg or png) and the file's name.
if (OUTPUT_KIND eq 'svg') {
	set terminal svg noenhanced size WIDE,HIGH background rgb 'white' \
		font FONT.',10' linewidth 1 dashlength 0.7
} else {
	set terminal pngcairo noenhanced size 2 * WIDE,2 * HIGH background rgb 'white' \
		font FONT.',9' fontscale 1.7 linewidth 2 pointscale 2 dashlength 0.7
}
