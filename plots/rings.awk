# SPDX-License-Identifier: BSD-2-Clause
# rings.awk - from rings.tsv to what rings.gp draws: DATA, a block of lines for each panel and
# ring (batch, millions of messages a second, low, high), and PANELS, the words.  Given:
# EXPERIMENT, DATA, PANELS, SUBJECT; run after lib.awk.

TABLE == "rings" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	sample_keep(field("what"), field("place"), field("ring"), field("batch"), field("value"))
}

function sample_keep(what, place, ring, batch, value,    key)
{
	there[what, place] = there[what, place] || ring != "-"
	if (!is_number(value)) {
		reason[what, place, ring] = field("note")
		return
	}
	measured[ring] = 1
	key = what SUBSEP place SUBSEP ring SUBSEP batch
	sample[key, ++samples[key]] = value
	rounds = larger(rounds, samples[key])
}

# The median over the rounds, its interval, and how many, of nanoseconds.
function middle_of(what, place, ring, batch, out,    key, list, i)
{
	key = what SUBSEP place SUBSEP ring SUBSEP batch
	for (i = 1; i <= samples[key]; i++)
		list[i] = sample[key, i]
	median_over_blocks(list, samples[key] + 0, out)
}

# Nanoseconds a message as millions a second.
function million(ns)
{
	return is_number(ns) && ns > 0 ? 1000 / ns : "nan"
}

function line_write(what, place, ring,    b, m)
{
	for (b = 1; b <= n_batches; b++) {
		middle_of(what, place, ring, batches[b], m)
		print batches[b], show(million(m["mid"])), show(million(m["high"])), \
			show(million(m["low"])), ring, what, place > DATA
		top = larger(top, million(m["low"]))
		bottom = smaller(bottom, million(m["high"]))
	}
	printf "\n\n" > DATA
}

function value_text(what, place, ring, batch, format,    m)
{
	middle_of(what, place, ring, batch, m)
	return is_number(m["mid"]) ? sprintf(format, m["mid"]) : "n/a"
}

function there_at(place,    w, any)
{
	for (w = 1; w <= n_whats; w++)
		any = any || there[whats[w], place]
	return any
}

# What is not drawn, and why.
function absent_text(    s, i, ring)
{
	for (i = 1; i <= n_rings; i++) {
		ring = rings[i]
		if (!(ring in measured))
			s = s ring " n/a: " reason["never-empty", "cores", ring] ". "
	}
	for (i = 1; i <= n_all; i++)
		if (!there_at(all[i]))
			s = s place_name[all[i]] " n/a: " reason["never-empty", all[i], "-"] ". "
	return s
}

END {
	n_rings = split("ring ring-items ck_ring rte_ring", rings, " ")
	n_batches = split("1 2 4 8 16 32 64", batches, " ")
	n_whats = split("never-empty often-empty often-full ping-pong", whats, " ")
	n_all = split("smt cores processes", all, " ")
	place_name["smt"] = "one core, two hardware threads"
	place_name["cores"] = "two cores, two threads"
	place_name["processes"] = "two cores, two processes"
	if (rounds + 0 == 0)
		fail_missing()
	for (i = 1; i <= n_all; i++)
		if (there_at(all[i]))
			names[++n_places] = all[i]
	for (p = 1; p <= n_places; p++) {
		titles[p] = place_name[names[p]]
		for (w = 1; w <= n_whats; w++)
			for (i = 1; i <= n_rings; i++)
				line_write(whats[w], names[p], rings[i])
	}
	if (!is_number(top))
		fail("no sample of experiment \"" EXPERIMENT "\" between two sides has a value")
	print "PLACES = " n_places + 0 > PANELS
	print "WHATS = " n_whats > PANELS
	print "RINGS = " n_rings > PANELS
	print texts("TITLE", titles, n_places) > PANELS
	print texts("WHAT", whats, n_whats) > PANELS
	print texts("RING", rings, n_rings) > PANELS
	print "TOP = " top > PANELS
	print "BOTTOM = " bottom > PANELS
	print "ABSENT_TEXT = " quoted(absent_text()) > PANELS
	print "THREAD_TEXT = " quoted("Within one thread, a message at a time: ring " \
		value_text("same-thread", "thread", "ring", 1, "%.1f") ", ring-items " \
		value_text("same-thread", "thread", "ring-items", 1, "%.1f") ", ck_ring " \
		value_text("same-thread", "thread", "ck_ring", 1, "%.1f") ", rte_ring " \
		value_text("same-thread", "thread", "rte_ring", 1, "%.1f") " ns.  Wake-up: doorbell " \
		value_text("wake", "cores", "doorbell", 1, "%.0f") ", bare futex " \
		value_text("wake", "cores", "futex", 1, "%.0f") " ns.  Signals elided on a saturated link, batches of 8: " \
		value_text("elided", "cores", "link", 8, "%.4f") ".") > PANELS
	print "ROUNDS_TEXT = " quoted("Medians of " rounds " rounds" (rounds < FEWEST_BLOCKS ? \
		"; thin lines show the range." : "; thin lines show 95 % intervals.")) > PANELS
}
