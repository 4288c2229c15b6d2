# SPDX-License-Identifier: BSD-2-Clause
# primitives.awk - from micro.tsv to what primitives.gp draws: DATA, a block a panel with the
# medians over rounds, OTHERS, the same of what was published, and PANELS, the words.  Given:
# EXPERIMENT, DATA, OTHERS, PANELS, SUBJECT; run after lib.awk.

BEGIN {
	panels = split("create switch@2 mutex wake", panel_of, " ")
	split("create and join|switch between two|lock and unlock|wake-up", title_of, "|")
	# A row: its name, what it takes from the table in a panel's place, its colour.
	rows = split("process thread pth st fiber go fiber-jump boost-jump", runtime_of, " ")
	split("process|kernel thread|GNU Pth|State Threads|fiber|goroutine|fiber, bare|Boost, bare", \
		name_of, "|")
	split("process thread user-thread user-thread user-thread user-thread user-thread reference", \
		kind_of, " ")
	# Published operations in the places of panels, and the row and mark of each series.
	place_of["thread_create"] = 1
	place_of["context_switch"] = 2
	place_of["uncontended_mutex"] = 3
	others = split("capriccio capriccio_notrace linuxthreads nptl", series_of, " ")
	split("5 5 2 2", series_row, " ")
}

TABLE == "micro" {
	experiments[field("experiment")] = 1
	if (field("experiment") != EXPERIMENT || field("unit") != "ns")
		next
	point_keep(field("primitive") (field("live") > 0 ? "@" field("live") : ""), \
		field("runtime"), field("value"))
	stolen += field("steal_share") > 0.02
	samples++
}

TABLE == "published" && $1 in place_of {
	for (i = 1; i <= others; i++)
		published[place_of[$1], i] = field(series_of[i]) * 1000
}

function point_keep(primitive, runtime, value,    key)
{
	if (!is_number(value))
		return
	key = primitive SUBSEP runtime
	values[key, ++count[key]] = value
	rounds = larger(rounds, count[key])
}

# The median and range of a key's values, into mid[key], low[key], high[key].
function key_settle(key,    list, i, out)
{
	for (i = 1; i <= count[key]; i++)
		list[i] = values[key, i]
	middle(list, count[key], out)
	mid[key] = (list[int((count[key] + 1) / 2)] + list[int(count[key] / 2) + 1]) / 2
	low[key] = out["low"]
	high[key] = out["high"]
}

# What stands in a panel's row: bare switches only where switches are shown.
function key_of(panel, row,    parts)
{
	split(runtime_of[row], parts, "-")
	if (parts[2] == "jump")
		return panel_of[panel] == "switch@2" ? "jump" SUBSEP parts[1] : ""
	return panel_of[panel] SUBSEP runtime_of[row]
}

function time_text(ns)
{
	if (ns < 999.5)
		return sprintf(ns < 9.95 ? "%.1f ns" : "%.0f ns", ns)
	return sprintf(ns < 9950 ? "%.1f µs" : "%.0f µs", ns / 1000)
}

END {
	if (samples == 0) {
		for (e in experiments)
			there = there " " e
		print SUBJECT ": no sample of experiment \"" EXPERIMENT "\"" \
			(there == "" ? ": the table has no rows" : "; there is:" there) \
			> "/dev/stderr"
		exit 1
	}
	for (key in count)
		key_settle(key)
	print "# row median_ns low high text" > DATA
	print "# row ns series" > OTHERS
	for (p = 1; p <= panels; p++) {
		for (r = 1; r <= rows; r++) {
			key = key_of(p, r)
			if (key in count)
				print r, mid[key], low[key], high[key], \
					"\"" time_text(mid[key]) "\"" > DATA
			else
				print r, "nan", "nan", "nan", \
					(key == "" ? "\"\"" : "\"n/a\"") > DATA
		}
		printf "\n\n" > DATA
		for (i = 1; i <= others; i++)
			print series_row[i], ((p, i) in published ? published[p, i] : "nan"), i > OTHERS
		printf "\n\n" > OTHERS
	}
	call = "call" SUBSEP "call"
	registers = "registers" SUBSEP "call"
	print "PANELS = " panels > PANELS
	print "ROWS = " rows > PANELS
	print texts("TITLE", title_of, panels) > PANELS
	print texts("NAME", name_of, rows) > PANELS
	print texts("KIND", kind_of, rows) > PANELS
	print "CALL = " (call in mid ? mid[call] : "NaN") > PANELS
	print "REGISTERS = " (registers in mid ? mid[registers] : "NaN") > PANELS
	print "ROUNDS_TEXT = " quoted((rounds == 1 ? "one round, so no range" : \
		rounds " rounds: medians; thin lines show the range") \
		(stolen ? "; the hypervisor took more than 2 % of the CPU from " stolen " of " \
		samples " samples" : "")) > PANELS
}
