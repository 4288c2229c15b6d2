# SPDX-License-Identifier: BSD-2-Clause
# switches.awk - from full.tsv to what switches.gp draws: DATA, one line per variant, and
# PANELS, the words.  Given: EXPERIMENT (a name's beginning), DATA, PANELS, SUBJECT; run after lib.awk.

# The most that the twin and its original, two loops that wait for nothing, were switched in a
# block: other work on that CPU (as in full-pairs.tsv, verdict background).
TABLE == "background" {
	name = base_name(field("variant"))
	if (field("family") != "event" || !(field("server_idle") <= 0.05) || \
	    !is_number(field("server_idle")))
		spoilt[field("experiment"), name] = 1
	most[field("experiment"), name] = larger(most[field("experiment"), name], \
						 field("ctx_per_s_high"))
	if (field("variant") ~ /@aa$/)
		twin_of[field("experiment")] = name
}

function is_background(e,    name)
{
	name = twin_of[e]
	return name != "" && !((e, name) in spoilt) && is_number(most[e, name]) && \
		is_number(field("ctx_per_s")) && field("ctx_per_s") + 0 <= most[e, name] + 0
}

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

function bar_add(variant, family,    own)
{
	names[++rows] = (variant == base_name(variant) ? variant : base_name(variant) " again (A/A)") \
		disturbed_mark()
	kinds[rows] = paint_of(variant, family)
	own = is_number(field("crossings")) ? field("crossings") : field("user")
	owns[rows] = own_text(own) limit_text(field("limit"))
	notes[rows] = note_text()
	switches_of[variant] = field("ctx")
	line[rows] = rows " " show(field("voluntary")) " " show(field("involuntary")) " " \
		show(field("ctx")) " " show(field("ctx_low")) " " show(field("ctx_high")) " " \
		show(own) " " is_background(current) " " variant
	if (!is_number(field("voluntary")) || !is_number(field("involuntary")))
		unsplit = 1
	span_see(field("ctx_low"), field("ctx_high"))
	span_see(own, own)
	blocks = larger(blocks, field("blocks"))
	if (variant == "staged")
		mark_wanted[current] = rows
	if (variant in stand_in_rank)
		stand_in_see(variant)
}

function span_see(low, high)
{
	if (low > 0)
		least = smaller(least, low)
	if (high > 0)
		largest = larger(largest, high)
}

# What a queue's crossings cost: how many events go through for each switch of the kernel.
function own_text(own)
{
	if (!is_number(own))
		return ""
	if (!is_number(field("crossings")))
		return sprintf("; %.3g of its own", own)
	return sprintf("; %.3g queue crossings", own) (field("ctx") > 0 ? \
		sprintf(", %.2g for each switch", own / field("ctx")) : "")
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
	stand_in_background[current] = is_background(current)
}

function note_text(    s)
{
	if (!is_number(field("ctx")))
		return "n/a: switches were not counted"
	s = sprintf("%.3g", field("ctx"))
	if (is_background(current))
		s = s " (background)"
	else if (is_number(field("voluntary")) && is_number(field("involuntary")) && \
		 field("voluntary") + field("involuntary") > 0)
		s = s sprintf(" (%.0f %% voluntary)", 100 * field("voluntary") / \
			      (field("voluntary") + field("involuntary")))
	return s ", " rate(field("ctx_per_s")) " a second"
}

# Where not the server alone was at its end, who was.
function limit_text(who)
{
	if (who == "client")
		return "; client-limited"
	if (who == "both")
		return "; the client at its end too"
	if (who == "mixed")
		return "; who was at its end differs by block"
	return who == "neither" || who == "wait" ? "; neither at its end" : ""
}

function marks_write(    e, n)
{
	for (e in mark_wanted) {
		# Six times what is not its own count would be six times nothing.
		if (!(e in stand_in) || stand_in_background[e])
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
	print "# row voluntary involuntary switches low high own background variant" > DATA
	for (r = 1; r <= rows; r++)
		if (r in line)
			print line[r] > DATA
	print "N = " rows > PANELS
	print texts("NAME", names, rows) > PANELS
	print texts("KIND", kinds, rows) > PANELS
	print texts("NOTE", notes, rows) > PANELS
	print texts("OWN", owns, rows) > PANELS
	print "LEAST = " (least > 0 ? least : 0.1) > PANELS
	print "LARGEST = " (largest > 0 ? largest : 1) > PANELS
	print "UNSPLIT = " unsplit + 0 > PANELS
	print "BLOCKS_TEXT = " quoted(blocks_text()) > PANELS
	print "MARKS_TEXT = " quoted(marks_text()) > PANELS
	marks_write()
}
