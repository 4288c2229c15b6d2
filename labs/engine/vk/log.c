/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - what was called, and what happened, in the order of the clock. */
#include "config.h"

#include "kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct entry *entry_add(struct kernel *k)
{
	static struct entry nowhere;

	if (k->entries == k->entries_max) {
		int max = k->entries_max ? 2 * k->entries_max : 1024;
		void *bigger = realloc(k->entry, (size_t)max * sizeof(*k->entry));

		if (!bigger)
			return &nowhere;
		k->entry = bigger;
		k->entries_max = max;
	}
	memset(&k->entry[k->entries], 0, sizeof(*k->entry));
	k->entry[k->entries].called = k->now;
	k->entry[k->entries].returned = KERNEL_NEVER;
	return &k->entry[k->entries++];
}

void kernel_say(struct kernel *k, const char *format, ...)
{
	struct entry *e = entry_add(k);
	va_list args;

	e->returned = k->now;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
}

void kernel_log(struct kernel *k, struct thread *t)
{
	struct entry *e = entry_add(k);

	e->thread = kernel_thread_id(k, t);
	e->cpu = t->cpu;
	e->op = t->call.op;
	e->object = t->call.object;
	e->ticks = t->call.ticks;
	e->where = t->call.where;
	if (e->op == VK_OP_OPEN || e->op == VK_OP_SEM_FIND ||
	    e->op == VK_OP_PORT_FIND || e->op == VK_OP_WRITE)
		snprintf(e->text, sizeof(e->text), "%.*s", (int)t->call.size,
			 t->call.data);
	t->entry = k->entries - 1;
}
