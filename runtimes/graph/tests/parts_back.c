/* SPDX-License-Identifier: BSD-2-Clause */
/* parts_back.c - what goes and comes back: buffers, answers. */
#include "config.h"

#include "parts.h"
#include <errno.h>
#include <string.h>

/* Buffers lent and given back. */
enum { LENDER_OUT, LENDER_BACK };
struct lender {
	uint64_t left, next;
	uint32_t buffers;
	struct ring_item idle[256];
};

static int lender_init(struct module *m)
{
	struct lender *l = m->state;
	uint64_t bytes;

	port_memory(m, LENDER_OUT, &bytes);
	for (; l->buffers < 256 && l->buffers < bytes / 64; l->buffers++)
		l->idle[l->buffers].offset = l->buffers * 64;
	port_stock(m, LENDER_OUT, 0, l->buffers);
	module_again(m, LENDER_OUT);
	return module_number(m, "messages", 1, UINT32_MAX, &l->left);
}

static void lender_notified(struct module *m, unsigned channel)
{
	struct lender *l = m->state;
	uint64_t bytes;
	unsigned char *memory = port_memory(m, LENDER_OUT, &bytes);

	(void)channel;
	l->buffers += port_get(m, LENDER_BACK, l->idle + l->buffers, 256 - l->buffers);
	while (l->left && l->buffers && port_room(m, LENDER_OUT, 1)) {
		struct ring_item item = l->idle[--l->buffers];

		item.length = sizeof l->next;
		memcpy(memory + item.offset, &l->next, sizeof l->next);
		port_put(m, LENDER_OUT, &item, 1);
		l->next++;
		l->left--;
	}
	if (!l->left)
		module_done(m);
}

/* Sums what is in the buffers; the lender may be gone when the last come back. */
enum { BORROWER_IN, BORROWER_BACK, BORROWER_RESULT };

static void borrower_notified(struct module *m, unsigned channel)
{
	struct ring_item item;
	uint64_t bytes, value;
	const unsigned char *memory = port_memory(m, BORROWER_IN, &bytes);
	struct result *result = port_memory(m, BORROWER_RESULT, &bytes);

	(void)channel;
	while ((port_ended(m, BORROWER_BACK) || port_room(m, BORROWER_BACK, 1)) &&
	       port_get(m, BORROWER_IN, &item, 1)) {
		memcpy(&value, memory + item.offset, sizeof value);
		result->disorder += value != result->count[0];
		result->hash[0] = mix(result->hash[0] + value);
		result->count[0]++;
		if (!port_ended(m, BORROWER_BACK))
			port_put(m, BORROWER_BACK, &item, 1);
	}
	if (port_ended(m, BORROWER_IN))
		module_done(m);
}

/* Questions and answers, in a circle. */
enum { ASKER_OUT, ASKER_ANSWERS, ASKER_RESULT };
struct asker {
	uint64_t left, open, most_open;
};

static int asker_init(struct module *m)
{
	struct asker *a = m->state;

	module_again(m, ASKER_OUT);
	return module_number(m, "messages", 1, UINT32_MAX, &a->left);
}

static void asker_notified(struct module *m, unsigned channel)
{
	struct asker *a = m->state;
	struct ring_item item;
	uint64_t bytes;
	struct result *result = port_memory(m, ASKER_RESULT, &bytes);

	(void)channel;
	while (a->left && port_room(m, ASKER_OUT, 1)) {
		item = (struct ring_item){.tag = a->left--};
		port_put(m, ASKER_OUT, &item, 1);
		a->open++;
		if (a->open > a->most_open)
			a->most_open = a->open;
	}
	while (port_get(m, ASKER_ANSWERS, &item, 1)) {
		result->hash[0] = mix(result->hash[0] + item.tag);
		result->count[0]++;
		a->open--;
	}
	result->count[1] = a->most_open;
	if (!a->left && !a->open)
		module_done(m);
}

/* It never looks whether there is room for an answer: there is. */
enum { ANSWERER_IN, ANSWERER_OUT };

static void answerer_notified(struct module *m, unsigned channel)
{
	struct ring_item item;

	(void)channel;
	while (port_get(m, ANSWERER_IN, &item, 1)) {
		item.tag = mix(item.tag);
		if (ring_room(&m->ports[ANSWERER_OUT].end, 1) == 0)
			module_fail(m, -ENOBUFS, "no room for an answer");
		port_put(m, ANSWERER_OUT, &item, 1);
	}
	if (port_ended(m, ANSWERER_IN))
		module_done(m);
}

const struct module_type part_lender = {
	.name = "lender",
	.ports = (const struct port_rule[]){{.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_IN, .name = "back"},
					    {.kind = PORT_REGION, .name = "memory"},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"messages", NULL},
	.state_bytes = sizeof(struct lender),
	.init = lender_init,
	.notified = lender_notified,
};

const struct module_type part_borrower = {
	.name = "borrower",
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in"},
					    {.kind = PORT_OUT, .name = "back"},
					    {.kind = PORT_REGION,
					     .name = "result",
					     .writes = true,
					     .bytes = sizeof(struct result)},
					    {.kind = PORT_REGION, .name = "memory"},
					    {.kind = PORT_NONE}},
	.init = nothing_init,
	.notified = borrower_notified,
};

const struct module_type part_asker = {
	.name = "asker",
	.ports = (const struct port_rule[]){{.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_IN, .name = "answers"},
					    {.kind = PORT_REGION,
					     .name = "result",
					     .writes = true,
					     .bytes = sizeof(struct result)},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"messages", NULL},
	.state_bytes = sizeof(struct asker),
	.init = asker_init,
	.notified = asker_notified,
};

const struct module_type part_answerer = {
	.name = "answerer",
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in"},
					    {.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_NONE}},
	.init = nothing_init,
	.notified = answerer_notified,
};
