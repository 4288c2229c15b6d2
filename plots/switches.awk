# SPDX-License-Identifier: BSD-2-Clause
# switches.awk - from full.tsv to what switches.gp draws: DATA, one line per bar, and PANELS,
# the words.  Given: EXPERIMENT (a name's beginning), DATA, PANELS, SUBJECT; run after lib.awk.

TABLE == "full" {
	experiments[field("experiment")] = 1
	if (index(field("experiment"), EXPERIMENT) != 1)
		next
	if (field("experiment") != current)
		head_add(field("experiment"))
	bar_add(field("variant"), field("family"))
}

function head_add(name)
{
	current = name
	names[++rows] = name ": as fast as it goes in a closed loop; the client's ceiling is " \
		rate(field("ceiling_rps")) "/s"
	kinds[rows] = "head"
	notes[rows] = owns[rows] = ""
	delete switches_of
}

function bar_add(variant, family,    own, under)
{
	names[++rows] = variant == base_name(variant) ? variant : base_name(variant) " again (A/A)"
	kinds[rows] = paint_of(variant, family)
	own = is_number(field("crossings")) ? field("crossings") : field("user")
	# Its switches stand on the kernel's; a queue crossed is no switch.
	under = is_number(field("crossings")) || !is_number(field("ctx")) ? 0 : field("ctx")
	owns[rows] = own_text(own, under)
	notes[rows] = note_text()
	switches_of[variant] = field("ctx")
	line[rows] = rows " " show(field("voluntary")) " " show(field("involuntary")) " " \
		show(field("ctx")) " " show(field("ctx_low")) " " show(field("ctx_high")) " " \
		show(own) " " show(under) " " variant
	if (!is_number(field("voluntary")) || !is_number(field("involuntary")))
		unsplit = 1
	largest = larger(largest, field("ctx_high"))
	largest = larger(largest, is_number(field("voluntary")) ? \
		field("voluntary") + field("involuntary") : "nan")
	largest_own = larger(largest_own, is_number(own) ? own + under : "nan")
	blocks = larger(blocks, field("blocks"))
	if (variant == "staged")
		mark_wanted[current] = rows
	if (variant in stand_in_rank)
		stand_in_see(variant)
}

function own_text(own, under)
{
	if (!is_number(own))
		return "not counted"
	if (is_number(field("crossings")))
		return sprintf("%.3g queue crossings", own)
	return sprintf("%.3g switches", own) (under > 0 ? \
		sprintf(", %.3g with the kernel's", own + under) : "")
}

# Knot's stand-in: of the user-level threads that took part the first of these.
BEGIN {
	stands = split("fiber st pth", stand, " ")
	for (i = 1; i <= stands; i++)
		stand_in_rank[stand[i]] = i
	PAPER = 6	# times Knot's: von Behren, Condit, Brewer, HotOS 2003
}

function stand_in_see(variant)
{
	if (!is_number(field("ctx")) || (current in stand_in && \
	    stand_in_rank[stand_in[current]] <= stand_in_rank[variant]))
		return
	stand_in[current] = variant
	stand_in_ctx[current] = field("ctx")
}

function note_text()
{
	if (!is_number(field("ctx")))
		return "n/a: switches were not counted"
	return sprintf("%.3g a request, %s a second at %s requests/s (%s-limited)", field("ctx"), \
		       rate(field("ctx_per_s")), rate(field("good_rps")), field("limit"))
}

function marks_write(    e, n)
{
	for (e in mark_wanted) {
		if (!(e in stand_in))
			continue
		mark_row[++n] = mark_wanted[e]
		mark_at[n] = PAPER * stand_in_ctx[e]
		mark_text[n] = PAPER " × " stand_in[e]
	}
	print "MARKS = " n + 0 > PANELS
	if (n == 0) {
		n = 1
		mark_row[1] = mark_at[1] = "nan"
	}
	print numbers("MARK_ROW", mark_row, n) > PANELS
	print numbers("MARK_AT", mark_at, n) > PANELS
	print texts("MARK_TEXT", mark_text, n) > PANELS
}

function blocks_text()
{
	return blocks == 1 ? "one block, so no range" : \
		blocks + 0 " blocks: medians; thin lines show the range"
}

END {
	if (rows == 0)
		fail_missing()
	print "# row voluntary involuntary switches low high own variant" > DATA
	for (r = 1; r <= rows; r++)
		if (r in line)
			print line[r] > DATA
	print "N = " rows > PANELS
	print texts("NAME", names, rows) > PANELS
	print texts("KIND", kinds, rows) > PANELS
	print texts("NOTE", notes, rows) > PANELS
	print texts("OWN", owns, rows) > PANELS
	print "LARGEST = " (largest > 0 ? largest : 1) > PANELS
	print "LARGEST_OWN = " (largest_own > 0 ? largest_own : 1) > PANELS
	print "UNSPLIT = " unsplit + 0 > PANELS
	print "BLOCKS_TEXT = " quoted(blocks_text()) > PANELS
	marks_write()
}
