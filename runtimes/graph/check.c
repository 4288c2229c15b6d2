/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - what only the whole of a graph file shows: ports left open, access that is
 * not granted, regions too small, modules that would wait for each other in a circle.
 */
#include "config.h"

#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int graph_granted(const struct graph *g, int module, int region)
{
	int best = NONE;

	for (int i = 0; i < g->grants; i++)
		if (g->grant[i].to.module == module && g->grant[i].region == region &&
		    (best == NONE || g->grant[i].writes))
			best = i;
	return best;
}

static int region_check(struct graph *g, const struct graph_module *m, const char *port,
			const struct port_rule *rule, const struct graph_grant *grant)
{
	const struct graph_region *r = &g->region[grant->region];

	if (r->bytes < rule->bytes)
		return graph_refuse(
			g, grant->line,
			"region '%s' has %llu bytes (line %d), %s.%s needs %llu",
			r->name, (unsigned long long)r->bytes, r->line, m->name, port,
			(unsigned long long)rule->bytes);
	if (rule->writes && !grant->writes)
		return graph_refuse(g, grant->line,
				    "%s.%s writes to region '%s', and is granted read",
				    m->name, port, r->name);
	return 0;
}

/* Whoever wants a region alone shares it with others perhaps, but not with its like. */
static int alone_check(struct graph *g, const char *port, const struct port_rule *rule,
		       int grant)
{
	const struct graph_grant *own = &g->grant[grant];

	for (int i = 0; rule->alone && i < grant; i++) {
		const struct graph_grant *other = &g->grant[i];
		const struct graph_module *m = &g->module[other->to.module];

		if (other->region == own->region &&
		    port_rule(m->type, other->to.channel, NULL) == rule)
			return graph_refuse(
				g, own->line,
				"region '%s' is for one alone: '%s' has it by line %d, "
				"and %s.%s cannot",
				g->region[own->region].name, m->name, other->line,
				g->module[own->to.module].name, port);
	}
	return 0;
}

static int module_check(struct graph *g, const struct graph_module *m)
{
	const struct port_rule *rule;
	char port[GRAPH_NAME];
	int err;

	for (unsigned c = 0; (rule = port_rule(m->type, c, port)); c++) {
		const struct graph_joint *j = &m->joint[c];

		if (j->ring == NONE && j->channel == NONE && j->grant == NONE &&
		    !rule->optional)
			return graph_refuse(g, m->line, "%s.%s is not connected",
					    m->name, port);
		if (j->grant == NONE)
			continue;
		err = region_check(g, m, port, rule, &g->grant[j->grant]);
		if (err == 0)
			err = alone_check(g, port, rule, j->grant);
		if (err < 0)
			return err;
	}
	return 0;
}

/* What a ring carries lies in memory that both its ends are granted. */
static int ring_check(struct graph *g, const struct graph_ring *r)
{
	const int ends[] = {r->from.module, r->to.module};

	for (int i = 0; r->carries != NONE && i < 2; i++)
		if (graph_granted(g, ends[i], r->carries) == NONE)
			return graph_refuse(g, r->line,
					    "ring '%s' carries what is in region '%s', "
					    "to which '%s' is granted no access",
					    r->name, g->region[r->carries].name,
					    g->module[ends[i]].name);
	return 0;
}

/* A search in depth for a circle of modules each of which may wait for room in a ring
 * to the next.  A ring of answers is never full: the asker has no more unanswered than
 * it holds, so nobody waits for room in it. */
struct search {
	struct graph *g;
	bool entered[GRAPH_MODULES], left[GRAPH_MODULES];
	int by[GRAPH_MODULES]; /* the ring it was entered by */
};

static int circle_refuse(struct search *s, int last)
{
	struct graph *g = s->g;
	char text[GRAPH_ERROR / 2] = "";
	int at = g->ring[last].to.module, module = g->ring[last].from.module,
	    ring = last;
	int line = 0;

	for (;;) {
		const struct graph_ring *r = &g->ring[ring];
		char step[3 * GRAPH_NAME + 32];
		size_t left = sizeof text - strlen(text) - 1;

		line = r->line > line ? r->line : line;
		snprintf(step, sizeof step, "; %s for %s (ring '%s', line %d)",
			 g->module[r->from.module].name, g->module[r->to.module].name,
			 r->name, r->line);
		strncat(text, step, left);
		if (module == at)
			break;
		ring = s->by[module];
		module = g->ring[ring].from.module;
	}
	return graph_refuse(g, line,
			    "modules may wait for each other, for room in rings, for "
			    "ever%s: one of these rings has to be answers=RING",
			    text);
}

static int search_from(struct search *s, int module)
{
	int err = 0;

	s->entered[module] = true;
	for (int i = 0; i < s->g->rings && err == 0; i++) {
		const struct graph_ring *r = &s->g->ring[i];

		if (r->from.module != module || r->answers != NONE)
			continue;
		if (s->entered[r->to.module] && !s->left[r->to.module])
			return circle_refuse(s, i);
		if (s->entered[r->to.module])
			continue;
		s->by[r->to.module] = i;
		err = search_from(s, r->to.module);
	}
	s->left[module] = true;
	return err;
}

int graph_check(struct graph *g)
{
	struct search s = {.g = g};
	int err = 0;

	if (g->modules == 0)
		return graph_refuse(g, g->line ? g->line : 1, "there is no module");
	for (int i = 0; i < g->modules && err == 0; i++)
		err = module_check(g, &g->module[i]);
	for (int i = 0; i < g->rings && err == 0; i++)
		err = ring_check(g, &g->ring[i]);
	for (int i = 0; i < g->modules && err == 0; i++)
		if (!s.entered[i])
			err = search_from(&s, i);
	return err == 0 ? graph_numbers(g) : err;
}
