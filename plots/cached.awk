# SPDX-License-Identifier: BSD-2-Clause
# cached.awk - from trials.tsv to what cached.gp draws: DATA, one line per variant in order of
# CPU per request with its A/A twin beneath it, and PANELS, the words of each row.
# Given: EXPERIMENT, DATA, PANELS, SUBJECT; run after lib.awk.

BEGIN {
	KEPT_UP = 0.99	# of the offered load, below which a cost is not one of equal work
	quantities = split("cpu_us cpu_system_us ctx_voluntary ctx_involuntary ctx", quantity, " ")
}

TABLE == "trials" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	variant_see(field("variant"), field("family"))
	if (field("phase") == "equal")
		trial_keep(field("variant"))
	else if (field("phase") == "split" && !trial_is_void(field("variant")))
		split_keep(field("variant"), field("block"))
}

# Counting switches apart makes each dearer: only their kind is taken from such a trial.
function split_keep(variant, b)
{
	add(variant, b, load_name(), "ctx_voluntary", field("ctx_voluntary"))
	add(variant, b, load_name(), "ctx_involuntary", field("ctx_involuntary"))
}

function variant_see(variant, family)
{
	if (variant in family_of)
		return
	family_of[variant] = family
	row[++rows] = variant
}

# A trial that was void and kept stands only until a sound one of its block and load comes.
function flagged_keep(variant, b, load,    q)
{
	if (field("flagged") == "1") {
		flagged[variant, b, load]++
		flagged_trials++
	} else if (flagged[variant, b, load] > 0) {
		repeated += flagged[variant, b, load]
		flagged_trials -= flagged[variant, b, load]
		flagged[variant, b, load] = 0
		for (q = 1; q <= quantities; q++)
			forget(variant, b, load, quantity[q])
		forget(variant, b, load, "offered")
		forget(variant, b, load, "good")
	}
}

function forget(variant, b, load, name)
{
	delete sum[variant, b, load, name]
	delete count[variant, b, load, name]
}

function trial_keep(variant,    b, q, load)
{
	if (trial_is_void(variant))
		return
	kept[variant]++
	b = field("block")
	if (!(b in blocks_seen)) {
		blocks_seen[b] = 1
		block[++blocks] = b
	}
	load = load_name()
	at_load[load]++
	flagged_keep(variant, b, load)
	for (q = 1; q <= quantities; q++)
		add(variant, b, load, quantity[q], field(quantity[q]))
	add(variant, b, load, "offered", field("offered_rps"))
	add(variant, b, load, "good", field("good_rps"))
}

# The nominal load, or the offered one to two digits where the table does not name it.
function load_name()
{
	return is_number(field("load_rps")) ? field("load_rps") + 0 : \
		sprintf("%.2g", field("offered_rps")) + 0
}

function add(variant, b, load, name, s)
{
	if (!is_number(s))
		return
	sum[variant, b, load, name] += s
	count[variant, b, load, name]++
}

# One load is drawn: the one tried most, of several the highest.  Sets drawn_load.
function load_choose(    load)
{
	for (load in at_load) {
		loads++
		if (drawn_load == "" || at_load[load] > at_load[drawn_load] || \
		    (at_load[load] == at_load[drawn_load] && load + 0 > drawn_load + 0))
			drawn_load = load
	}
}

function block_value(variant, b, name)
{
	return ((variant, b, drawn_load, name) in sum) ? \
		sum[variant, b, drawn_load, name] / count[variant, b, drawn_load, name] : "nan"
}

# The block values of a quantity, summed up in out; out["n"] says how many blocks.
function cost(variant, name, out,    i, n, x, list)
{
	for (i = 1; i <= blocks; i++) {
		x = block_value(variant, block[i], name)
		if (is_number(x))
			list[++n] = x
	}
	median_over_blocks(list, n + 0, out)
	out["n"] = n + 0
	return show(out["mid"]) " " show(out["low"]) " " show(out["high"])
}

# A twin stands just below its base; what was not measured stands last.
function row_keys(    i, v, out, base)
{
	for (i = 1; i <= rows; i++) {
		v = row[i]
		base = base_name(v)
		cost((base in family_of) ? base : v, "cpu_us", out)
		key[v] = (is_number(out["mid"]) ? out["mid"] : 1e9) + (v == base ? 0 : 1e-6)
	}
}

function row_text(v,    good, offered)
{
	if (!(v in kept))
		return seen[v] > 0 ? "n/a: all " seen[v] " trials void (" \
			tally(voids, v, void_name, void_names) ")" : "n/a: no trials at equal load"
	cost(v, "good", good)
	cost(v, "offered", offered)
	if (is_number(good["mid"]) && good["mid"] < KEPT_UP * offered["mid"])
		return sprintf("answered only %.0f %%: not equal work", \
			       100 * good["mid"] / offered["mid"])
	cost(v, "cpu_us", good)
	return is_number(good["mid"]) ? "" : "n/a: CPU not measured"
}

