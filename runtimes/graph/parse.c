/* SPDX-License-Identifier: BSD-2-Clause */
/* parse.c - a line of a graph file to a row of a table.  What a line names is to be
 * named further up. */
#include "config.h"

#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place where the port says what it is joined to, which is to be free. */
static struct graph_joint *joint_of(struct graph *g, const struct graph_port *p)
{
	return &g->module[p->module].joint[p->channel];
}

static int line_placement(struct graph *g, char **rest)
{
	const char *name = strtok_r(NULL, blanks, rest);

	if (g->placement_line)
		return graph_refuse(g, g->line, "the placement was set by line %d",
				    g->placement_line);
	if (!name || graph_placement(name, &g->placement) < 0)
		return graph_refuse(g, g->line,
				    "'%s' is no placement: one, cores, "
				    "threads, processes",
				    name ? name : "");
	g->placement_line = g->line;
	return keys_read(g, rest, (struct key[]){{.name = NULL}}, NULL);
}

/* An option of the module that is being read. */
static int option_add(struct graph *g, char *name, char *value)
{
	struct graph_module *m = &g->module[g->modules];
	const char *const *known = m->type->options;
	struct graph_option *option;

	while (known && *known && strcmp(*known, name))
		known++;
	if (!known || !*known)
		return graph_refuse(g, g->line, "a %s has no option '%s'",
				    m->type->name, name);
	for (int i = 0; i < m->options; i++)
		if (!strcmp(m->option[i].name, name))
			return graph_refuse(g, g->line, "'%s' is set twice", name);
	if (m->options == GRAPH_OPTIONS)
		return graph_refuse(g, g->line, "more than %d options", GRAPH_OPTIONS);
	option = &m->option[m->options++];
	option->name = strdup(name);
	option->value = strdup(value);
	if (!option->name || !option->value)
		return graph_refuse(g, g->line, "%s", strerror(ENOMEM));
	return 0;
}

static int line_module(struct graph *g, char **rest)
{
	struct graph_module *m = &g->module[g->modules];
	char *name = strtok_r(NULL, blanks, rest);
	char *type = strtok_r(NULL, blanks, rest);
	struct key keys[] = {{"core", NULL},
			     {"priority", NULL},
			     {"budget", NULL},
			     {"restart", NULL},
			     {NULL, NULL}};
	uint64_t core = UINT64_MAX, priority = 0, restarts = 0;

	if (!type)
		return graph_refuse(g, g->line, "a module has a name and a type");
	if (g->modules == GRAPH_MODULES)
		return graph_refuse(g, g->line, "more than %d modules", GRAPH_MODULES);
	*m = (struct graph_module){.line = g->line, .core = NONE};
	for (unsigned i = 0; i < MODULE_PORTS; i++)
		m->joint[i] = (struct graph_joint){NONE, NONE, NONE};
	for (int i = 0; g->types[i]; i++)
		if (!strcmp(g->types[i]->name, type))
			m->type = g->types[i];
	if (!m->type)
		return graph_refuse(g, g->line, "there is no type of module '%s'",
				    type);
	if (name_take(g, "module", name, m->name) < 0 ||
	    keys_read(g, rest, keys, option_add) < 0 ||
	    number_read(g, "core", keys[0].value, 0, 4095, &core) < 0 ||
	    number_read(g, "priority", keys[1].value, 0, 99, &priority) < 0 ||
	    number_read(g, "budget (ms)", keys[2].value, 1, 3600000, &m->budget_ms) <
		    0 ||
	    number_read(g, "restart", keys[3].value, 1, 1000000, &restarts) < 0)
		return -EINVAL;
	if (restarts && !m->type->restarts)
		return graph_refuse(g, g->line,
				    "a %s has no restart=: what it knows is lost when "
				    "it crashes",
				    m->type->name);
	m->core = core == UINT64_MAX ? NONE : (int)core;
	m->priority = (int)priority;
	m->restarts = (int)restarts;
	g->modules++;
	return 0;
}

