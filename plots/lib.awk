# SPDX-License-Identifier: BSD-2-Clause
# lib.awk - what the figures share: columns by name, numbers that may be missing, middle
# values, intervals over blocks, and the paint and order of the variants' families.
# Set TABLE=name before each file on the command line; the first line of a file is its header.

BEGIN {
	FS = "\t"
	INFINITE = 1e300
	# Student's t, two-sided 95 %, by degrees of freedom; beyond the table the normal's.
	split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 " \
	      "2.160 2.145 2.131 2.120 2.110 2.101 2.093 2.086 2.080 2.074 2.069 2.064 " \
	      "2.060 2.056 2.052 2.048 2.045 2.042", T95, " ")
	FEWEST_BLOCKS = 6	# below it the range is drawn and never called an interval
}

FNR == 1 {
	for (i = 1; i <= NF; i++)
		column_of[TABLE, $i] = i
	next
}

# The field under this header in the present table; "nan" where there is no such column.
function field(name)
{
	return ((TABLE, name) in column_of) ? $(column_of[TABLE, name]) : "nan"
}

# One line that says what is wrong with SUBJECT, and the end; from a rule awk still goes to END,
# which then has to look at `failed` first.
function fail(text)
{
	print SUBJECT ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

# None of its trials was EXPERIMENT's; the names of those that are there index `experiments`.
function fail_missing(    e, there)
{
	for (e in experiments)
		there = there " " e
	fail("no trial of experiment \"" EXPERIMENT "\"" \
	     (there == "" ? ": the table has no rows" : "; there is:" there))
}

function is_number(s)
{
	return s ~ /^[-+]?[0-9.]/
}

# A number for a person or for gnuplot: nan and infinity keep their names.
function show(s, format)
{
	if (!is_number(s))
		return "nan"
	return s >= INFINITE ? "inf" : sprintf(format == "" ? "%.6g" : format, s)
}

function product(a, b)
{
	return is_number(a) && is_number(b) ? a * b : "nan"
}

# Sorts list[1..n] of numbers in place (insertion: lists here are short).
function sort_numbers(list, n,    i, j, x)
{
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (j = i - 1; j >= 1 && list[j] + 0 > x + 0; j--)
			list[j + 1] = list[j]
		list[j + 1] = x
	}
}

# Sorts the names list[1..n] by the numbers key[name].
function sort_by(list, n, key,    i, j, x)
{
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (j = i - 1; j >= 1 && key[list[j]] + 0 > key[x] + 0; j--)
			list[j + 1] = list[j]
		list[j + 1] = x
	}
}

# Into out["mid"|"low"|"high"]: the upper median and the range of list[1..n].
# Percentiles must not be averaged, so the middle is always one that was measured.
function middle(list, n, out)
{
	out["mid"] = out["low"] = out["high"] = "nan"
	if (n == 0)
		return
	sort_numbers(list, n)
	out["mid"] = list[int(n / 2) + 1]
	out["low"] = list[1]
	out["high"] = list[n]
}

# Into out: the mean of the block values list[1..n], and from FEWEST_BLOCKS on its 95 %
# t-interval, below that the range.
function over_blocks(list, n, out,    i, sum, squares, half)
{
	out["mid"] = out["low"] = out["high"] = "nan"
	if (n == 0)
		return
	sort_numbers(list, n)
	for (i = 1; i <= n; i++)
		sum += list[i]
	out["mid"] = sum / n
	out["low"] = list[1]
	out["high"] = list[n]
	if (n < FEWEST_BLOCKS)
		return
	for (i = 1; i <= n; i++)
		squares += (list[i] - out["mid"]) ^ 2
	half = (n - 1 in T95 ? T95[n - 1] : 1.96) * sqrt(squares / (n - 1) / n)
	out["low"] = out["mid"] - half
	out["high"] = out["mid"] + half
}

