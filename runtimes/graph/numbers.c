/* SPDX-License-Identifier: BSD-2-Clause */
/* numbers.c - modules that are one of several of their kind: whoever is joined to a
 * numbered port NAME.N is number N, and so is whoever is joined to those.  One that
 * would be of two numbers is wired crosswise. */
#include "config.h"

#include "tables.h"

#include <stdlib.h>
#include <string.h>

struct numbers {
	struct graph *g;
	int number[GRAPH_MODULES], line[GRAPH_MODULES]; /* NONE: not known; by which */
};

static int port_number(const struct graph *g, const struct graph_port *p)
{
	const struct port_rule *rule = g->module[p->module].type->ports;
	unsigned n = p->channel;

	for (; n >= (rule->count ? rule->count : 1); rule++)
		n -= rule->count ? rule->count : 1;
	return rule->numbers ? (int)n : NONE;
}

/* Has a module numbered ports?  It is nobody's number itself, and all of them may be
 * joined to its other ports. */
static bool is_hub(const struct graph *g, int module)
{
	const struct port_rule *rule = g->module[module].type->ports;

	while (rule && rule->kind != PORT_NONE && !rule->numbers)
		rule++;
	return rule && rule->kind != PORT_NONE;
}

/* Returns whether that is news, or -EINVAL. */
static int number_take(struct numbers *s, int module, int number, int line)
{
	if (s->number[module] == number)
		return 0;
	if (s->number[module] != NONE)
		return graph_refuse(s->g, line,
				    "module '%s' is number %d by this, and %d by "
				    "line %d",
				    s->g->module[module].name, number,
				    s->number[module], s->line[module]);
	s->number[module] = number;
	s->line[module] = line;
	return 1;
}

/* What an option says; where that is no number the module will say so. */
static int option_take(struct numbers *s, int module)
{
	const struct graph_module *m = &s->g->module[module];
	const char *value = "0";
	char *end;
	long number;

	for (int i = 0; m->type->number && i < m->options; i++)
		if (!strcmp(m->option[i].name, m->type->number))
			value = m->option[i].value;
	number = strtol(value, &end, 10);
	if (!m->type->number || *end || number < 0 || number >= MODULE_PORTS)
		return 0;
	return number_take(s, module, (int)number, m->line);
}

/* What two ports that are joined say of each other's module. */
static int joint_take(struct numbers *s, const struct graph_port *a,
		      const struct graph_port *b, int line)
{
	bool a_is_hub = is_hub(s->g, a->module), b_is_hub = is_hub(s->g, b->module);
	int a_says = a_is_hub ? port_number(s->g, a) : s->number[a->module];
	int b_says = b_is_hub ? port_number(s->g, b) : s->number[b->module];

	if (!b_is_hub && a_says != NONE)
		return number_take(s, b->module, a_says, line);
	if (!a_is_hub && b_says != NONE)
		return number_take(s, a->module, b_says, line);
	return 0;
}

/* Is a region for all, whatever their number? */
static bool is_common(const struct graph *g, int region)
{
	for (int i = 0; i < g->grants; i++)
		if (g->grant[i].region == region && is_hub(g, g->grant[i].to.module) &&
		    port_number(g, &g->grant[i].to) == NONE)
			return true;
	return false;
}

/* Who else has its region is joined to the port of a grant. */
static int grant_take(struct numbers *s, int grant)
{
	const struct graph_grant *own = &s->g->grant[grant];
	int news = 0, err = 0;

	for (int i = 0; i < grant && err >= 0; i++) {
		const struct graph_grant *other = &s->g->grant[i];

		if (other->region == own->region && !is_common(s->g, own->region))
			err = joint_take(s, &other->to, &own->to, own->line);
		news += err > 0;
	}
	return err < 0 ? err : news;
}

/* Returns how much was news. */
static int joints_take(struct numbers *s)
{
	int news = 0, err = 0;

	for (int i = 0; i < s->g->rings && err >= 0; i++) {
		const struct graph_ring *r = &s->g->ring[i];

		err = joint_take(s, &r->from, &r->to, r->line);
		news += err > 0;
	}
	for (int i = 0; i < s->g->grants && err >= 0; i++) {
		err = grant_take(s, i);
		news += err > 0;
	}
	return err < 0 ? err : news;
}

int graph_numbers(struct graph *g)
{
	struct numbers s = {.g = g};
	int err = 0;

	for (int i = 0; i < g->modules; i++)
		s.number[i] = NONE;
	for (int i = 0; i < g->modules && err >= 0; i++)
		err = option_take(&s, i);
	while (err >= 0 && (err = joints_take(&s)) > 0)
		;
	return err;
}
