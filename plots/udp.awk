# SPDX-License-Identifier: BSD-2-Clause
# udp.awk - from udp.tsv, and what was published, to what udp.gp draws: DATA, a block of lines per
# variant and way (offered, achieved with its range, the server's CPUs, the program's, round trip),
# DATA.board, the same of the board, and PANELS, the words, with the verdict of udp-pairs.tsv.
# and whether the client's CPU was full at that rate (trials.tsv).
# Given: EXPERIMENT, DATA, PANELS, SUBJECT; run after lib.awk.

BEGIN {
	CLIENT_FULL = 0.9 # of its CPU: above it the client may be the limit, as in full.tsv
}

TABLE == "trials" && field("experiment") == EXPERIMENT && field("void") == "0" && is_number(field("client_idle_share")) {
	cell = field("variant") SUBSEP field("phase") SUBSEP (field("point") + 0)
	client_trials[cell]++
	client_busy[cell] += 1 - field("client_idle_share")
}

# On average over its trials.
function client_is_full(variant, way, mbps,    cell)
{
	cell = variant SUBSEP way SUBSEP (mbps + 0)
	return client_trials[cell] && client_busy[cell] > CLIENT_FULL * client_trials[cell]
}

TABLE == "udp" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT)
		next
	line = field("variant") "\t" field("way")
	if (!(line in seen_line)) {
		seen_line[line] = 1
		variant_of[line] = field("variant")
		way_of[line] = field("way")
		family_of[line] = field("family")
		lines[++n] = line
	}
	cells++
	flagged += field("flagged") == 1
	blocks = larger(blocks, field("blocks"))
	top = larger(top, field("offered_mbps"))
	top = larger(top, field("achieved_mbps_high"))
	cpu = larger(cpu, field("server_cpu"))
	if (is_number(field("server_cpu")) && field("billed") != "server")
		sender[line] = 1
	rows[line] = rows[line] show(field("offered_mbps")) " " show(field("achieved_mbps")) " " \
		show(field("achieved_mbps_low")) " " show(field("achieved_mbps_high")) " " \
		show(field("server_cpu")) " " show(field("program_cpu")) " " \
		show(field("rtt_p50")) " " show(field("rtt_p99")) " " field("variant") "/" field("way") "\n"
	last[line] = field("achieved_mbps")
}

TABLE == "pairs" && field("experiment") == EXPERIMENT && is_number(field("floor")) {
	if (judged == "")
		judged = "Datagrams a second of the server's CPU, " field("first") " " field("first_way") \
			" over " field("second") "."
	judged = judged " At " show(field("offered_mbps")) " Mb/s "
	if (client_is_full(field("first"), field("first_way"), field("offered_mbps")) || \
	    client_is_full(field("second"), field("second_way"), field("offered_mbps")))
		judged = judged "(client's CPU full) "
	if (is_number(field("interval_low")))
		judged = judged show(field("ratio"), "%.2f") " (95 %: " show(field("interval_low"), "%.2f") \
			" to " show(field("interval_high"), "%.2f") ")"
	else
		judged = judged "n/a"
	judged = judged ": floor " show(field("floor")) " " field("floor_verdict") ", goal " \
		show(field("goal")) " " field("goal_verdict") "."
}

# The board's: series, offered, achieved, cpu, cycles, rtt.
TABLE == "board" {
	if (!(field("series") in board_rows))
		series[++n_series] = field("series")
	board_rows[field("series")] = board_rows[field("series")] show(field("offered_mbps")) " " \
		show(field("achieved_mbps")) " " show(field("cpu")) " " show(field("rtt_mean_us")) \
		" " field("series") "\n"
}

function label_of(line,    v)
{
	v = variant_of[line]
	v = v == base_name(v) ? v : base_name(v) " (A/A)"
	return v (way_of[line] == "socket" ? "" : " " way_of[line]) (line in sender ? " *" : "")
}

END {
	if (failed)
		exit 1
	if (n == 0)
		fail_missing()
	for (i = 1; i <= n; i++) {
		printf "%s\n\n", rows[lines[i]] > DATA
		labels[i] = label_of(lines[i])
		lasts[i] = is_number(last[lines[i]]) ? sprintf("%.0f", last[lines[i]]) : "n/a"
		kinds[i] = paint_of(variant_of[lines[i]], family_of[lines[i]])
		nths[i] = ++members[kinds[i]]
		twins[i] = variant_of[lines[i]] != base_name(variant_of[lines[i]])
	}
	for (i = 1; i <= n_series; i++)
		printf "%s\n\n", board_rows[series[i]] > (DATA ".board")
	print "N = " n > PANELS
	print "SERIES = " n_series > PANELS
	print texts("LABEL", labels, n) > PANELS
	print texts("LAST", lasts, n) > PANELS
	print texts("KIND", kinds, n) > PANELS
	print numbers("NTH", nths, n) > PANELS
	print numbers("TWIN", twins, n) > PANELS
	print texts("BOARD", series, n_series) > PANELS
	print "TOP = " top > PANELS
	print "CPU = " (is_number(cpu) ? cpu : 1) > PANELS
	print "JUDGED_TEXT = " quoted(judged) > PANELS
	print "BLOCKS_TEXT = " quoted(blocks == 1 ? "One block, so no range." : blocks + 0 \
		" blocks: medians; of what came back thin lines show the range.") > PANELS
	print "FLAGGED_TEXT = " quoted(flagged ? flagged " of " cells \
		" points rest on disturbed trials." : "") > PANELS
}
