# SPDX-License-Identifier: BSD-2-Clause
# knee-panels.awk - what is said in each panel of the knee figure, and how far its axes go:
# gnuplot variables, out of what knee.awk found.

function capacity_text(variant,    lo, hi)
{
	lo = lower[variant]
	hi = upper[variant]
	if (!(variant in has_summary))
		return "capacity n/a: not in summary.tsv"
	if (!is_number(lo))
		return is_number(hi) ? "capacity below " rate(hi) "/s" : "capacity n/a"
	if (client_limited[variant])
		return "capacity ≥ " rate(lo) "/s, client-limited"
	if (!is_number(hi) || hi + 0 >= INFINITE)
		return "capacity ≥ " rate(lo) "/s"
	return "capacity " rate(lo) "–" rate(hi) "/s" (unsettled[variant] ? ", unsettled" : "")
}

function peak_text(variant,    s, twin)
{
	s = is_number(peak[variant]) ? "peak " rate(peak[variant]) "/s" : ""
	twin = twin_of[variant]
	if (twin != "" && is_number(lower[twin]) && is_number(upper[twin]))
		s = s " · A/A " rate(lower[twin]) "–" rate(upper[twin]) "/s"
	return s
}

# Limits that are facts of the design, said where they show.
function fact_text(variant)
{
	if (variant ~ /^pool/)
		return "64 threads, each held while its client thinks"
	if (variant ~ /^pth/)
		return "waits with select(): about 1,000 connections"
	if (variant == "process")
		return "a process per connection: ends near pid_max"
	if (variant == "thread")
		return "a thread per connection: ends near pid_max"
	if (family_of[variant] ~ /^(staged|module)$/ && CPUS > 0 && CPUS <= 2)
		return "on " CPUS " CPUs no parallelism of a pipeline shows"
	return ""
}

function absence_text(variant)
{
	if (kept[variant] > 0)
		return ""
	if (seen[variant] == 0)
		return dropped[variant] ? "n/a: the server failed" : "n/a: no trials"
	if (variant in probed)
		return "n/a: nothing but its probe counts"
	return "n/a: all " seen[variant] " trials void\n" tally(voids, variant, void_name, void_names)
}

# Loads to label with the requests sent and not yet answered: from the highest down, with room.
function inside_tics(variant,    i, last, s, n, x)
{
	last = INFINITE
	for (i = steps[variant]; i >= 1; i--) {
		n = step_inside[variant, i]
		x = step_load[variant, i]
		if (!is_number(n) || x > last - 0.26 * largest_load)
			continue
		n = n < 9.95 ? sprintf("%.1f", n) : rate(n)
		s = s (s == "" ? "" : ", ") "'" n "' " x
		last = x
	}
	return s
}

function caption_text(    b, n)
{
	for (b in blocks_seen)
		n++
	if (n == 0)
		return "No trial counts"
	if (n == 1)
		return "one block, so no interval: ribbons show the range over trials"
	if (n < FEWEST_BLOCKS)
		return n " blocks, too few for an interval: ribbons show the range"
	return n " blocks: ribbons show the 95 % t-interval over blocks, or the range where a " \
		"load has fewer than " FEWEST_BLOCKS "; those of latency the range"
}

function panel_describe(p, v)
{
	kinds[p] = paint_of(v, family_of[v])
	nths[p] = ++members[kinds[p]]
	capacities[p] = capacity_text(v)
	peaks[p] = peak_text(v)
	facts[p] = fact_text(v)
	absences[p] = absence_text(v)
	lowers[p] = show(lower[v])
	uppers[p] = show(upper[v])
	lows[p] = show(low[v])
	highs[p] = show(high[v])
	inside[p] = inside_tics(v)
	if (kept[v] == 0)
		return
	no_latency[p] = measured[v, "latency"] ? "" : "n/a: latency not measured"
	no_cpu[p] = measured[v, "cpu"] ? "" : "n/a: CPU not measured"
	no_switches[p] = measured[v, "switches"] ? "" : "n/a: switches not counted"
	no_split[p] = measured[v, "switches"] && !split_known[v] ? "total only" : ""
}

function panels_write()
{
	print "N = " panels > PANELS
	print texts("NAME", panel, panels) > PANELS
	print texts("KIND", kinds, panels) > PANELS
	print numbers("NTH", nths, panels) > PANELS
	print numbers("TWIN", twin_index, panels) > PANELS
	print texts("CAPACITY", capacities, panels) > PANELS
	print texts("PEAK", peaks, panels) > PANELS
	print texts("FACT", facts, panels) > PANELS
	print texts("ABSENT", absences, panels) > PANELS
	print numbers("LOWER", lowers, panels) > PANELS
	print numbers("UPPER", uppers, panels) > PANELS
	print numbers("LOW", lows, panels) > PANELS
	print numbers("HIGHER", highs, panels) > PANELS
	print texts("INSIDE", inside, panels) > PANELS
	print texts("NO_LATENCY", no_latency, panels) > PANELS
	print texts("NO_CPU", no_cpu, panels) > PANELS
	print texts("NO_SWITCHES", no_switches, panels) > PANELS
	print texts("NO_SPLIT", no_split, panels) > PANELS
}

function axes_write()
{
	print "LARGEST_LOAD = " (largest_load > 0 ? largest_load : 1) > PANELS
	print "LARGEST_GOOD = " (largest_good > 0 ? largest_good : 1) > PANELS
	print "LARGEST_LATENCY = " (largest_latency > 0 ? largest_latency : 1e4) > PANELS
	print "SMALLEST_LATENCY = " (smallest_latency > 0 ? smallest_latency : 100) > PANELS
	print "LARGEST_CPU = " (largest_cpu > 0 ? largest_cpu : 1) > PANELS
	print "LARGEST_SWITCHES = " (largest_switches > 0 ? largest_switches : 1) > PANELS
	print "ANY_INFINITE = " any_infinite + 0 > PANELS
	print "TWINS = " twins + 0 > PANELS
	print "LIMIT_US = " (is_number(LIMIT) ? LIMIT : 0) > PANELS
	print "BLOCKS_TEXT = " quoted(caption_text()) > PANELS
	print "VOID_TEXT = " quoted(void_text() (unfit == "" ? "" : \
		". No panel, as they do not serve the request: " unfit) \
		(LEFT == "" ? "" : ". " LEFT)) > PANELS
}
