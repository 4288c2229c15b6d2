/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c - the words of a line of a graph file: names, numbers, sizes, settings. */
#include "config.h"

#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char blanks[] = " \t\r\n";

static bool name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n > 0 && n < GRAPH_NAME && !name[n] && name[0] >= 'a';
}

/* The index of a row by its name, which is its first member; or NONE. */
static int row_find(const void *rows, int n, size_t size, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp((const char *)rows + (size_t)i * size, name))
			return i;
	return NONE;
}

static int module_find(const struct graph *g, const char *name)
{
	return row_find(g->module, g->modules, sizeof *g->module, name);
}

int ring_find(const struct graph *g, const char *name)
{
	return row_find(g->ring, g->rings, sizeof *g->ring, name);
}

int region_find(const struct graph *g, const char *name)
{
	return row_find(g->region, g->regions, sizeof *g->region, name);
}

/* Take a name for a row that is about to be added: all names are of one kind, so that
 * an error can name whatever it is about. */
int name_take(struct graph *g, const char *kind, const char *name, char *into)
{
	int module = module_find(g, name), ring = ring_find(g, name);
	int region = region_find(g, name), line = 0;
	int channel = row_find(g->channel, g->channels, sizeof *g->channel, name);

	if (!name_is_good(name))
		return graph_refuse(g, g->line,
				    "'%s' is no name for a %s: a lower-case letter, "
				    "then those, digits, _ and -, %d at most",
				    name, kind, GRAPH_NAME - 1);
	if (module != NONE)
		line = g->module[module].line;
	else if (ring != NONE)
		line = g->ring[ring].line;
	else if (region != NONE)
		line = g->region[region].line;
	else if (channel != NONE)
		line = g->channel[channel].line;
	if (line)
		return graph_refuse(g, g->line, "the name '%s' is taken, by line %d",
				    name, line);
	strcpy(into, name);
	return 0;
}

/* Sort the words that are left into keys (up to one without a name).  One that is none
 * of them goes to `other`, if there is that. */
int keys_read(struct graph *g, char **rest, struct key *keys,
	      int (*other)(struct graph *g, char *name, char *value))
{
	char *word, *value;

	while ((word = strtok_r(NULL, blanks, rest))) {
		struct key *k = keys;

		value = strchr(word, '=');
		if (!value || value == word || !value[1])
			return graph_refuse(g, g->line,
					    "'%s' is not of the form "
					    "NAME=VALUE",
					    word);
		*value++ = '\0';
		while (k->name && strcmp(k->name, word))
			k++;
		if (!k->name && !other)
			return graph_refuse(g, g->line, "unknown setting '%s'", word);
		if (k->name && k->value)
			return graph_refuse(g, g->line, "'%s' is set twice", word);
		if (!k->name && other(g, word, value) < 0)
			return -EINVAL;
		if (k->name)
			k->value = value;
	}
	return 0;
}

int number_read(struct graph *g, const char *what, const char *text, uint64_t low,
		uint64_t high, uint64_t *into)
{
	unsigned long long n;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || n < low || n > high)
		return graph_refuse(
			g, g->line, "%s '%s' is not a number from %llu to %llu", what,
			text, (unsigned long long)low, (unsigned long long)high);
	*into = n;
	return 0;
}

/* "64K", "4M", "1G" or plain bytes: a power of two. */
int size_read(struct graph *g, const char *text, uint64_t low, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const unsigned long long most = 1ull << 40;
	unsigned long long n;
	const char *unit;
	char *end;
	unsigned shift = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (*text < '0' || *text > '9' || errno || *end || n == 0)
		return graph_refuse(g, g->line, "'%s' is no size: bytes, or K, M, G",
				    text);
	if (n > most >> shift || n << shift < low)
		return graph_refuse(g, g->line, "the size %s is not from %llu to 1024G",
				    text, (unsigned long long)low);
	*bytes = n << shift;
	if (*bytes & (*bytes - 1))
		return graph_refuse(g, g->line, "the size %s is no power of two", text);
	return 0;
}

/* Find MODULE.PORT, for a port of one of two kinds that is not joined yet. */
int port_read(struct graph *g, char *text, enum port_kind kind, struct graph_port *into)
{
	static const char *const kinds[] = {"", "a way in", "a way out", "a region",
					    "a channel"};
	char name[GRAPH_NAME], *dot = text ? strchr(text, '.') : NULL;
	const struct port_rule *rule;
	struct graph_module *m;

	if (!dot)
		return graph_refuse(g, g->line, "'%s' is not of the form MODULE.PORT",
				    text ? text : "");
	*dot = '\0';
	into->module = module_find(g, text);
	if (into->module == NONE)
		return graph_refuse(g, g->line, "no module '%s' is named above", text);
	m = &g->module[into->module];
	for (into->channel = 0;; into->channel++) {
		rule = port_rule(m->type, into->channel, name);
		if (!rule)
			return graph_refuse(g, g->line,
					    "module '%s' (a %s) has no port '%s'", text,
					    m->type->name, dot + 1);
		if (!strcmp(name, dot + 1))
			break;
	}
	if (rule->kind != kind)
		return graph_refuse(g, g->line,
				    "port '%s' of module '%s' is %s, not %s", name,
				    text, kinds[rule->kind], kinds[kind]);
	*dot = '.';
	return 0;
}
