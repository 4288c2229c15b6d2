/* SPDX-License-Identifier: BSD-2-Clause */
/* picture.c - the log as text: a row for what was called or happened, a column a
 * thread. */
#include "config.h"

#include "report.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS_MAX = 4, COLUMN_WIDTH = 36, CELL_MAX = 96 };

struct columns {
	int n;
	int thread[COLUMNS_MAX];
};

/* Calls whose object has a name. */
static const char *object_word(int op)
{
	switch (op) {
	case VK_OP_CLOSE:
	case VK_OP_READ:
	case VK_OP_NB_READ:
	case VK_OP_WRITE:
		return "fd ";
	case VK_OP_SEM_WAIT:
	case VK_OP_NB_SEM_WAIT:
	case VK_OP_SEM_SIGNAL:
		return "semaphore ";
	case VK_OP_SEND:
	case VK_OP_RECEIVE:
	case VK_OP_NB_RECEIVE:
	case VK_OP_PORT_CREATE:
	case VK_OP_PORT_DELETE:
		return "port ";
	case VK_OP_ANSWER:
	case VK_OP_STAGE:
	case VK_OP_LOOK_EVENT:
		return "event ";
	case VK_OP_JOIN:
	case VK_OP_DETACH:
		return "thread ";
	default:
		return NULL;
	}
}

static void call_text(const struct entry *e, char *text, size_t room)
{
	const char *word = object_word(e->op);

	if (e->op == VK_OP_OPEN || e->op == VK_OP_SEM_FIND || e->op == VK_OP_PORT_FIND)
		snprintf(text, room, "%s(\"%s\")", call_name(e->op), e->text);
	else if (e->op == VK_OP_WORK)
		snprintf(text, room, "work(%" PRIu64 " ticks)", e->ticks);
	else if (e->op == VK_OP_SLEEP)
		snprintf(text, room, "sleep(%" PRIu64 " ticks)", e->ticks);
	else if (e->op == VK_OP_PORT_CREATE && e->object == VK_ANY)
		snprintf(text, room, "port_create(any)");
	else if (word)
		snprintf(text, room, "%s(%s%d)", call_name(e->op), word, e->object);
	else
		snprintf(text, room, "%s()", call_name(e->op));
}

static void cell_text(const struct entry *e, char *text, size_t room)
{
	bool ends = e->op == VK_OP_EXIT || e->op == VK_OP_THREAD_EXIT;
	size_t n;

	call_text(e, text, room);
	n = strlen(text);
	if (e->returned == KERNEL_NEVER && !ends)
		snprintf(text + n, room - n, " never returns");
	else if (e->result < 0)
		snprintf(text + n, room - n, " %s",
			 scenario_errno_name((int)-e->result));
	else if (e->result > 0)
		snprintf(text + n, room - n, " = %" PRId64, e->result);
	n = strlen(text);
	if (e->returned != KERNEL_NEVER && e->returned > e->called + 1)
		snprintf(text + n, room - n, ", until %" PRIu64, e->returned);
}

static void columns_find(const struct kernel *k, int first, int last, struct columns *c)
{
	c->n = 0;
	for (int t = 1; t <= k->threads && c->n < COLUMNS_MAX; t++)
		for (int i = first; i <= last; i++)
			if (k->entry[i].thread == t) {
				c->thread[c->n++] = t;
				break;
			}
}

/* -1: this thread has no column. */
static int column_of(const struct columns *c, int thread)
{
	for (int i = 0; i < c->n; i++)
		if (c->thread[i] == thread)
			return i;
	return -1;
}

static void row_write(FILE *out, const struct where *w, const struct columns *c,
		      const struct entry *e)
{
	int column = column_of(c, e->thread);
	const char *line = where_line(w, e->where);
	char cell[CELL_MAX];

	if (e->thread == 0) {
		fprintf(out, "%8" PRIu64 "  * %s\n", e->called, e->text);
		return;
	}
	cell_text(e, cell, sizeof(cell));
	fprintf(out, "%8" PRIu64 "  ", e->called);
	for (int i = 0; i < column; i++)
		fprintf(out, "%-*s", COLUMN_WIDTH, "|");
	if (column < 0)
		fprintf(out, "thread %d: ", e->thread);
	fprintf(out, "%s%s%s%s\n", cell, *line ? " (" : "", line, *line ? ")" : "");
}

void report_picture(FILE *out, const struct kernel *k, const struct where *w, int first,
		    int last)
{
	struct columns columns;

	if (last < first)
		return;
	columns_find(k, first, last, &columns);
	fprintf(out, "    tick  ");
	for (int i = 0; i < columns.n; i++) {
		char head[24];

		snprintf(head, sizeof(head), "thread %d", columns.thread[i]);
		fprintf(out, "%-*s", i + 1 < columns.n ? COLUMN_WIDTH : 0, head);
	}
	fprintf(out, "\n");
	for (int i = first; i <= last; i++)
		row_write(out, w, &columns, &k->entry[i]);
}