static int line_region(struct graph *g, char **rest)
{
	struct graph_region *r = &g->region[g->regions];
	char *name = strtok_r(NULL, blanks, rest);
	char *size = strtok_r(NULL, blanks, rest);
	struct key keys[] = {{"buffer", NULL}, {NULL, NULL}};
	uint64_t buffer = 0;

	if (!size)
		return graph_refuse(g, g->line, "a region has a name and a size");
	if (g->regions == GRAPH_MODULES)
		return graph_refuse(g, g->line, "more than %d regions", GRAPH_MODULES);
	r->line = g->line;
	if (name_take(g, "region", name, r->name) < 0 ||
	    size_read(g, size, 4096, &r->bytes) < 0 ||
	    keys_read(g, rest, keys, NULL) < 0 ||
	    (keys[0].value && size_read(g, keys[0].value, 1, &buffer) < 0))
		return -EINVAL;
	if (buffer && (buffer > r->bytes || r->bytes > UINT64_C(1) << 31))
		return graph_refuse(g, g->line,
				    "region '%s' cannot be cut into buffers of "
				    "%s: it has %s bytes, and may have 2G",
				    r->name, keys[0].value, size);
	r->buffer_bytes = (uint32_t)buffer;
	g->regions++;
	return 0;
}

static int line_grant(struct graph *g, char **rest)
{
	struct graph_grant *grant = &g->grant[g->grants];
	char *region = strtok_r(NULL, blanks, rest);
	char *port = strtok_r(NULL, blanks, rest);
	char *access = strtok_r(NULL, blanks, rest);
	struct graph_joint *joint;

	if (!access || (strcmp(access, "read") && strcmp(access, "write")))
		return graph_refuse(
			g, g->line,
			"a grant has a region, MODULE.PORT, and read or write");
	if (g->grants == GRAPH_RINGS)
		return graph_refuse(g, g->line, "more than %d grants", GRAPH_RINGS);
	grant->line = g->line;
	grant->writes = *access == 'w';
	grant->region = region_find(g, region);
	if (grant->region == NONE)
		return graph_refuse(g, g->line, "no region '%s' is named above",
				    region);
	if (port_read(g, port, PORT_REGION, &grant->to) < 0 ||
	    keys_read(g, rest, (struct key[]){{.name = NULL}}, NULL) < 0)
		return -EINVAL;
	joint = joint_of(g, &grant->to);
	if (joint->grant != NONE)
		return graph_refuse(g, g->line, "port '%s' has its region by line %d",
				    port, g->grant[joint->grant].line);
	joint->grant = g->grants++;
	return 0;
}

/* Both ends of a ring, each of which has this one only. */
static int ring_join(struct graph *g, const struct graph_ring *r)
{
	struct graph_joint *from = joint_of(g, &r->from), *to = joint_of(g, &r->to);
	const struct graph_port *taken = from->ring != NONE ? &r->from : &r->to;
	int by = from->ring != NONE ? from->ring : to->ring;
	char name[GRAPH_NAME];

	if (by == NONE) {
		from->ring = to->ring = g->rings;
		return 0;
	}
	port_rule(g->module[taken->module].type, taken->channel, name);
	return graph_refuse(g, g->line,
			    "ring '%s' (line %d) has %s.%s as its %s already: "
			    "a ring has one producer and one consumer",
			    g->ring[by].name, g->ring[by].line,
			    g->module[taken->module].name, name,
			    taken == &r->from ? "producer" : "consumer");
}

static int ring_settings(struct graph *g, struct graph_ring *r, struct key *keys)
{
	uint64_t slots = 0;

	if (!keys[0].value)
		return graph_refuse(g, g->line, "ring '%s' has no slots=N", r->name);
	if (number_read(g, "slots", keys[0].value, 1, RING_SLOTS_MOST, &slots) < 0)
		return -EINVAL;
	if (slots & (slots - 1))
		return graph_refuse(g, g->line, "slots=%s is no power of two",
				    keys[0].value);
	r->slots = (uint32_t)slots;
	r->answers = keys[1].value ? ring_find(g, keys[1].value) : NONE;
	if (keys[1].value && r->answers == NONE)
		return graph_refuse(g, g->line, "no ring '%s' is named above",
				    keys[1].value);
	r->carries = keys[2].value ? region_find(g, keys[2].value) : NONE;
	if (keys[2].value && r->carries == NONE)
		return graph_refuse(g, g->line, "no region '%s' is named above",
				    keys[2].value);
	return 0;
}

