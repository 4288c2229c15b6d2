/* SPDX-License-Identifier: BSD-2-Clause */
/* bracket.c - which loads are bounds of the capacity, and which load to try next. */
#include "config.h"

#include "harness/stats/bracket.h"

#include <limits.h>
#include <string.h>

enum verdict { VERDICT_OPEN, VERDICT_LOWER, VERDICT_UPPER };

size_t bracket_add(struct bracket_load *t, size_t n, size_t room, int step, bool passed)
{
	size_t i = 0;
	while (i < n && t[i].step < step)
		i++;
	if (i == n || t[i].step != step) {
		if (n == room)
			return n;
		memmove(t + i + 1, t + i, (n - i) * sizeof *t);
		t[i] = (struct bracket_load){.step = step};
		n++;
	}
	if (passed)
		t[i].passed++;
	else
		t[i].failed++;
	return n;
}

/* Settled when the trials still missing could not turn the majority. */
static enum verdict load_verdict(const struct bracket_load *t, int trials)
{
	int total = t->passed + t->failed;
	if (total < trials)
		total = trials;
	if (t->failed * 2 > total)
		return VERDICT_UPPER;
	return t->passed * 2 >= total ? VERDICT_LOWER : VERDICT_OPEN;
}

static int load_trials(const struct bracket_load *t)
{
	return t->passed + t->failed;
}

struct bracket bracket_find(const struct bracket_load *t, size_t n, int trials)
{
	struct bracket b = {0};
	for (size_t i = 0; i < n && !b.has_upper; i++) {
		enum verdict verdict = load_verdict(&t[i], trials);
		if (verdict == VERDICT_UPPER) {
			b.has_upper = true;
			b.upper = t[i].step;
			b.upper_trials = load_trials(&t[i]);
		} else if (verdict == VERDICT_LOWER) {
			b.has_lower = true;
			b.lower = t[i].step;
			b.lower_trials = load_trials(&t[i]);
		}
	}
	return b;
}

/* The bounds the search believes in: settled ones, tightened by loads that so far lean
 * one way.  NULL where there is none. */
struct belief {
	const struct bracket_load *lower, *upper;
};

static struct belief bracket_believe(const struct bracket_load *t, size_t n, int trials)
{
	struct bracket settled = bracket_find(t, n, trials);
	int floor = settled.has_lower ? settled.lower : INT_MIN;
	int ceiling = settled.has_upper ? settled.upper : INT_MAX;
	struct belief belief = {0};
	for (size_t i = 0; i < n && !belief.upper; i++) {
		if (t[i].step < floor || t[i].step > ceiling)
			continue;
		if (t[i].step == ceiling ||
		    (t[i].step > floor && t[i].failed > t[i].passed))
			belief.upper = &t[i];
		else if (t[i].step == floor || t[i].passed > t[i].failed)
			belief.lower = &t[i];
	}
	return belief;
}

/* A load strictly inside whose trials are tied, or NULL. */
static const struct bracket_load *bracket_tied(const struct bracket_load *t, size_t n,
					       struct belief b)
{
	for (size_t i = 0; i < n; i++) {
		bool above = !b.lower || t[i].step > b.lower->step;
		bool below = !b.upper || t[i].step < b.upper->step;
		if (above && below && t[i].passed == t[i].failed)
			return &t[i];
	}
	return NULL;
}

int bracket_next(const struct bracket_load *t, size_t n,
		 const struct bracket_rules *rules)
{
	struct belief b = bracket_believe(t, n, rules->trials);
	const struct bracket_load *tied = bracket_tied(t, n, b);
	if (tied)
		return tied->step;
	if (!b.upper)
		return t[n - 1].step + rules->jump;
	if (!b.lower)
		return b.upper->step - rules->jump;
	if (b.upper->step - b.lower->step > rules->width)
		return b.lower->step + (b.upper->step - b.lower->step) / 2;
	bool upper_open = load_verdict(b.upper, rules->trials) == VERDICT_OPEN;
	bool lower_open = load_verdict(b.lower, rules->trials) == VERDICT_OPEN;
	if (upper_open != lower_open)
		return upper_open ? b.upper->step : b.lower->step;
	return load_trials(b.upper) < load_trials(b.lower) ? b.upper->step
							   : b.lower->step;
}
