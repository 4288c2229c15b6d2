/* SPDX-License-Identifier: BSD-2-Clause */
/* graph.c - a graph file as a whole: read, refused, let go of. */
#include "config.h"

#include "tables.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MOST = 256 << 10, LINE_MOST = 4096 }; /* of a file */

int graph_refuse(struct graph *g, int line, const char *format, ...)
{
	va_list args;
	int n = snprintf(g->error->text, GRAPH_ERROR, "%s:%d: ", g->path, line);

	if (n < 0 || n >= GRAPH_ERROR)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(g->error->text + n, GRAPH_ERROR - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

const struct port_rule *port_rule(const struct module_type *type, unsigned channel,
				  char name[GRAPH_NAME])
{
	const struct port_rule *rule = type->ports;

	for (; rule && rule->kind != PORT_NONE; rule++) {
		unsigned count = rule->count ? rule->count : 1;

		if (channel >= count) {
			channel -= count;
			continue;
		}
		if (name && rule->count)
			snprintf(name, GRAPH_NAME, "%s.%u", rule->name, channel);
		else if (name)
			snprintf(name, GRAPH_NAME, "%s", rule->name);
		return rule;
	}
	return NULL;
}

static const char *const placements[] = {"", "one", "cores", "threads", "processes"};

int graph_placement(const char *name, enum graph_placement *placement)
{
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++)
		if (!strcmp(placements[i], name)) {
			*placement = (enum graph_placement)i;
			return 0;
		}
	return -EINVAL;
}

static int tables_make(struct graph *g)
{
	g->module = calloc(GRAPH_MODULES, sizeof *g->module);
	g->region = calloc(GRAPH_MODULES, sizeof *g->region);
	g->ring = calloc(GRAPH_RINGS, sizeof *g->ring);
	g->channel = calloc(GRAPH_RINGS, sizeof *g->channel);
	g->grant = calloc(GRAPH_RINGS, sizeof *g->grant);
	return g->module && g->region && g->ring && g->channel && g->grant ? 0
									   : -ENOMEM;
}

static int line_read(struct graph *g, char *line, size_t bytes)
{
	g->line++;
	if (bytes > LINE_MOST)
		return graph_refuse(g, g->line, "a line of more than %d bytes",
				    LINE_MOST);
	if (memchr(line, '\0', bytes))
		return graph_refuse(g, g->line, "a NUL");
	line[bytes] = '\0';
	return graph_line(g, line);
}

/* There is a byte of room behind the text. */
static int lines_read(struct graph *g, char *text, size_t bytes)
{
	size_t most = bytes < BYTES_MOST ? bytes : BYTES_MOST;
	char *end;
	int err = 0;

	for (size_t at = 0; err == 0 && at < most; at = (size_t)(end - text) + 1) {
		end = memchr(text + at, '\n', most - at);
		if (!end && bytes > most)
			break;
		if (!end)
			end = text + bytes;
		err = line_read(g, text + at, (size_t)(end - text) - at);
	}
	if (err == 0 && bytes > most)
		err = graph_refuse(g, g->line + 1, "a graph of more than %d KiB",
				   BYTES_MOST >> 10);
	return err;
}

/* A file may never end: of no more than a graph may have a byte too many is read. */
static int text_read(struct graph *g, FILE *file)
{
	char *text = malloc(BYTES_MOST + 2);
	size_t bytes;
	int err = -ENOMEM;

	if (!text)
		return err;
	errno = 0;
	bytes = fread(text, 1, BYTES_MOST + 1, file);
	if (ferror(file)) {
		err = errno ? -errno : -EIO;
		snprintf(g->error->text, GRAPH_ERROR, "%s: cannot read: %s", g->path,
			 strerror(-err));
	} else {
		err = lines_read(g, text, bytes);
	}
	free(text);
	return err;
}

int graph_read_from(struct graph **out, FILE *file, const char *name,
		    const struct module_type *const *types, struct graph_error *error)
{
	struct graph *g = calloc(1, sizeof *g);
	int err = -ENOMEM;

	*out = NULL;
	snprintf(error->text, GRAPH_ERROR, "%s: %s", name, strerror(ENOMEM));
	if (!g)
		goto fail;
	g->error = error;
	g->types = types;
	g->path = strdup(name);
	if (!g->path || tables_make(g) < 0)
		goto fail;
	err = text_read(g, file);
	if (err == 0)
		err = graph_check(g);
	if (err < 0)
		goto fail;
	fclose(file);
	*out = g;
	error->text[0] = '\0';
	return 0;
fail:
	fclose(file);
	graph_free(g);
	return err;
}

/* file is NULL where it could not be opened: errno says why. */
static int graph_read_opened(struct graph **out, FILE *file, const char *name,
			     const struct module_type *const *types,
			     struct graph_error *error)
{
	int err = -errno;

	if (file)
		return graph_read_from(out, file, name, types, error);
	*out = NULL;
	snprintf(error->text, GRAPH_ERROR, "%s: %s", name, strerror(-err));
	return err;
}

int graph_read(struct graph **out, const char *path,
	       const struct module_type *const *types, struct graph_error *error)
{
	return graph_read_opened(out, fopen(path, "re"), path, types, error);
}

int graph_read_text(struct graph **out, const char *text, const char *name,
		    const struct module_type *const *types, struct graph_error *error)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	return graph_read_opened(out, file, name, types, error);
}

void graph_free(struct graph *g)
{
	if (!g || !runner_free(g->runner))
		return;
	/* one more: that which was being read when it was refused */
	for (int i = 0; g->module && i <= g->modules && i < GRAPH_MODULES; i++)
		for (int k = 0; k < g->module[i].options; k++) {
			free(g->module[i].option[k].name);
			free(g->module[i].option[k].value);
		}
	free(g->module);
	free(g->ring);
	free(g->channel);
	free(g->region);
	free(g->grant);
	free(g->path);
	free(g);
}
