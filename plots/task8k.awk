# SPDX-License-Identifier: BSD-2-Clause
# task8k.awk - from micro.tsv to what task8k.gp draws: DATA, a block of lines per runtime, and
# PANELS, the words.  Run after lib.awk and micro.awk.

function x_of(j)
{
	return lives[j]
}

function end_text(r)
{
	if (!(r in last_y))
		return "n/a"
	return rate(last_y[r]) "/s" (last_x[r] == lives[n_lives] ? "" : \
		" at " count_text(last_x[r]))
}

END {
	if (!runs_sort())
		fail_missing()
	primitive = "task8k"
	lines_write(primitive, DATA)
	if (!is_number(high_y)) {
		fail("no sample of experiment \"" EXPERIMENT "\" has a value")
	} else {
		labels_place(10)
		runtimes_print(PANELS)
		panel_print("", PANELS)
	}
}
