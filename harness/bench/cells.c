/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.c - a cell of a table over blocks. */
#include "config.h"

#include "harness/bench/cells.h"

#include <math.h>
#include <string.h>

#include "harness/bench/tsv.h"

static bool cell_has(const struct cell *c, const struct row *row)
{
	return row->number[COLUMN_POINT] == c->point &&
	       strcmp(row->text[COLUMN_EXPERIMENT], c->experiment->name) == 0 &&
	       strcmp(row->text[COLUMN_VARIANT], c->entry->name) == 0 &&
	       (!c->phase || strcmp(row->text[COLUMN_PHASE], c->phase) == 0);
}

const struct row *cell_row(const struct cell *c, int block, bool flagged)
{
	for (size_t i = 0; i < journal_known(&c->run->journal); i++) {
		const struct row *row = &c->run->journal.rows[i];
		if (row->number[COLUMN_BLOCK] == block && row_counts(row) &&
		    row_is_void(row) == flagged && cell_has(c, row))
			return row;
	}
	return NULL;
}

double cell_value(const struct cell *c, int block, unsigned quantity, bool flagged)
{
	const struct row *row = cell_row(c, block, flagged);
	return row ? c->value(row, quantity) : (double)NAN;
}

static struct spread spread_of(const struct cell *c, unsigned quantity, bool flagged)
{
	int blocks = c->run->suite.blocks;
	double value[blocks];
	for (int block = 1; block <= blocks; block++)
		value[block - 1] = cell_value(c, block, quantity, flagged);
	return describe_spread(value, (size_t)blocks);
}

bool cell_is_flagged(const struct cell *c)
{
	return spread_of(c, 0, false).n == 0;
}

struct spread cell_spread(const struct cell *c, unsigned quantity)
{
	return spread_of(c, quantity, cell_is_flagged(c));
}

void cell_put_spreads(FILE *to, const struct cell *c, unsigned quantities)
{
	for (unsigned q = 0; q < quantities; q++) {
		struct spread s = cell_spread(c, q);
		tsv_put_spread(to, &s);
	}
	fputc('\n', to);
}
