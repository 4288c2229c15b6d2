# SPDX-License-Identifier: BSD-2-Clause
# sweep.awk - from sweep.tsv to what locks.gp and multicore.gp draw: DATA.rate and DATA.waits, a
# block of lines per variant (place of the point, value, low, high), and PANELS, the words.
# Given: EXPERIMENT, DATA, PANELS, SUBJECT, of locks SERVER_CPUS (if known); run after lib.awk.

BEGIN {
	LOCK_CPUS_LEAST = 3	# below that a lock is free whenever somebody comes for it
}

# Where nobody can wait for a lock how often it was waited for is n/a, and not drawn.
function waits_shown()
{
	return !is_number(SERVER_CPUS) || SERVER_CPUS + 0 >= LOCK_CPUS_LEAST
}

TABLE == "sweep" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	if (!(field("point") in point_seen)) {
		point_seen[field("point")] = 1
		points[++n_points] = field("point")
	}
	cell_keep(field("variant"), field("point"))
}

function cell_keep(v, point)
{
	if (!(v in family_of)) {
		family_of[v] = field("family")
		policy_of[v] = field("accounts")
		variants[++n] = v
	}
	rate_mid[v, point] = field("good_rps")
	rate_low[v, point] = field("good_low")
	rate_high[v, point] = field("good_high")
	wait_mid[v, point] = field("lock_waits")
	wait_low[v, point] = field("lock_waits_low")
	wait_high[v, point] = field("lock_waits_high")
	cost[v, point] = field("cpu_us")
	idle = larger(idle, field("server_idle"))
	cells++
	flagged += field("flagged") == 1
	blocks = larger(blocks, field("blocks"))
}

# How accounts are guarded, as the picture calls it: a module that owns them shares nothing.
function policy(v)
{
	if (family_of[v] == "module" && policy_of[v] == "free")
		return "owner"
	return policy_of[v]
}

function label_of(v)
{
	return v == base_name(v) ? v : base_name(v) " again (A/A)"
}

# From the highest line down, no nearer to the one above than a step; what was pushed below the
# axis moves up.
function labels_place(    i, y, step)
{
	for (i = 1; i <= n; i++)
		key[variants[i]] = -last(variants[i])
	sort_by(variants, n, key)
	step = top / 24
	y = top + step
	for (i = 1; i <= n; i++)
		at[i] = y = smaller(y - step, last(variants[i]))
	y = -step
	for (i = n; i >= 1 && at[i] < y + step; i--)
		at[i] = y = y + step
}

# At the last point that was measured.
function last(v,    j)
{
	for (j = n_points; j >= 1; j--)
		if (is_number(rate_mid[v, points[j]]))
			return rate_mid[v, points[j]] + 0
	return 0
}

function lines_write(    i, j, v, p)
{
	for (i = 1; i <= n; i++) {
		v = variants[i]
		for (j = 1; j <= n_points; j++) {
			p = points[j]
			print j, show(rate_mid[v, p]), show(rate_low[v, p]), show(rate_high[v, p]), v > (DATA ".rate")
			if (!waits_shown())
				wait_mid[v, p] = wait_low[v, p] = wait_high[v, p] = "nan"
			print j, show(wait_mid[v, p]), show(wait_low[v, p]), show(wait_high[v, p]), v > (DATA ".waits")
			top = larger(top, rate_high[v, p])
			waits = larger(waits, wait_high[v, p])
		}
		printf "\n\n" > (DATA ".rate")
		printf "\n\n" > (DATA ".waits")
	}
}

END {
	if (failed)
		exit 1
	if (n == 0)
		fail_missing()
	sort_numbers(points, n_points)
	for (i = 1; i <= n; i++)
		for (j = 1; j <= n_points; j++)
			top = larger(top, rate_high[variants[i], points[j]])
	if (!is_number(top))
		fail("no trial of experiment \"" EXPERIMENT "\" has a rate")
	labels_place()
	lines_write()
	for (i = 1; i <= n; i++) {
		v = variants[i]
		labels[i] = label_of(v)
		rates[i] = rate(last(v)) "/s"
		costs[i] = is_number(cost[v, points[1]]) ? sprintf("%.3g us", cost[v, points[1]]) : "n/a"
		policies[i] = policy(v)
		kinds[i] = paint_of(v, family_of[v])
		nths[i] = ++members[EXPERIMENT ~ /^locks/ ? policies[i] : kinds[i]]
		twins[i] = v != base_name(v)
	}
	print "N = " n > PANELS
	print "PLACES = " n_points > PANELS
	print texts("POINT", points, n_points) > PANELS
	print texts("LABEL", labels, n) > PANELS
	print texts("RATE", rates, n) > PANELS
	print texts("COST", costs, n) > PANELS
	print texts("POLICY", policies, n) > PANELS
	print texts("KIND", kinds, n) > PANELS
	print numbers("NTH", nths, n) > PANELS
	print numbers("TWIN", twins, n) > PANELS
	print numbers("AT", at, n) > PANELS
	print "TOP = " top > PANELS
	print "WAITS_TEXT = " quoted("lock waits a request" (waits_shown() ? " (below " LOCK_CPUS_LEAST \
		" server CPUs n/a: nobody waits)" : "")) > PANELS
	print "NO_WAITS_TEXT = " quoted(waits_shown() ? "" : "n/a: below " LOCK_CPUS_LEAST \
		" server CPUs nobody waits for a lock") > PANELS
	print "WAITS = " (waits > 0 ? waits : 1) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks == 1 ? "One block, so no range." : blocks + 0 \
		" blocks: medians; thin lines show the range." ) > PANELS
	print "FLAGGED_TEXT = " quoted(flagged ? flagged " of " cells " points rest on disturbed trials. " : "") > PANELS
	print "IDLE_TEXT = " quoted(idle > 0.05 ? "Some servers idled for more than a twentieth of the time: " \
		"the client was their limit, or others had its CPU." : "No server idled for more than a twentieth of the time.") > PANELS
}
