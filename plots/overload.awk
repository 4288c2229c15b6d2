# SPDX-License-Identifier: BSD-2-Clause
# overload.awk - from overload.tsv to what overload.gp draws: DATA, one line per variant, and
# PANELS, the words.  Given: DATA, PANELS, SUBJECT; run after lib.awk.

TABLE == "overload" {
	v = field("variant")
	names[++rows] = v == base_name(v) ? v : base_name(v) " again (A/A)"
	peak[v] = field("peak_rps")
	if (v != base_name(v))
		twin = v
	kinds[rows] = paint_of(v, field("family"))
	notes[rows] = note_text()
	line[rows] = show(field("kept")) " " show(field("kept_low")) " " \
		show(field("kept_high")) " " v " " show(field("answered")) " " \
		show(field("answered_low")) " " show(field("answered_high"))
	largest = larger(largest, field("kept_high"))
	largest = larger(largest, field("answered_high"))
	blocks = larger(blocks, field("blocks"))
}

function note_text()
{
	if (!is_number(field("peak_rps")))
		return "n/a: its ladder ended below the peak; declares " field("declared")
	if (!is_number(field("kept")))
		return "n/a: not tried, or for too short a time; declares " field("declared")
	return sprintf("in time %s, in all %s of %s/s; %.2f × sent%s; p99 %s; declares: %s; saw%s", \
		       share_text("kept"), share_text("answered"), rate(field("peak_rps")), \
		       field("sent_of_peak"), field("flags") == "short" ? " (too little)" : "", \
		       p99_text(), policy(field("declared")), seen_text())
}

function p99_text()
{
	if (field("lat_p99") == "inf")
		return "never answered"
	return is_number(field("lat_p99")) ? sprintf("%.3g ms", field("lat_p99") / 1000) : "n/a"
}

# "90 % (80-110)"; no range where there is one block.
function share_text(name,    range)
{
	if (field("blocks") > 1)
		range = sprintf(" (%.0f-%.0f)", 100 * field(name "_low"), 100 * field(name "_high"))
	return sprintf("%.0f %%%s", 100 * field(name), range)
}

function policy(declared)
{
	return declared == "-" ? "nothing" : declared
}

function seen_text(    s)
{
	s = seen_one("deferred", "pauses") seen_one("refused", "refused") \
		seen_one("closed_no_fd", "out of descriptors") seen_one("bad", "not 200") \
		seen_one("resets", "reset") seen_one("no_connection", "no connection") \
		seen_one("lost", "unanswered")
	sub(/,$/, "", s)
	return s == "" ? " nothing" : s
}

function seen_one(name, word)
{
	return is_number(field(name)) && field(name) > 0 ? " " rate(field(name)) " " word "," : ""
}

# Each trial is divided by the same peak, whose own error the ranges do not show.
function peaks_text(    a, b)
{
	a = peak[twin]
	b = peak[base_name(twin)]
	return "Each share is of its own peak, the best rung of the ladder, whose error is in no range" \
		(twin != "" && is_number(a) && is_number(b) && smaller(a, b) > 0 ? \
		 sprintf(": the A/A pair's peaks differ by %.1f %%.", 100 * (larger(a, b) / smaller(a, b) - 1)) : ".")
}

END {
	if (rows == 0)
		fail("the table has no rows")
	print "# row kept low high variant answered low high" > DATA
	for (r = 1; r <= rows; r++)
		print r, line[r] > DATA
	print "N = " rows > PANELS
	print texts("NAME", names, rows) > PANELS
	print texts("KIND", kinds, rows) > PANELS
	print texts("NOTE", notes, rows) > PANELS
	print "LARGEST = " larger(1, largest) > PANELS
	print "PEAKS_TEXT = " quoted(peaks_text()) > PANELS
	print "BLOCKS_TEXT = " quoted(!(blocks > 1) ? "One trial a variant, so no range" : \
		"Medians of " blocks " trials a variant; the line is their range, which is no interval") > PANELS
}
