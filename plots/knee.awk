# SPDX-License-Identifier: BSD-2-Clause
# knee.awk - from trials.tsv (and summary.tsv) to what knee.gp draws: DATA, one block per
# variant with one line per offered load, and PANELS (knee-panels.awk).  Given:
# EXPERIMENT, DATA, PANELS, CPUS, LIMIT (us), LEFT (what the run left out, in words), SUBJECT; run
# after lib.awk.

# Trials at the same nominal load are one step of the curve.  Where the table does not name
# it, loads as near as this: what was offered inside the window strays from the rate.
BEGIN {
	SAME_LOAD = 1.001
	NEAR_LOAD = 1.025
	OFF_LINE = " and off the line"
}

TABLE == "trials" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	if (field("phase") == "certificate")
		next	# of the load generator, against a server that is no variant
	variant_see(field("variant"), field("family"))
	if (field("phase") ~ /^(ladder|bracket|overload)$/)
		trial_keep(field("variant"))
	else if (field("phase") == "probe" && !trial_is_void(field("variant")))
		probed[field("variant")] = 1	# in a closed loop: a scale, no point of the curve
	next
}

TABLE == "summary" && (field("experiment") == EXPERIMENT || field("experiment") == "nan") {
	if (field("flags") ~ /unlisted/)
		next	# the experiment is not about it
	if (field("flags") ~ /unfit/) {
		if (field("flags") !~ /aa/)
			unfit = unfit (unfit == "" ? "" : ", ") field("variant")
		next
	}
	variant_see(field("variant"), field("family"))
	summary_keep(field("variant"))
}

function variant_see(variant, family)
{
	if (variant in family_of)
		return
	family_of[variant] = family
	if (variant ~ /@/) {
		twin_of[base_name(variant)] = variant
		return
	}
	panels++
	panel[panels] = variant
	rank[variant] = paint_rank(paint_of(variant, family)) * 1000 + panels
}

function trial_keep(variant,    n)
{
	if (trial_is_void(variant))
		return
	if (!is_number(field("offered_rps")))
		return
	n = ++kept[variant]
	flagged[variant, n] = field("flagged") == "1"
	flagged_trials += flagged[variant, n]
	blocks_seen[field("block")] = 1
	trial_values(variant, n)
}

function trial_values(variant, n,    requests, cores, good)
{
	block[variant, n] = field("block")
	offered[variant, n] = field("offered_rps")
	nominal[variant, n] = field("load_rps")
	if (!is_number(nominal[variant, n])) {
		nominal[variant, n] = offered[variant, n]
		same_load = NEAR_LOAD
	}
	good = field("good_rps")
	value[variant, n, "good"] = is_number(good) ? good : field("received_rps")
	value[variant, n, "p50"] = latency("lat_p50")
	value[variant, n, "p99"] = latency("lat_p99")
	requests = field("requests")
	if (!is_number(requests))
		requests = product(field("received_rps"), field("window_s"))
	cores = is_number(field("window_s")) && field("window_s") > 0 ? \
		product(requests, 1 / (1e6 * field("window_s"))) : "nan"
	value[variant, n, "cpu"] = product(field("cpu_us"), cores)
	value[variant, n, "cpu_system"] = product(field("cpu_system_us"), cores)
	value[variant, n, "voluntary"] = field("ctx_voluntary")
	value[variant, n, "involuntary"] = field("ctx_involuntary")
	value[variant, n, "switches"] = field("ctx")
	value[variant, n, "in_flight"] = field("in_flight_mean")
	value[variant, n, "client"] = field("client_cpu_share")
}

# A request that was lost stands at infinity, and so does a percentile that reaches it.
function latency(name,    s)
{
	s = field(name)
	if (is_number(s))
		return s
	return is_number(field("lost")) && field("lost") > 0 ? INFINITE : "nan"
}

function summary_keep(variant)
{
	has_summary[variant] = 1
	lower[variant] = field("capacity_lower_rps")
	upper[variant] = field("capacity_upper_rps")
	low[variant] = field("interval_low")
	high[variant] = field("interval_high")
	peak[variant] = field("peak_goodput_rps")
	client_limited[variant] = field("flags") ~ /client-limited/
	unsettled[variant] = field("flags") ~ /unsettled/
	dropped[variant] = field("flags") ~ /dropped/
}

# --- one line per load -------------------------------------------------------------------

# Puts the trials of a variant in order of load and calls step_write for each load.
function curve_write(variant,    n, i, order, key, first)
{
	n = kept[variant] + 0
	for (i = 1; i <= n; i++) {
		order[i] = i
		key[i] = nominal[variant, i]
	}
	sort_by(order, n, key)
	first = 1
	if (!same_load)
		same_load = SAME_LOAD
	for (i = 2; i <= n + 1; i++) {
		if (i <= n && key[order[i]] <= same_load * key[order[first]])
			continue
		if (n > 0)
			step_write(variant, order, first, i - 1)
		first = i
	}
	if (n == 0)
		print "nan nan nan nan 0 0" nans(14) > DATA
	printf "\n\n" > DATA
}

