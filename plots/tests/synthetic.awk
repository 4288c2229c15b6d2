# SPDX-License-Identifier: BSD-2-Clause
# synthetic.awk - writes a run's trials.tsv whose curves are known: a healthy server, one that
# collapses, one whose trials are all void, and an A/A twin.  Given: BLOCKS and, for the
# variants and what they can carry, LIST ("name family capacity shape; ..."); NOMINAL=1 adds
# the columns after hist and a second load of the cached file.

BEGIN {
	OFS = "\t"
	srand(1)
	names = "trial experiment phase block variant family attempt void flagged offered_rps " \
		"sent_rps received_rps good_rps planned good lost bad errors no_connection resets " \
		"lat_mean lat_p50 lat_p90 lat_p99 lat_p999 lat_max svc_p50 svc_p99 lag_p50 lag_p99 " \
		"in_flight_mean in_flight_slope in_flight_slope_se live_mean live_max little_error " \
		"ks window_s client_cpu_share client_gap requests cpu_user_us cpu_system_us cpu_us " \
		"ctx ctx_voluntary ctx_involuntary ctx_user faults_minor faults_major rss_peak_kib " \
		"softirq_share idle_share steal_share client_steal_share listen_overflows " \
		"listen_drops loads deferred closed_no_fd refused connections_peak pass started hist" \
		(NOMINAL ? " load_rps note" : "")
	columns = split(names, name, " ")
	row_write(name)
	variants = split(LIST, entry, / *; */)
	for (block = 1; block <= BLOCKS; block++)
		for (v = 1; v <= variants; v++) {
			split(entry[v], part, " ")
			variant_write(block, part[1], part[2], part[3], part[4])
		}
	trial_write("knee", "certificate", 1, "reflector", "reference", 60000, "ok", 30000)
}

function row_write(of,    i)
{
	for (i = 1; i <= columns; i++)
		printf "%s%s", of[i], i < columns ? OFS : "\n"
}

function variant_write(block, variant, family, capacity, shape,    i, load)
{
	trial_write("cached", "equal", block, variant, family, capacity, shape, 4000)
	if (NOMINAL && block == 1)
		trial_write("cached", "equal", block, variant, family, capacity, shape, 2000)
	load = 0.2
	for (i = 1; i <= 9; i++) {
		trial_write("knee", "ladder", block, variant, family, capacity, shape, load * capacity)
		load *= (1.5 / 0.2) ^ (1 / 8)
	}
	trial_write("knee", "overload", block, variant, family, capacity, shape, 2 * capacity)
}

function noise(part)
{
	return 1 + part * (rand() - 0.5)
}

# What a queue would do: latency grows towards the capacity; past it replies are late or lost.
function trial_write(experiment, phase, block, variant, family, capacity, shape, load,
		     use, good, i, of)
{
	for (i = 1; i <= columns; i++)
		of[i] = "nan"
	use = load / (capacity * noise(0.04))
	good = use < 1 ? load : load / use
	if (shape == "collapse" && use > 1)
		good = load / use ^ 4
	put(of, "trial", ++serial)
	put(of, "experiment", experiment)
	put(of, "phase", phase)
	put(of, "block", block)
	put(of, "variant", variant)
	put(of, "family", family)
	put(of, "attempt", 1)
	put(of, "void", shape == "void" ? "steal" : 0)
	put(of, "flagged", 0)
	if (shape == "flagged" && use > 1.2) {
		put(of, "void", "steal")
		put(of, "flagged", 1)
	}
	put(of, "load_rps", load)
	put(of, "offered_rps", load * noise(0.01))
	put(of, "received_rps", good)
	put(of, "good_rps", good)
	put(of, "lost", use > 1 ? int(2 * (load - good)) : 0)
	put(of, "window_s", 2)
	put(of, "requests", 2 * good)
	latency_put(of, use)
	if (shape != "blind")
		usage_put(of, family, use, capacity)
	row_write(of)
}

function put(of, column, value,    i)
{
	for (i = 1; i <= columns; i++)
		if (name[i] == column)
			of[i] = value
}

function latency_put(of, use,    wait)
{
	wait = use < 0.99 ? 1 / (1 - use) : 100 * use
	put(of, "lat_p50", 90 * sqrt(wait) * noise(0.2))
	if (use < 1.3)
		put(of, "lat_p99", 260 * wait * noise(0.4))
	put(of, "in_flight_mean", 0.4 * use * wait)
	put(of, "client_cpu_share", 0.3 * use)
}

function usage_put(of, family, use, capacity,    cpu, threads)
{
	cpu = 9e5 / capacity * (use > 1 ? use : 1)
	threads = family ~ /thread|process/
	put(of, "cpu_us", cpu * noise(0.05))
	put(of, "cpu_system_us", 0.4 * cpu)
	put(of, "cpu_user_us", 0.6 * cpu)
	put(of, "ctx_voluntary", (threads ? 1.4 : 1) / (1 + use) * noise(0.1))
	put(of, "ctx_involuntary", (threads ? 0.8 : 0.1) * use * noise(0.1))
	put(of, "ctx", 1.4)
}
