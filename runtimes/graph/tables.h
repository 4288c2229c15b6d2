/* SPDX-License-Identifier: BSD-2-Clause */
/* tables.h - what a graph file says, as tables; names are resolved to indices. */
#ifndef DUALITY_GRAPH_TABLES_H
#define DUALITY_GRAPH_TABLES_H

#include "graph.h"

enum {
	GRAPH_NAME = 32,    /* of a module, ring, region, channel; with its NUL */
	GRAPH_MODULES = 64, /* in one graph, and as many regions */
	GRAPH_RINGS = 512,  /* and as many channels, and grants */
	GRAPH_OPTIONS = 16, /* of one module */
	NONE = -1
};

struct graph_option {
	char *name, *value;
};

/* What a port is joined to: an index into the table that is meant. */
struct graph_joint {
	int ring, channel, grant; /* one of them, or all NONE */
};

struct graph_module {
	char name[GRAPH_NAME];
	const struct module_type *type;
	int line, core, priority, restarts; /* core: NONE: any */
	uint64_t budget_ms;                 /* 0: none */
	struct graph_option option[GRAPH_OPTIONS];
	int options;
	struct graph_joint joint[MODULE_PORTS];
};

struct graph_port {
	int module;
	unsigned channel;
};

struct graph_ring {
	char name[GRAPH_NAME];
	int line;
	struct graph_port from, to;
	uint32_t slots;
	int answers, carries; /* a ring, a region; or NONE */
	int answered;         /* the ring that answers this one, or NONE */
};

struct graph_channel {
	char name[GRAPH_NAME];
	int line;
	struct graph_port end[2];
};

struct graph_region {
	char name[GRAPH_NAME];
	int line;
	uint64_t bytes;
	uint32_t buffer_bytes; /* it is a pool of buffers of this size; 0: it is not */
};

struct graph_grant {
	int line, region;
	struct graph_port to;
	bool writes;
};

struct graph {
	char *path;
	const struct module_type *const *types;
	struct graph_error *error; /* while it is read or run */
	int line;                  /* being read */
	enum graph_placement placement;
	int placement_line;
	struct graph_module *module;
	struct graph_ring *ring;
	struct graph_channel *channel;
	struct graph_region *region;
	struct graph_grant *grant;
	int modules, rings, channels, regions, grants;
	struct runner *runner; /* while it runs, and until graph_free */
};

/* Refuse: the text with the file and this line before it.  Returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int graph_refuse(struct graph *g, int line,
						       const char *format, ...);

/* A port of a type, by its channel: its rule, or NULL.  Its name, as in the file, goes
 * to name (NULL: no). */
const struct port_rule *port_rule(const struct module_type *type, unsigned channel,
				  char name[GRAPH_NAME]);

/* One line of the file, which is changed.  Returns 0 or -EINVAL. */
int graph_line(struct graph *g, char *text);

/* What only the whole file shows.  Returns 0 or -EINVAL. */
int graph_check(struct graph *g);

/* Is no module of two numbers (port_rule)?  Returns 0 or -EINVAL. */
int graph_numbers(struct graph *g);

/* May the graph grant this module the region?  NONE, or the index of the grant that
 * gives it most. */
int graph_granted(const struct graph *g, int module, int region);

/* False: a module that did not return has its thread yet, and needs all this. */
bool runner_free(struct runner *r);
#endif
