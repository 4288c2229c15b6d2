# SPDX-License-Identifier: BSD-2-Clause
# idle.awk - from full.tsv to what idle.gp draws: DATA, a block of lines per variant, and
# PANELS, the words.  Given: EXPERIMENT, DATA, PANELS, SUBJECT; run after lib.awk.

TABLE == "full" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	idle_see(field("idle"))
	point_keep(field("variant"), field("idle"))
}

function idle_see(idle)
{
	if (idle in idle_seen)
		return
	idle_seen[idle] = 1
	idles[++n_idles] = idle
}

function point_keep(v, idle)
{
	if (!(v in family_of)) {
		family_of[v] = field("family")
		variants[++n] = v
	}
	kept[v, idle] = field("kept")
	low[v, idle] = field("kept_low")
	high[v, idle] = field("kept_high")
	grown[v, idle] = field("grown_kib")
	cpu_us[v, idle] = field("cpu_us")
	held[v, idle] = field("held")
	blocks = larger(blocks, field("blocks"))
	limit[v] = field("limit")
	if (disturbed_mark() != "")
		mark[v] = " !"
}

# From the highest line down, a label no nearer to the one above than a step.
function labels_place(    i, v, y, room)
{
	for (i = 1; i <= n; i++)
		key[variants[i]] = -(variants[i] in last ? last[variants[i]] : -1)
	sort_by(variants, n, key)
	room = (largest - 0) / 26
	y = largest + room
	for (i = 1; i <= n; i++) {
		v = variants[i]
		y = smaller(y - room, v in last ? last[v] : 0)
		at[i] = y
	}
	# What was pushed below the axis is moved up, from the lowest on.
	y = -room
	for (i = n; i >= 1; i--) {
		y = larger(y + room, at[i] > y + room ? at[i] : y + room)
		if (at[i] >= y)
			break
		at[i] = y
	}
}

function label_text(v,    s, idle)
{
	s = (v == base_name(v) ? v : base_name(v) " again (A/A)") mark[v]
	idle = idles[n_idles]
	if (v in last)
		return s sprintf("  %.2f", last[v])
	if (is_number(held[v, idle]) && held[v, idle] + 0 < idle + 0) {
		if (base_name(v) == "libuv")
			held_text = "libuv keeps two descriptors for each connection, and so stops at half of what they allow the others."
		return s sprintf("  held %d of %d", held[v, idle], idle)
	}
	return s "  n/a"
}

# Beside the most, as what is kept.
function memory_text(v,    kib)
{
	if (v != base_name(v))
		return ""
	kib = grown[v, idles[n_idles]]
	return (is_number(kib) ? sprintf("%.2f KiB", kib) : "KiB n/a") cost_text(v)
}

# Where nothing was held there is nothing to compare.
function cost_text(v,    before, after)
{
	before = cpu_us[v, idles[1]]
	after = v in last ? cpu_us[v, idles[n_idles]] : "nan"
	if (!is_number(before) || !is_number(after))
		return ""
	return sprintf(", %.3g → %.3g µs", before, after)
}

function limits_text()
{
	return "KiB: the server's own memory; what the kernel keeps for it is not in them. " \
		(limited ? "The client was at its end beside some of them: what these keep " \
		"is a higher bound. " : "") \
		(waited ? "Some servers idled for more than a twentieth of the time: there trust the " \
		"CPU, not the rate." : "")
}

END {
	if (n == 0)
		fail_missing()
	sort_numbers(idles, n_idles)
	for (i = 1; i <= n; i++)
		if (is_number(kept[variants[i], idles[n_idles]]))
			last[variants[i]] = kept[variants[i], idles[n_idles]]
	print "# idle kept low high variant" > DATA
	largest = 1.1
	for (i = 1; i <= n; i++)
		for (j = 1; j <= n_idles; j++)
			largest = larger(largest, high[variants[i], idles[j]])
	labels_place()
	for (i = 1; i <= n; i++) {
		v = variants[i]
		for (j = 1; j <= n_idles; j++)
			print idles[j], show(kept[v, idles[j]]), show(low[v, idles[j]]), \
				show(high[v, idles[j]]), v > DATA
		printf "\n\n" > DATA
		kinds[i] = paint_of(v, family_of[v])
		nths[i] = ++members[kinds[i]]
		labels[i] = label_text(v)
		memories[i] = memory_text(v)
		limited = limited || limit[v] == "client" || limit[v] == "both"
		waited = waited || limit[v] == "client" || limit[v] == "neither"
		twins[i] = v != base_name(v)
	}
	print "N = " n > PANELS
	print "MOST = " idles[n_idles] > PANELS
	print "MOST_TEXT = " quoted(idles[n_idles]) > PANELS
	print "HELD_TEXT = " quoted(held_text) > PANELS
	print texts("KIND", kinds, n) > PANELS
	print numbers("NTH", nths, n) > PANELS
	print numbers("TWIN", twins, n) > PANELS
	print numbers("AT", at, n) > PANELS
	print texts("LABEL", labels, n) > PANELS
	print texts("MEMORY", memories, n) > PANELS
	print "LARGEST = " largest > PANELS
	print "LIMITED_TEXT = " quoted(limits_text()) > PANELS
	print "MARKS_TEXT = " quoted(marks_text()) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks == 1 ? "one block, so no range" : blocks + 0 \
		" blocks: medians of the ratio within a block; thin lines show the range") > PANELS
}
