# SPDX-License-Identifier: BSD-2-Clause
# duality.awk - from full.tsv and full-pairs.tsv to what duality.gp draws: DATA, three blocks of
# lines (the pair the goal is about, by the measure judged and by the other; the other
# pairs), and PANELS, the words.  Given: EXPERIMENT (a name's beginning), DATA, PANELS, SUBJECT;
# run after lib.awk.

BEGIN {
	MEASURE["rate"] = "requests a second"
	MEASURE["per_cpu_s"] = "requests per second of CPU"
	WORDS["cannot-tell"] = "cannot be told"
	SUBROW = 0.23
}

TABLE == "full" {
	limit[field("experiment"), field("variant")] = field("limit")
	idle[field("experiment"), field("variant")] = field("server_idle")
	good[field("experiment"), field("variant")] = field("good_rps")
	disturbed[field("experiment"), field("variant")] = disturbed_mark()
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
	side_of[e, first, second, field("quantity")] = side()
	if (first ~ /@aa$/) {
		twin = second
		band_keep(row_of[e])
		grey_mark[row_of[e]] = mark(e, first, second) == "" ? "" : "; grey !"
	}
	else if (is_number(field("goal_low")))
		goal_keep(row_of[e], e, first, second)
	else if (field("judged") == 1)
		other_keep(row_of[e], e, first, second)
}

function mark(e, first, second)
{
	return disturbed[e, first] != "" ? disturbed[e, first] : disturbed[e, second]
}

# On which side of 1 the interval lies wholly: 1, -1, or 0: neither.
function side()
{
	if (!is_number(field("interval_low")))
		return 0
	return (field("interval_low") > 1) - (field("interval_high") < 1)
}

# Where the measure that is not judged says the opposite of the one that is.
function contrary_text(key, judged,    other)
{
	other = judged == "rate" ? "per_cpu_s" : "rate"
	if (side_of[key, judged] * side_of[key, other] >= 0)
		return ""
	return (side_of[key, other] > 0 ? "; more by " : "; less by ") \
		(other == "rate" ? "rate" : "CPU")
}

# How far the same server measured twice strays, either way; of an older table, or of too few
# blocks, the interval or the range itself.
function band_keep(r,    band)
{
	band = field("band")
	aa[r, field("quantity"), "low"] = is_number(band) ? 1 / (1 + band) : bound("low")
	aa[r, field("quantity"), "high"] = is_number(band) ? 1 + band : bound("high")
}

# The interval's, or where there are too few blocks for one the range's.
function bound(which)
{
	if (is_number(field("interval_" which)))
		return field("interval_" which)
	ranges = 1
	return field(which)
}

# The estimate that the interval is of; where there is none, the median.
function estimate()
{
	return is_number(field("interval_low")) ? field("mean") : field("ratio")
}

function verdict_text()
{
	if (field("verdict") == "n/a" || field("verdict") == "-")
		return ""
	return "  " (field("verdict") in WORDS ? WORDS[field("verdict")] : field("verdict"))
}

function point(r, offset)
{
	return r + offset " " show(estimate()) " " show(bound("low")) " " show(bound("high"))
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
	details[r] = rate(good[e, first]) "/s against " rate(good[e, second]) "/s" limit_text(limit[e, first], idle[e, first])
	verdicts[r] = (is_number(estimate()) ? sprintf("%.3f", estimate()) : "n/a") \
		mark(e, first, second) (is_number(estimate()) ? verdict_text() : "")
}

function span_see()
{
	least = smaller(least, bound("low"))
	most = larger(most, bound("high"))
}

# Whose CPU was at its end; a server's that idled for more than a twentieth was not quite.
function limit_text(who, idle)
{
	if (who == "server" && is_number(idle) && idle > 0.05)
		return sprintf(" (server idle for %.0f %%)", 100 * idle)
	if (who == "server" || who == "client")
		return " (" who " at its end)"
	return who == "both" ? " (both at their end)" : ""
}

function other_keep(r, e, first, second,    at)
{
	at = -0.36 + SUBROW * others[r]++
	rest = rest point(r, at) "\n"
	other_least = smaller(other_least, bound("low"))
	other_most = larger(other_most, bound("high"))
	label_row[++labels] = r + at
	label_text[labels] = first " / " second mark(e, first, second)
	label_key[labels] = e SUBSEP first SUBSEP second
	label_measure[labels] = field("quantity")
	value_text[labels] = is_number(estimate()) ? sprintf("%.2f", estimate()) verdict_text() : "n/a"
}

function blocks_text()
{
	return (blocks == 1 ? "One block" : blocks + 0 " blocks") ", each ratio within a block; " \
		(ranges ? "medians and ranges (too few blocks for intervals)" : \
		 "their mean on the log scale and its 90 % t interval") \
		(twin == "" ? "" : ".") marks_text()
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
	print "GREY_TEXT = " quoted(twin == "" ? "" : "Grey: " twin " against itself strays as far: nothing narrower is called a difference, and where the grey leaves the goal, nothing inside.") > PANELS
	print "# row ratio low high: what the goal is about" > DATA
	print judged "\n\n# by the other measure\n" unjudged "\n\n# other pairs\n" rest > DATA
	for (r = 1; r <= rows; r++) {
		titles[r] = names[r]
		sub("^" EXPERIMENT "-", "", titles[r])
		measures[r] = MEASURE[measure[r]] grey_mark[r]
		band_low[r] = aa[r, measure[r], "low"]
		band_high[r] = aa[r, measure[r], "high"]
		least = smaller(least, band_low[r])
		most = larger(most, band_high[r])
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
	print "LEAST = " larger(0.7, smaller(0.94, least - 0.01)) > PANELS
	print "MOST = " smaller(1.4, larger(1.06, most + 0.01)) > PANELS
	print "OTHER_LEAST = " smaller(0.8, other_least) > PANELS
	print "OTHER_MOST = " larger(2, other_most) > PANELS
	print "LABELS = " labels + 0 > PANELS
	for (i = 1; i <= labels; i++)
		if (value_text[i] ~ /(more|less)$/)
			value_text[i] = value_text[i] contrary_text(label_key[i], label_measure[i])
	if (labels == 0) {
		labels = 1
		label_row[1] = "nan"
	}
	print numbers("LABEL_ROW", label_row, labels) > PANELS
	print texts("VALUE", value_text, labels) > PANELS
	print texts("LABEL", label_text, labels) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks_text()) > PANELS
}
