/* SPDX-License-Identifier: BSD-2-Clause */
/* block.c - rounds in random order, retries of void trials, and the budget. */
#include "config.h"

#include "harness/bench/block.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/clock.h"
#include "harness/stats/random.h"

enum { FAILURES = 2 }; /* of the server in a row, before its variant is left out */

void block_begin(struct run *r, const struct experiment *e, double due_s)
{
	r->due_s = due_s;
	r->left_s = fmin(e->budget_s, r->suite.budget_s - r->spent_s);
	r->reserve_s = 0;
}

static void budget_spend(struct run *r, double seconds)
{
	r->spent_s += seconds;
	r->left_s -= seconds;
}

/* What a replayed trial had cost: until the next one began, unless the run was
 * interrupted between them. */
static void budget_replay(struct run *r, const struct trial *t)
{
	const struct journal *j = &r->journal;
	double nominal_s = trial_cost_s(r, t);
	double spent_s = nominal_s;
	if (j->replayed < j->n) {
		const struct row *this = &j->rows[j->replayed - 1];
		spent_s = this[1].number[COLUMN_STARTED] - this->number[COLUMN_STARTED];
	}
	budget_spend(r, fmin(spent_s, 3 * nominal_s));
}

static bool budget_allows(const struct run *r, const struct trial *t)
{
	return r->left_s - r->reserve_s >= trial_cost_s(r, t);
}

/* A repetition must not cost another load its only trial. */
static bool budget_allows_again(const struct run *r, const struct trial *t)
{
	return r->left_s - r->reserve_s - fmax(r->due_s, 0) >= trial_cost_s(r, t);
}

static bool row_says(const struct row *row, const char *why)
{
	return strcmp(row->text[COLUMN_VOID], why) == 0;
}

static int attempts_most(const struct run *r, const struct row *row)
{
	return row_says(row, "server") ? FAILURES : r->suite.retries + 1;
}

/* Do one attempt and write it down.  *again: it was void, and there is time; NULL if
 * it is the last attempt in any case. */
static int trial_live(struct run *r, const struct trial *t, int attempt,
		      struct row *row, bool *again)
{
	double begun_s = clock_now_s(), nominal_s = trial_cost_s(r, t);
	int status = trial_run(r, t, attempt, row);
	double spent_s = clock_now_s() - begun_s;
	budget_spend(r, spent_s);
	if (status < 0)
		return status;
	/* A running mean, held off what a hung server would make of it. */
	double overhead_s = fmin(spent_s - nominal_s + r->overhead_s, 3);
	r->overhead_s += (fmax(overhead_s, 0.05) - r->overhead_s) / 8;
	bool more = again && row_is_void(row) && attempt < attempts_most(r, row) &&
		    budget_allows_again(r, t);
	if (again)
		*again = more;
	/* Decided before the row is written, so that a resumed run finds it there.
	 * Without a reply there is nothing to keep. */
	bool answered = row->number[COLUMN_RECEIVED_RPS] > 0;
	row_set(row, COLUMN_FLAGGED, row_is_spoilt(row) && !more && answered);
	if (row_counts(row))
		row_set(row, COLUMN_PASS, trial_passes(t->experiment, row));
	return journal_append(&r->journal, row);
}

/* Twice without a server: go on without this variant. */
static void entry_judge(struct run *r, const char *name, const struct row *row)
{
	struct entry *entry = run_entry(r, name);
	if (!entry || entry->dropped)
		return;
	if (!row_says(row, "server")) {
		entry->failures = 0;
	} else if (++entry->failures >= FAILURES) {
		entry->dropped = true;
		run_note(r, "%s left out after trial %.0f: %s", name,
			 row->number[COLUMN_TRIAL], row->text[COLUMN_NOTE]);
	}
}

int block_trial(struct run *r, const struct trial *t, struct row *out)
{
	bool again = !t->entry->dropped;
	if (run_unfit(t->entry, t->experiment))
		return BLOCK_SKIPPED;
	r->due_s -= trial_cost_s(r, t);
	if (!again)
		return BLOCK_SKIPPED;
	for (int attempt = 1; again; attempt++) {
		struct row key;
		trial_key(t, attempt, &key);
		enum replay replay = journal_replay(&r->journal, &key, out);
		if (replay == REPLAY_SKIP && attempt > 1)
			return BLOCK_DONE;
		if (replay == REPLAY_ROW) {
			budget_replay(r, t);
			again = !row_counts(out) && attempt < attempts_most(r, out);
		} else {
			if (attempt == 1 &&
			    (replay == REPLAY_SKIP || !budget_allows(r, t))) {
				r->unaffordable++;
				return BLOCK_SKIPPED;
			}
			int status = trial_live(r, t, attempt, out, &again);
			if (status < 0)
				return status;
		}
		entry_judge(r, t->entry->name, out);
		again = again && !t->entry->dropped;
	}
	return BLOCK_DONE;
}

int block_trial_again(struct run *r, const struct trial *t, struct row *out)
{
	struct row key;
	trial_key(t, 1, &key);
	const struct row *last = journal_last(&r->journal, &key);
	if (t->entry->dropped || !last || !row_is_spoilt(last))
		return BLOCK_SKIPPED;
	int attempt = (int)last->number[COLUMN_ATTEMPT] + 1;
	trial_key(t, attempt, &key);
	enum replay replay = journal_replay(&r->journal, &key, out);
	if (replay == REPLAY_ROW)
		budget_replay(r, t);
	else if (replay == REPLAY_SKIP || !budget_allows(r, t))
		return BLOCK_SKIPPED;
	else
		return trial_live(r, t, attempt, out, NULL);
	return BLOCK_DONE;
}

int block_round(struct run *r, const struct round *round)
{
	char purpose[ROW_TEXT];
	size_t order[r->entries];
	snprintf(purpose, sizeof purpose, "%s %d %s order",
		 round->trial.experiment->name, round->trial.block, round->name);
	struct random random = {random_seed(r->seed, purpose)};
	random_permutation(&random, order, r->entries);
	for (size_t i = 0; i < r->entries; i++) {
		struct entry *entry = &r->entry[order[i]];
		struct trial trial = round->trial;
		struct row row;
		if (entry->twin && !round->twins)
			continue;
		trial.entry = entry;
		trial.seed_of = round->name;
		trial.rate_rps = round->rate_rps(r, entry, round);
		if (trial.rate_rps < 0)
			continue;
		int status = block_trial(r, &trial, &row);
		if (status < 0)
			return status;
		if (status == BLOCK_DONE && row_counts(&row) && round->done)
			round->done(entry, &row);
	}
	return 0;
}