# Into out: the median of the block values list[1..n], which one bad block does not move,
# and from FEWEST_BLOCKS on the narrowest interval between two of them that holds the true
# median with 95 % (the sign test's), below that the range.
function median_over_blocks(list, n, out,    k, tail, ways)
{
	middle(list, n, out)
	if (n == 0)
		return
	out["mid"] = (list[int((n + 1) / 2)] + list[int(n / 2) + 1]) / 2
	if (n < FEWEST_BLOCKS)
		return
	ways = 1
	tail = 1	# of 2^n: how often no more than k - 1 values lie below the median
	for (k = 1; tail + ways * (n - k + 1) / k <= 0.025 * 2 ^ n; k++) {
		ways *= (n - k + 1) / k
		tail += ways
	}
	out["low"] = list[k]
	out["high"] = list[n + 1 - k]
}

function base_name(variant)
{
	sub(/@.*/, "", variant)
	return variant
}

# Which of the figure's colours a variant wears (see paint() in style.gp): its family's,
# except where one family holds ways that deserve telling apart.
function paint_of(variant, family)
{
	variant = base_name(variant)
	if (variant ~ /^pool/)
		return "pool"
	if (variant ~ /uring/)
		return "io_uring"
	return variant ~ /amped/ ? "staged" : family
}

function paint_rank(kind,    order, n, i)
{
	n = split("process thread pool event io_uring user-thread staged module reference",
		  order, " ")
	for (i = 1; i <= n; i++)
		if (order[i] == kind)
			return i
	return n + 1
}

# 9312 -> 9.31k: three digits are what a capacity is known to, at best.
function rate(s)
{
	if (!is_number(s))
		return "n/a"
	if (s < 1000)
		return sprintf("%.3g", s)
	return s < 1e6 ? sprintf("%.3gk", s / 1000) : sprintf("%.3gM", s / 1e6)
}

# A gnuplot string.
function quoted(s)
{
	gsub(/["\\]/, "", s)
	gsub(/\n/, "\\n", s)
	return "\"" s "\""
}

# Counts the present trial as void unless it counts after all (flagged: the last retry, kept).
# Sets trials, void_trials, voids[variant, reason] and voids["", reason], void_name.
function trial_is_void(variant,    void)
{
	trials++
	seen[variant]++
	void = field("void")
	if (void == "0" || field("flagged") == "1")
		return 0
	if (!(void in known_void)) {
		known_void[void] = 1
		void_name[++void_names] = void
	}
	voids[variant, void]++
	voids["", void]++
	void_trials++
	return 1
}

# "steal 3, server 1" out of count[key, reason].
function tally(count, key, reasons, n,    i, s)
{
	for (i = 1; i <= n; i++)
		if ((key, reasons[i]) in count)
			s = s (s == "" ? "" : ", ") reasons[i] " " count[key, reasons[i]]
	return s
}

function void_text(    s)
{
	s = trials + 0 " trials, " void_trials + 0 " void and left out"
	if (void_trials > 0)
		s = s " (" tally(voids, "", void_name, void_names) ")"
	return s "; " flagged_trials + 0 " void with no retry left, kept, drawn hollow" OFF_LINE
}

# Behind the name of what the present row of full.tsv tells, if that rests on trials that were
# void, and kept as there was no sound one in their block.  Sets marks.
function disturbed_mark()
{
	if (field("note") !~ /disturbed/)
		return ""
	marks = 1
	return " !"
}

function marks_text()
{
	return marks ? "  !: rests on disturbed trials." : ""
}

# list[1..n] as a gnuplot array of strings, and of numbers.
function texts(name, list, n,    i, s)
{
	for (i = 1; i <= n; i++)
		s = s (i > 1 ? ", " : "") quoted(list[i])
	return "array " name "[" n "] = [" s "]"
}

function numbers(name, list, n,    i, s)
{
	for (i = 1; i <= n; i++)
		s = s (i > 1 ? ", " : "") (is_number(list[i]) ? list[i] : "NaN")
	return "array " name "[" n "] = [" s "]"
}

# Of a (which may be unset) and b, ignoring what is not a finite number.
function larger(a, b)
{
	return is_number(b) && b < INFINITE && (!is_number(a) || b + 0 > a + 0) ? b : a
}

function smaller(a, b)
{
	return is_number(b) && b < INFINITE && (!is_number(a) || b + 0 < a + 0) ? b : a
}
