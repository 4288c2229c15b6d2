# SPDX-License-Identifier: BSD-2-Clause
# duality.awk - from full.tsv and full-pairs.tsv to what duality.gp draws: DATA, three blocks of
# lines (the pair the goal is about, by its capacity and by the other measure; the other
# pairs), and PANELS, the words.  Given: EXPERIMENT (a name's beginning), DATA, PANELS, SUBJECT;
# run after lib.awk.

BEGIN {
	MEASURE["rate"] = "requests a second"
	MEASURE["per_cpu_s"] = "requests per CPU second"
}

TABLE == "full" {
	limit[field("experiment"), field("variant")] = field("limit")
	good[field("experiment"), field("variant")] = field("good_rps")
}

TABLE == "pairs" {
	experiments[field("experiment")] = 1
	if (index(field("experiment"), EXPERIMENT) != 1 || !(field("quantity") in MEASURE))
		next
	pair_see(field("experiment"), field("first"), field("second"))
}

function pair_see(e, first, second)
{
	if (!(e in row_of)) {
		names[++rows] = e
		row_of[e] = rows
		others[rows] = 0
		details[rows] = verdicts[rows] = ""
	}
	blocks = larger(blocks, field("blocks"))
	if (first ~ /@aa$/) {
		twin = second
		band_keep(row_of[e])
	}
	else if (is_number(field("goal_low")))
		goal_keep(row_of[e], e, first, second)
	else if (field("judged") == 1)
		other_keep(row_of[e], first " / " second)
}

function band_keep(r)
{
	aa[r, field("quantity"), "low"] = bound("low")
	aa[r, field("quantity"), "high"] = bound("high")
}

# The interval's, or where there are too few blocks for one the range's.
function bound(which)
{
	if (is_number(field("interval_" which)))
		return field("interval_" which)
	ranges = 1
	return field(which)
}

function point(r, offset)
{
	return r + offset " " show(field("ratio")) " " show(bound("low")) " " show(bound("high"))
}

function goal_keep(r, e, first, second)
{
	goal_low = field("goal_low")
	goal_high = field("goal_high")
	subject = first " / " second
	span_see()
	if (field("judged") != 1) {
		unjudged = unjudged point(r, 0.14) "\n"
		return
	}
	judged = judged point(r, -0.08) "\n"
	measure[r] = field("quantity")
	details[r] = rate(good[e, first]) "/s against " rate(good[e, second]) "/s (" \
		limit[e, first] "-limited)"
	verdicts[r] = is_number(field("ratio")) ? sprintf("%.3f", field("ratio")) \
		(field("verdict") == "n/a" ? "" : "  " field("verdict")) : "n/a"
}

function span_see()
{
	least = smaller(least, bound("low"))
	most = larger(most, bound("high"))
}

function other_keep(r, name,    n)
{
	n = ++others[r]
	rest = rest point(r, -0.45 + 0.22 * n) "\n"
	other_least = smaller(other_least, bound("low"))
	other_most = larger(other_most, bound("high"))
	label_row[++labels] = r - 0.45 + 0.22 * n
	label_at[labels] = bound("high")
	label_text[labels] = name (is_number(field("ratio")) ? \
		sprintf("  %.2f", field("ratio")) : "  n/a")
}

function blocks_text()
{
	return (blocks == 1 ? "One block" : blocks + 0 " blocks") ", each ratio within a block; " \
		(ranges ? "medians and ranges (too few blocks for intervals)" : \
		 "medians, and 90 % t intervals of the logarithms") \
		(twin == "" ? "" : ". Grey: " twin " against itself, measured alike")
}

END {
	if (failed)
		exit 1
	if (rows == 0)
		fail_missing()
	if (subject == "") {
		print SUBJECT ": no pair has a goal" > "/dev/stderr"
		exit 1
	}
	print "# row ratio low high: what the goal is about" > DATA
	print judged "\n\n# by the other measure\n" unjudged "\n\n# other pairs\n" rest > DATA
	for (r = 1; r <= rows; r++) {
		titles[r] = names[r]
		sub("^" EXPERIMENT "-", "", titles[r])
		measures[r] = MEASURE[measure[r]]
		band_low[r] = aa[r, measure[r], "low"]
		band_high[r] = aa[r, measure[r], "high"]
	}
	print "N = " rows > PANELS
	print "SUBJECT_TEXT = " quoted(subject) > PANELS
	print texts("NAME", titles, rows) > PANELS
	print texts("MEASURE", measures, rows) > PANELS
	print texts("DETAIL", details, rows) > PANELS
	print texts("VERDICT", verdicts, rows) > PANELS
	print numbers("BAND_LOW", band_low, rows) > PANELS
	print numbers("BAND_HIGH", band_high, rows) > PANELS
	print "GOAL_LOW = " goal_low > PANELS
	print "GOAL_HIGH = " goal_high > PANELS
	# Never so narrow that noise looks large, nor so wide that the goal is not seen.
	print "LEAST = " larger(0.7, smaller(0.9, least)) > PANELS
	print "MOST = " smaller(1.4, larger(1.1, most)) > PANELS
	print "OTHER_LEAST = " smaller(0.8, other_least) > PANELS
	print "OTHER_MOST = " larger(2, other_most) > PANELS
	print "LABELS = " labels + 0 > PANELS
	if (labels == 0) {
		labels = 1
		label_row[1] = label_at[1] = "nan"
	}
	print numbers("LABEL_ROW", label_row, labels) > PANELS
	print numbers("LABEL_AT", label_at, labels) > PANELS
	print texts("LABEL", label_text, labels) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks_text()) > PANELS
}
