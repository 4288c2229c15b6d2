/* SPDX-License-Identifier: BSD-2-Clause */
/* parts_flow.c - messages made, changed, merged, and consumed. */
#include "config.h"

#include "parts.h"
#include "timer_heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, TURN_BATCHES = 4 };

/* A source: as many messages as it is told, a few batches a turn. */
enum { SOURCE_OUT };
struct source {
	uint64_t left, next, mark;
};

static int source_init(struct module *m)
{
	struct source *s = m->state;

	module_again(m, SOURCE_OUT);
	if (module_number(m, "mark", 0, MARKS - 1, &s->mark) < 0)
		return -EINVAL;
	return module_number(m, "messages", 0, UINT32_MAX, &s->left);
}

static bool source_batch(struct module *m, struct source *s)
{
	struct ring_item items[BATCH];
	uint32_t n = port_room(m, SOURCE_OUT, BATCH);

	n = n < s->left ? n : (uint32_t)s->left;
	for (uint32_t i = 0; i < n; i++, s->next++)
		items[i] = (struct ring_item){.offset = (uint32_t)s->next,
					      .length = (uint32_t)s->mark,
					      .tag = mix(s->next)};
	port_put(m, SOURCE_OUT, items, n);
	s->left -= n;
	return n > 0;
}

static void source_notified(struct module *m, unsigned channel)
{
	struct source *s = m->state;
	int batches = 0;

	while (s->left && batches < TURN_BATCHES && source_batch(m, s))
		batches++;
	if (s->left == 0 || channel == CHANNEL_STOP)
		module_done(m);
	else if (batches == TURN_BATCHES)
		module_again(m, SOURCE_OUT);
}

/* A transform, or a merge of several: what comes goes, changed. */
enum { MERGE_IN };

static bool transform_batch(struct module *m, unsigned in, unsigned out)
{
	struct ring_item items[BATCH];
	uint32_t n = port_room(m, out, BATCH);

	n = n ? port_get(m, in, items, n) : 0;
	for (uint32_t i = 0; i < n; i++)
		items[i].tag = mix(items[i].tag + items[i].length);
	port_put(m, out, items, n);
	return n > 0;
}

static void transform_notified(struct module *m, unsigned channel)
{
	(void)channel;
	for (int i = 0; i < TURN_BATCHES && transform_batch(m, 0, 1);)
		i++;
	if (port_ended(m, 0))
		module_done(m);
}

static void merge_notified(struct module *m, unsigned channel)
{
	(void)channel;
	for (int i = 0; i < TURN_BATCHES; i++)
		for (unsigned in = MERGE_IN; in < MERGE_IN + 2; in++)
			transform_batch(m, in, MERGE_IN + 2);
	if (port_ended(m, MERGE_IN) && port_ended(m, MERGE_IN + 1))
		module_done(m);
}

enum { SINK_IN, SINK_RESULT };
struct sink {
	uint64_t every_us, one, most;
	uint32_t before[MARKS];
	struct result *result;
};

static int sink_init(struct module *m)
{
	struct sink *s = m->state;
	uint64_t bytes;

	s->result = port_memory(m, SINK_RESULT, &bytes);
	memset(s->before, 0xff, sizeof s->before);
	if (module_number(m, "one", 0, 1, &s->one) < 0 ||
	    module_number(m, "most", 1, UINT32_MAX, &s->most) < 0)
		return -EINVAL;
	return module_number(m, "every", 0, 1000000, &s->every_us);
}

static uint32_t sink_batch(struct module *m, struct sink *s, uint32_t most)
{
	struct ring_item items[BATCH];
	uint32_t n = port_get(m, SINK_IN, items, most);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t mark = items[i].length % MARKS;

		s->result->disorder += items[i].offset != s->before[mark] + 1;
		s->before[mark] = items[i].offset;
		s->result->hash[mark] = mix(s->result->hash[mark] + items[i].tag);
		s->result->count[mark]++;
	}
	return n;
}

static void sink_notified(struct module *m, unsigned channel)
{
	struct sink *s = m->state;

	if (s->every_us && channel == SINK_IN) {
		if (!port_ended(m, SINK_IN))
			module_deadline(m, timer_now() + s->every_us * 1000);
	} else if (s->every_us && sink_batch(m, s, 1) == 1) {
		module_deadline(m, timer_now() + s->every_us * 1000);
	} else if (!s->every_us) {
		while (sink_batch(m, s, s->one ? 1 : BATCH) == BATCH)
			;
	}
	if (port_ended(m, SINK_IN) || (s->most && s->result->count[0] >= s->most))
		module_done(m);
}

/* A transform that dies of every 1000th message, the first time it sees it; it takes a
 * message only when what became of it is put. */
static void mortal_notified(struct module *m, unsigned channel)
{
	(void)channel;
	for (int i = 0; i < BATCH && port_room(m, 1, 1) && port_filled(m, 0, 1); i++) {
		struct ring_item item = port_look(m, 0, 0);

		if (item.offset == 1000 * m->lives)
			abort();
		port_put(m, 1, &item, 1);
		port_took(m, 0, 1);
	}
	if (port_ended(m, 0))
		module_done(m);
}

const struct module_type part_source = {
	.name = "source",
	.ports = (const struct port_rule[]){{.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"messages", "mark", NULL},
	.state_bytes = sizeof(struct source),
	.init = source_init,
	.notified = source_notified,
};

const struct module_type part_transform = {
	.name = "transform",
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in"},
					    {.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_NONE}},
	.init = nothing_init,
	.notified = transform_notified,
};

const struct module_type part_mortal = {
	.name = "mortal",
	.restarts = true,
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in"},
					    {.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_NONE}},
	.init = nothing_init,
	.notified = mortal_notified,
};

const struct module_type part_merge = {
	.name = "merge",
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in", .count = 2},
					    {.kind = PORT_OUT, .name = "out"},
					    {.kind = PORT_NONE}},
	.init = nothing_init,
	.notified = merge_notified,
};

const struct module_type part_sink = {
	.name = "sink",
	.ports = (const struct port_rule[]){{.kind = PORT_IN, .name = "in"},
					    {.kind = PORT_REGION,
					     .name = "result",
					     .writes = true,
					     .bytes = sizeof(struct result)},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"every", "most", "one", NULL},
	.state_bytes = sizeof(struct sink),
	.init = sink_init,
	.notified = sink_notified,
};
