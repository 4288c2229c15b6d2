# SPDX-License-Identifier: BSD-2-Clause
# micro.awk - rows of micro.tsv against the number of threads: medians over the rounds, a line
# for each runtime, and the labels at the lines' ends.  Given: EXPERIMENT; run after lib.awk, and
# before the figure's own.

BEGIN {
	NOTE_MOST = 46
}

TABLE == "micro" {
	experiments[field("experiment")] = 1
	if (field("experiment") == EXPERIMENT)
		sample_keep(field("primitive"), field("runtime"), field("live"))
}

function sample_keep(p, r, live)
{
	n_samples++
	if (field("steal_share") > 0.02)
		n_stolen++
	rounds = larger(rounds, field("round"))
	if (!(r in runtime_seen)) {
		runtime_seen[r] = 1
		runtimes[++n_runtimes] = r
		place[r] = runtime_rank(r)
	}
	if (!(live in live_seen)) {
		live_seen[live] = 1
		lives[++n_lives] = live
	}
	if (is_number(field("value")))
		value[p, r, live, ++n_values[p, r, live]] = field("value")
	else
		why[p, r, live] = field("note")
}

function runtime_rank(r,    order, n, i)
{
	n = split("process process-relinquish thread thread-relinquish event " \
		"fiber fiber-uring fiber-relinquish pth st", order, " ")
	for (i = 1; i <= n; i++)
		if (order[i] == r)
			return i
	return n + 1
}

function runtime_family(r)
{
	sub(/-relinquish$/, "", r)
	if (r == "process" || r == "thread" || r == "event")
		return r
	return "user-thread"
}

# Into out: the median over the rounds and their range, or nan.
function point(p, r, live, out,    list, i)
{
	for (i = 1; i <= n_values[p, r, live]; i++)
		list[i] = value[p, r, live, i]
	median_over_blocks(list, n_values[p, r, live] + 0, out)
}

# A block of lines per runtime into `file`: x, median, low, high.  Sets last_x[r], last_y[r],
# first_gap[r] (the number of threads at which it has no value any more), low_y, high_y.
function lines_write(p, file,    i, j, r, out)
{
	split("", last_x)
	split("", last_y)
	split("", first_gap)
	low_y = high_y = "nan"
	print "# x median low high runtime" > file
	for (i = 1; i <= n_runtimes; i++) {
		r = runtimes[i]
		for (j = 1; j <= n_lives; j++) {
			point(p, r, lives[j], out)
			print x_of(j), show(out["mid"]), show(out["low"]), show(out["high"]), r > file
			if (is_number(out["mid"])) {
				last_x[r] = lives[j]
				last_y[r] = out["mid"]
				delete first_gap[r]
			} else if ((p, r, lives[j]) in why && !(r in first_gap))
				first_gap[r] = lives[j]
			low_y = smaller(low_y, out["low"])
			high_y = larger(high_y, out["high"])
		}
		printf "\n\n" > file
	}
}

# Where the labels stand on a logarithmic axis from low_y to high_y that has room for so many:
# each at its line's end, or as near below the one above as a line of text allows.
function labels_place(room,    i, r, y, step, order)
{
	step = (log(high_y) - log(low_y)) / room
	for (i = 1; i <= n_runtimes; i++) {
		r = order[i] = runtimes[i]
		key[r] = r in last_y ? -log(last_y[r]) : 1e9
	}
	sort_by(order, n_runtimes, key)
	y = log(high_y) + step
	for (i = 1; i <= n_runtimes; i++) {
		r = order[i]
		y = smaller(y - step, r in last_y ? log(last_y[r]) : log(low_y))
		label_at[r] = y
	}
	y = log(low_y) - step
	for (i = n_runtimes; i >= 1; i--) {
		r = order[i]
		y = larger(y + step, label_at[r])
		label_at[r] = y
	}
}

# The arrays that a panel is drawn from, their names with this before them.
function panel_print(prefix, file,    i, r, at, text, note)
{
	for (i = 1; i <= n_runtimes; i++) {
		r = runtimes[i]
		at[i] = exp(label_at[r])
		text[i] = r "  " end_text(r)
		note[i] = r in first_gap ? count_text(first_gap[r]) ": n/a: " \
			substr(why[primitive, r, first_gap[r]], 1, NOTE_MOST) : ""
	}
	print numbers(prefix "AT", at, n_runtimes) > file
	print texts(prefix "LABEL", text, n_runtimes) > file
	print texts(prefix "NOTE", note, n_runtimes) > file
	print prefix "LOW = " low_y > file
	print prefix "TOP = " high_y > file
}

# 16384 -> 16,384
function count_text(n)
{
	return n < 1000 ? n "" : n < 1000000 ? sprintf("%d,%03d", n / 1000, n % 1000) : \
		sprintf("%d,%03d,%03d", n / 1000000, n / 1000 % 1000, n % 1000)
}

# What all panels share.
function runtimes_print(file,    i, kinds, nths)
{
	for (i = 1; i <= n_runtimes; i++) {
		kinds[i] = paint_of(runtimes[i], runtime_family(runtimes[i]))
		nths[i] = ++members[kinds[i]]
	}
	print "N = " n_runtimes > file
	print texts("KIND", kinds, n_runtimes) > file
	print numbers("NTH", nths, n_runtimes) > file
	print "ROUNDS_TEXT = " quoted((rounds < 2 ? "One round, so no range. " : \
		"Medians of " rounds " rounds; thin lines show the " \
		(rounds < FEWEST_BLOCKS ? "range" : "95 % interval") ". ") \
		n_stolen + 0 " of " n_samples " samples had more than 2 % steal.") > file
}

# Sorted; false where there is nothing.
function runs_sort()
{
	sort_by(runtimes, n_runtimes, place)
	sort_numbers(lives, n_lives)
	return n_samples > 0
}
