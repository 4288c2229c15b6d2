# SPDX-License-Identifier: BSD-2-Clause
# busywait.awk - from micro.tsv to what busywait.gp draws: DATA.rate and DATA.cpu, a block of
# lines per runtime, and PANELS, the words.  Run after lib.awk and micro.awk.

# Zero has no place on a logarithmic axis: the numbers stand side by side.
function x_of(j)
{
	return j
}

function end_text(r)
{
	if (!(r in last_y))
		return "n/a"
	return (primitive == "busywait" ? rate(last_y[r]) "/s" : sprintf(last_y[r] < 100 ? "%.3g us" : "%.0f us", last_y[r])) \
		(last_x[r] == lives[n_lives] ? "" : " at " count_text(last_x[r]))
}

function panel(p, prefix, file)
{
	primitive = p
	lines_write(p, file)
	if (!is_number(high_y))
		return 0
	labels_place(11)
	panel_print(prefix, PANELS)
	return 1
}

END {
	if (!runs_sort())
		fail_missing()
	runtimes_print(PANELS)
	if (!panel("busywait", "RATE_", DATA ".rate") || !panel("busywait-cpu", "CPU_", DATA ".cpu"))
		fail("no sample of experiment \"" EXPERIMENT "\" has a value")
	print "PLACES = " n_lives > PANELS
	for (i = 1; i <= n_lives; i++)
		counts[i] = count_text(lives[i])
	print texts("COUNT", counts, n_lives) > PANELS
}
