/* SPDX-License-Identifier: BSD-2-Clause */
/* full_table.c - experiments of kind full on the terminal: switches at full load, and
 * what idle connections cost the active ones. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "harness/bench/full_pairs.h"
#include "harness/bench/full_summary.h"

enum { CELL = 48 };

/* A number, or n/a: never 0 for what was not measured. */
static const char *cell(char text[CELL], int digits, double value)
{
	if (isnan(value))
		return "n/a";
	snprintf(text, CELL, "%.*f", digits, value);
	return text;
}

/* Three digits of it, be it ever so small. */
static const char *share(char text[CELL], double value)
{
	if (isnan(value))
		return "n/a";
	snprintf(text, CELL, "%.3g", value);
	return text;
}

/* Beside the rate, where a block of the variant's rests on trials that were void. */
static char mark(const struct run *r, const struct experiment *e,
		 const struct entry *entry)
{
	return full_is_flagged(r, e, entry) ? '!' : ' ';
}

static void switches_line(const struct full_line *line, char marked, FILE *to)
{
	const struct spread *v = line->value;
	char a[CELL], b[CELL], c[CELL], d[CELL], e[CELL], f[CELL], g[CELL];
	fprintf(to, "%-16s %9s%c%7s %10s %10s %10s %10s %10s %10s\n", line->entry->name,
		cell(a, 0, v[FULL_GOOD_RPS].mid), marked, line->limit,
		share(b, v[FULL_CTX].mid), share(c, v[FULL_VOLUNTARY].mid),
		share(d, v[FULL_INVOLUNTARY].mid), cell(e, 0, v[FULL_CTX_PER_S].mid),
		cell(f, 2, v[FULL_USER].mid), cell(g, 2, v[FULL_CROSSINGS].mid));
}

/* The first's switches over all of the second's, those at user level too: whether a
 * published count had these in it is not always known. */
static void all_switches_text(const struct run *r, const struct experiment *e,
			      const struct full_pair *pair, FILE *to)
{
	size_t blocks = (size_t)r->suite.blocks;
	double ours[blocks], kernel[blocks], user[blocks];
	full_blocks(r, e, pair->first, FULL_CTX, ours);
	full_blocks(r, e, pair->second, FULL_CTX, kernel);
	full_blocks(r, e, pair->second, FULL_USER, user);
	for (size_t i = 0; i < blocks; i++)
		ours[i] /= kernel[i] + user[i];
	struct spread s = describe_spread(ours, blocks);
	if (s.n > 0)
		fprintf(to, "    with %s's user-level switches too: %.3g times\n",
			pair->second->name, s.mid);
}

/* Where the second's count is not its own, no ratio but a bound. */
static void background_text(const struct run *r, const struct experiment *e,
			    const struct full_pair *pair, double bound, FILE *to)
{
	if (bound < 2)
		fputs("cannot be told", to);
	else
		fprintf(to, "more than %.0f times the kernel's switches per request",
			bound > 100 ? 100 : floor(bound));
	fprintf(to,
		"; those of %s are background, no more than the %.0f a second that "
		"other work gives a busy loop\n",
		pair->second->name, full_background_per_s(r, e));
}

static void switches_pair(const struct run *r, const struct experiment *e,
			  const struct full_pair *pair, FILE *to)
{
	double bound = full_ctx_bound(r, e, pair);
	struct spread s = full_compare(r, e, pair, RATIO_CTX).spread;
	struct spread per_s = full_compare(r, e, pair, RATIO_CTX_PER_S).spread;
	fprintf(to, "%s / %s: ", pair->first->name, pair->second->name);
	if (s.n == 0)
		fputs("switches n/a\n", to);
	else if (!isnan(bound))
		background_text(r, e, pair, bound, to);
	else
		fprintf(to,
			"%.3g times the kernel's switches per request, range %.3g .. "
			"%.3g over %zu block%s; per second %.3g\n",
			s.mid, s.low, s.high, s.n, s.n == 1 ? "" : "s", per_s.mid);
	all_switches_text(r, e, pair, to);
}

static void switches_pairs(const struct run *r, const struct experiment *e, FILE *to)
{
	struct full_pair pair[FULL_PAIRS];
	size_t n = full_pairs(r, e, pair);
	for (size_t i = 0; i < n; i++) {
		if (!pair[i].aa)
			switches_pair(r, e, &pair[i], to);
	}
}

static void switches_table(const struct run *r, const struct experiment *e, FILE *to)
{
	fprintf(to, "%-16s %9s %7s %10s %10s %10s %10s %10s %10s\n", "variant",
		"good/s", "limit", "switch/rq", "voluntary", "involunt.", "switch/s",
		"user/rq", "queues/rq");
	for (size_t i = 0; i < r->entries; i++) {
		struct full_line line;
		if (full_line(r, e, &r->entry[i], (int)e->idles.value[0], &line))
			switches_line(&line, mark(r, e, &r->entry[i]), to);
	}
	switches_pairs(r, e, to);
}