/* answers=R: whoever asks on R takes the answers from here. */
static int ring_answers(struct graph *g, const struct graph_ring *r)
{
	struct graph_ring *asks = &g->ring[r->answers];

	if (asks->from.module != r->to.module)
		return graph_refuse(g, g->line,
				    "ring '%s' answers '%s', but leads to "
				    "'%s', not to '%s', which asks",
				    r->name, asks->name, g->module[r->to.module].name,
				    g->module[asks->from.module].name);
	if (asks->answered != NONE)
		return graph_refuse(g, g->line,
				    "ring '%s' is answered by '%s' (line %d)",
				    asks->name, g->ring[asks->answered].name,
				    g->ring[asks->answered].line);
	asks->answered = g->rings;
	return 0;
}

static int line_ring(struct graph *g, char **rest)
{
	struct graph_ring *r = &g->ring[g->rings];
	char *name = strtok_r(NULL, blanks, rest);
	char *from = strtok_r(NULL, blanks, rest);
	char *to = strtok_r(NULL, blanks, rest);
	struct key keys[] = {
		{"slots", NULL}, {"answers", NULL}, {"carries", NULL}, {NULL, NULL}};

	if (!to)
		return graph_refuse(g, g->line,
				    "a ring has a name, its producer's "
				    "MODULE.PORT and its consumer's");
	if (g->rings == GRAPH_RINGS)
		return graph_refuse(g, g->line, "more than %d rings", GRAPH_RINGS);
	*r = (struct graph_ring){.line = g->line, .answered = NONE};
	if (name_take(g, "ring", name, r->name) < 0 ||
	    port_read(g, from, PORT_OUT, &r->from) < 0 ||
	    port_read(g, to, PORT_IN, &r->to) < 0 ||
	    keys_read(g, rest, keys, NULL) < 0 || ring_settings(g, r, keys) < 0 ||
	    ring_join(g, r) < 0 || (r->answers != NONE && ring_answers(g, r) < 0))
		return -EINVAL;
	g->rings++;
	return 0;
}

static int line_channel(struct graph *g, char **rest)
{
	struct graph_channel *c = &g->channel[g->channels];
	char *name = strtok_r(NULL, blanks, rest);
	struct graph_joint *joint;

	if (!name)
		return graph_refuse(g, g->line, "a channel has a name and two ends");
	if (g->channels == GRAPH_RINGS)
		return graph_refuse(g, g->line, "more than %d channels", GRAPH_RINGS);
	c->line = g->line;
	if (name_take(g, "channel", name, c->name) < 0)
		return -EINVAL;
	for (int i = 0; i < 2; i++) {
		if (port_read(g, strtok_r(NULL, blanks, rest), PORT_CHANNEL,
			      &c->end[i]) < 0)
			return -EINVAL;
		joint = joint_of(g, &c->end[i]);
		if (joint->channel != NONE)
			return graph_refuse(g, g->line,
					    "end %d is the end of channel '%s' "
					    "(line %d)",
					    i + 1,
					    joint->channel == g->channels
						    ? c->name
						    : g->channel[joint->channel].name,
					    joint->channel == g->channels
						    ? g->line
						    : g->channel[joint->channel].line);
		joint->channel = g->channels;
	}
	g->channels++;
	return keys_read(g, rest, (struct key[]){{.name = NULL}}, NULL);
}

int graph_line(struct graph *g, char *text)
{
	static const struct {
		const char *word;
		int (*read)(struct graph *g, char **rest);
	} lines[] = {
		{"placement", line_placement}, {"module", line_module},
		{"region", line_region},       {"grant", line_grant},
		{"ring", line_ring},           {"channel", line_channel},
	};
	char *rest, *word;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, blanks, &rest);
	if (!word)
		return 0;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (!strcmp(lines[i].word, word))
			return lines[i].read(g, &rest);
	return graph_refuse(g, g->line,
			    "a line begins with placement, module, region, "
			    "grant, ring or channel, not with '%s'",
			    word);
}