# The twin's cost over its base's, block by block: what this machine cannot tell apart.
function twin_text(    i, v, b, j, low, high, x, y, s)
{
	for (i = 1; i <= rows; i++) {
		v = row[i]
		b = base_name(v)
		if (b == v)
			continue
		low = high = "nan"
		for (j = 1; j <= blocks; j++) {
			x = block_value(v, block[j], "cpu_us")
			y = block_value(b, block[j], "cpu_us")
			if (!is_number(x) || !is_number(y) || y <= 0)
				continue
			low = smaller(low, x / y)
			high = larger(high, x / y)
		}
		if (is_number(low))
			s = s sprintf("A/A: %s measured twice differed by a factor of %.2f%s in CPU; " \
				      "smaller differences mean nothing here. ", b, low, \
				      high > low ? sprintf(" to %.2f", high) : " (one block)")
	}
	if (s == "")
		s = "No A/A twin in this run: how small a difference it can settle is not known. "
	return s "Loopback bills delivery to the sender: that of replies is included."
}

function load_text(    i, out, low, high, v)
{
	low = high = "nan"
	for (i = 1; i <= rows; i++) {
		cost(row[i], "offered", out)
		low = smaller(low, out["mid"])
		high = larger(high, out["mid"])
	}
	if (!is_number(low))
		return "no load was offered"
	if (high > 1.05 * low)
		return "offered loads differ: " rate(low) " to " rate(high) " requests/s"
	return "every variant was offered " rate((low + high) / 2) " requests/s" \
		(loads > 1 ? " (" loads " loads were tried; trials.tsv has the others)" : "")
}

function blocks_text()
{
	if (blocks >= FEWEST_BLOCKS)
		return blocks " blocks: bars show the 95 % interval of the median over blocks"
	return blocks == 1 ? "one block, so no interval: a dot is one block's value" : \
		blocks + 0 " blocks, too few for an interval: bars show the range"
}

END {
	if (rows == 0)
		fail_missing()
	load_choose()
	row_keys()
	sort_by(row, rows, key)
	print "# row cpu low high cpu_system low high voluntary low high involuntary low high " \
		"switches low high blocks flagged variant" > DATA
	for (r = 1; r <= rows; r++)
		row_write(r, row[r])
	words_write()
}

function any_flagged(v,    i)
{
	for (i = 1; i <= blocks; i++)
		if (flagged[v, block[i], drawn_load] > 0)
			return 1
	return 0
}

# About how wide the names are, in pixels, as cached.gp writes them.
function names_width(    r, wide)
{
	for (r = 1; r <= rows; r++)
		wide = larger(wide, length(names[r]) * (twins[r] ? 6.8 : 8.7))
	return wide
}

function row_write(r, v,    q, line, out)
{
	line = r
	for (q = 1; q <= quantities; q++) {
		line = line " " cost(v, quantity[q], out)
		largest[quantity[q]] = larger(largest[quantity[q]], out["high"])
		if (quantity[q] == "cpu_us")
			measured_blocks = out["n"]
	}
	print line, measured_blocks, any_flagged(v), v > DATA
	names[r] = v == base_name(v) ? v : base_name(v) " again (A/A)"
	kinds[r] = paint_of(v, family_of[v])
	notes[r] = row_text(v)
	twins[r] = v != base_name(v)
}

function words_write(    split_largest)
{
	split_largest = larger(largest["ctx_voluntary"], largest["ctx_involuntary"])
	print "N = " rows > PANELS
	print "NAMES_WIDE = " names_width() > PANELS
	print texts("NAME", names, rows) > PANELS
	print texts("KIND", kinds, rows) > PANELS
	print texts("NOTE", notes, rows) > PANELS
	print numbers("TWIN", twins, rows) > PANELS
	print "LARGEST_CPU = " (largest["cpu_us"] > 0 ? largest["cpu_us"] : 1) > PANELS
	print "SPLIT = " (split_largest != "") > PANELS
	if (split_largest == "")
		split_largest = largest["ctx"]
	print "LARGEST_SWITCHES = " (split_largest > 0 ? split_largest : 1) > PANELS
	print "LOAD_TEXT = " quoted(load_text()) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks_text()) > PANELS
	print "VOID_TEXT = " quoted(void_text() (repeated > 0 ? "; " repeated \
		" others made up for by a sound repetition" : "")) > PANELS
	print "TWIN_TEXT = " quoted(twin_text()) > PANELS
}