/* "0.98 (0.97-0.99)", or how many were held. */
static const char *kept_text(char text[CELL], const struct full_line *line)
{
	const struct spread *kept = &line->value[FULL_KEPT];
	if (kept->n == 0 && line->held < line->idle)
		snprintf(text, CELL, "held %.0f", line->held);
	else if (kept->n == 0)
		return "n/a";
	else if (kept->n == 1)
		snprintf(text, CELL, "%.3f", kept->mid);
	else
		snprintf(text, CELL, "%.3f (%.2f-%.2f)", kept->mid, kept->low,
			 kept->high);
	return text;
}

static bool entry_tried(const struct run *r, const struct experiment *e,
			const struct entry *entry)
{
	struct full_line line;
	bool tried = false;
	for (size_t i = 0; i < e->idles.n; i++)
		tried = tried || full_line(r, e, entry, (int)e->idles.value[i], &line);
	return tried;
}

/* What a request costs the server, alone and beside the most idle connections: where it
 * is at its end, as much more as it answers less. */
static void idle_cost(const struct full_line *alone, const struct full_line *most,
		      FILE *to)
{
	char a[CELL], b[CELL];
	fprintf(to, " %7s > %7s", cell(a, 1, alone->value[FULL_CPU_US].mid),
		cell(b, 1, most->value[FULL_CPU_US].mid));
}

static void idle_line(const struct run *r, const struct experiment *e,
		      const struct entry *entry, FILE *to)
{
	struct full_line alone, line;
	char text[CELL];
	full_line(r, e, entry, (int)e->idles.value[0], &alone);
	fprintf(to, "%-16s %9s%c%7s", entry->name,
		cell(text, 0, alone.value[FULL_GOOD_RPS].mid), mark(r, e, entry),
		alone.limit);
	for (size_t i = 1; i < e->idles.n; i++) {
		bool tried = full_line(r, e, entry, (int)e->idles.value[i], &line);
		fprintf(to, " %19s", tried ? kept_text(text, &line) : "n/a");
	}
	idle_cost(&alone, &line, to);
	fprintf(to, " %9s\n", cell(text, 2, line.value[FULL_GROWN].mid));
}

/* Who stays above the goal in every block, in none, or in some. */
enum goal { GOAL_MET, GOAL_MISSED, GOAL_OPEN, GOALS };

static const char *const goal_words[GOALS] = {
	[GOAL_MET] = "at least",
	[GOAL_MISSED] = "below",
	[GOAL_OPEN] = "cannot be told, blocks on both sides of",
};

static bool goal_is(const struct spread *kept, double least, enum goal goal)
{
	enum goal found = kept->low >= least   ? GOAL_MET
			  : kept->high < least ? GOAL_MISSED
					       : GOAL_OPEN;
	return kept->n > 0 && found == goal;
}

/* Beside the most idle connections; what is open is told only where something is. */
static void idle_goal(const struct run *r, const struct experiment *e, enum goal goal,
		      FILE *to)
{
	double most = e->idles.value[e->idles.n - 1];
	size_t told = 0;
	for (size_t i = 0; i < r->entries; i++) {
		struct full_line line;
		full_line(r, e, &r->entry[i], (int)most, &line);
		if (!goal_is(&line.value[FULL_KEPT], e->keep_least, goal))
			continue;
		if (told++ == 0)
			fprintf(to, "beside %.0f idle, %s %.0f %% of the rate:", most,
				goal_words[goal], 100 * e->keep_least);
		fprintf(to, " %s", r->entry[i].name);
	}
	fputs(told > 0 ? "\n" : "", to);
}

static void idle_table(const struct run *r, const struct experiment *e, FILE *to)
{
	fprintf(to, "%-16s %9s %7s", "variant", "good/s", "limit");
	for (size_t i = 1; i < e->idles.n; i++)
		fprintf(to, " %14.0f idle", e->idles.value[i]);
	fprintf(to, " %17s %9s\n", "CPU us/rq", "KiB/idle");
	for (size_t i = 0; i < r->entries; i++) {
		if (entry_tried(r, e, &r->entry[i]))
			idle_line(r, e, &r->entry[i], to);
	}
	if (e->keep_least > 0 && e->idles.n > 1) {
		for (enum goal goal = 0; goal < GOALS; goal++)
			idle_goal(r, e, goal, to);
	}
}

static bool any_flagged(const struct run *r)
{
	bool any = false;
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		for (size_t j = 0; e->kind == KIND_FULL && j < r->entries; j++)
			any = any || full_is_flagged(r, e, &r->entry[j]);
	}
	return any;
}

static void experiment_table(const struct run *r, const struct experiment *e, FILE *to)
{
	char text[CELL];
	fprintf(to,
		"\n%s: %s\n%d connections, closed loop%s, %s; the client's ceiling is "
		"%s/s\n",
		e->name, e->summary, e->connections,
		e->spin ? " by a client that spins" : "", e->request,
		cell(text, 0, full_ceiling_rps(r, e)));
	if (e->idles.n > 1)
		idle_table(r, e, to);
	else
		switches_table(r, e, to);
	if (*e->published)
		fprintf(to, "published: %s\n", e->published);
}

void full_table(const struct run *r, FILE *to)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (e->kind == KIND_FULL && e->ratio_goal.n == 0)
			experiment_table(r, e, to);
	}
	full_pairs_table(r, to);
	if (any_flagged(r))
		fputs("!: in one of its blocks at least all trials were void, and one "
		      "of "
		      "these stands in\n",
		      to);
}