function nans(n,    s)
{
	while (n-- > 0)
		s = s " nan"
	return s
}

# The values of one quantity in these trials, into list; returns how many were measured.
function values_of(variant, name, order, from, to, list,    i, n)
{
	for (i = from; i <= to; i++)
		if (is_number(value[variant, order[i], name]))
			list[++n] = value[variant, order[i], name]
	return n + 0
}

# The mean of each block, into list; returns how many blocks.
function block_means(variant, name, order, from, to, list,    i, n, b, sum, count, names)
{
	for (i = from; i <= to; i++) {
		if (!is_number(value[variant, order[i], name]))
			continue
		b = block[variant, order[i]]
		if (!(b in sum))
			names[++n] = b
		sum[b] += value[variant, order[i], name]
		count[b]++
	}
	for (i = 1; i <= n; i++)
		list[i] = sum[names[i]] / count[names[i]]
	return n + 0
}

# A mean over blocks with its interval or range, as text; remembered in out as well.
function means_text(variant, name, order, from, to, out,    list, n)
{
	n = block_means(variant, name, order, from, to, list)
	over_blocks(list, n, out)
	out["n"] = n
	return show(out["mid"]) " " show(out["low"]) " " show(out["high"])
}

function middle_text(variant, name, order, from, to, out,    list, n)
{
	n = values_of(variant, name, order, from, to, list)
	middle(list, n, out)
	return show(out["mid"]) " " show(out["low"]) " " show(out["high"])
}

function mean_of(variant, name, order, from, to,    out)
{
	means_text(variant, name, order, from, to, out)
	return out["mid"]
}

function step_write(variant, order, from, to,    i, load, hollow, goods, p50, p99, cpu, line)
{
	for (i = from; i <= to; i++) {
		load += offered[variant, order[i]] / (to - from + 1)
		hollow += flagged[variant, order[i]]
	}
	line = means_text(variant, "good", order, from, to, goods)
	line = show(load) " " line " " goods["n"] " " (hollow > 0)
	line = line " " middle_text(variant, "p50", order, from, to, p50)
	line = line " " middle_text(variant, "p99", order, from, to, p99)
	line = line " " means_text(variant, "cpu", order, from, to, cpu)
	print line, step_rest(variant, order, from, to, load), variant > DATA
	axes_grow(variant, load, goods["high"], p50, p99, cpu["high"])
}

# CPU in the kernel, the switches, what was inside the server, the client's CPU.
function step_rest(variant, order, from, to, load,    voluntary, involuntary, total, inside)
{
	voluntary = mean_of(variant, "voluntary", order, from, to)
	involuntary = mean_of(variant, "involuntary", order, from, to)
	total = mean_of(variant, "switches", order, from, to)
	if (is_number(voluntary) && is_number(involuntary))
		split_known[variant] = 1
	largest_switches = larger(largest_switches, total)
	largest_switches = larger(largest_switches, is_number(voluntary) && \
		is_number(involuntary) ? voluntary + involuntary : "nan")
	if (is_number(total) || is_number(voluntary))
		measured[variant, "switches"] = 1
	inside = mean_of(variant, "in_flight", order, from, to)
	step_load[variant, ++steps[variant]] = load
	step_inside[variant, steps[variant]] = inside
	return show(mean_of(variant, "cpu_system", order, from, to)) " " show(voluntary) " " \
		show(involuntary) " " show(total) " " show(inside) " " \
		show(mean_of(variant, "client", order, from, to))
}

function axes_grow(variant, load, good, p50, p99, cpu)
{
	largest_load = larger(largest_load, load)
	largest_good = larger(largest_good, good)
	largest_latency = larger(larger(largest_latency, p50["high"]), p99["high"])
	smallest_latency = smaller(smaller(smallest_latency, p50["low"]), p99["low"])
	largest_cpu = larger(largest_cpu, cpu)
	if (is_number(p99["mid"])) {
		measured[variant, "latency"] = 1
		if (p99["mid"] >= INFINITE || p50["mid"] >= INFINITE)
			any_infinite = 1
	}
	if (is_number(cpu))
		measured[variant, "cpu"] = 1
}

END {
	if (failed)
		exit 1
	if (panels == 0)
		fail_missing()
	sort_by(panel, panels, rank)
	print "# offered good low high blocks flagged p50 low high p99 low high " \
		"cpu low high cpu_system voluntary involuntary switches in_flight client variant" > DATA
	for (p = 1; p <= panels; p++)
		curve_write(panel[p])
	for (p = 1; p <= panels; p++) {
		twin_index[p] = -1
		if (twin_of[panel[p]] != "") {
			twin_index[p] = panels + twins++
			curve_write(twin_of[panel[p]])
		}
	}
	for (p = 1; p <= panels; p++)
		panel_describe(p, panel[p])
	panels_write()
	axes_write()
}
