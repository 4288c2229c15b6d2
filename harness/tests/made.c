/* SPDX-License-Identifier: BSD-2-Clause */
/* made.c - runs that never were. */
#include "config.h"

#include "harness/tests/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/bench/table.h"

struct row made_rows[MADE_ROWS];

void made_begin(struct run *r, int kind, int blocks, struct entry *entries, size_t n)
{
	memset(r, 0, sizeof *r);
	r->suite.blocks = blocks;
	r->suite.experiments = 1;
	r->suite.experiment[0] = (struct experiment){.name = "one",
						     .kind = kind,
						     .request = "/",
						     .grid = 1.03,
						     .limit_us = 5000,
						     .load_trials = 3,
						     .bracket_from = 2,
						     .idles = {1, {0}}};
	r->entry = entries;
	r->entries = n;
	r->journal.rows = made_rows;
}

struct row *made_trial(struct run *r, const char *variant, const char *phase, int block)
{
	assert_true(r->journal.n < MADE_ROWS);
	struct row *row = &made_rows[r->journal.n++];
	r->journal.replayed = r->journal.n;
	row_clear(row);
	row_text(row, COLUMN_EXPERIMENT, "one");
	row_text(row, COLUMN_PHASE, phase);
	row_text(row, COLUMN_VARIANT, variant);
	row_set(row, COLUMN_BLOCK, block);
	row_set(row, COLUMN_IDLE, 0);
	row_set(row, COLUMN_CPU_US, 10);
	return row;
}

struct summary_line made_line(const struct run *r)
{
	struct summary s;
	assert_int_equal(summary_make(r, &s), 0);
	struct summary_line line = s.line[0];
	summary_free(&s);
	return line;
}

char *made_table(const struct run *r, void (*change)(struct summary *s))
{
	struct summary s;
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	assert_non_null(to);
	assert_int_equal(summary_make(r, &s), 0);
	if (change)
		change(&s);
	table_print(r, &s, to);
	fclose(to);
	summary_free(&s);
	return text;
}
