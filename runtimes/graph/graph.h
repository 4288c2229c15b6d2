/* SPDX-License-Identifier: BSD-2-Clause */
/* graph.h - modules joined as a text file says (docs/graphs.md has its syntax), placed
 * on one thread, on several, or each in a process of its own: the same objects either
 * way. */
#ifndef DUALITY_GRAPH_H
#define DUALITY_GRAPH_H

#include "module.h"

#include <stdatomic.h>
#include <stdio.h>

enum graph_placement {
	GRAPH_AS_WRITTEN, /* what the file says; where it does not: one */
	GRAPH_ONE,        /* all modules on one thread, by priority */
	GRAPH_CORES,      /* a thread for each core the file names */
	GRAPH_THREADS,    /* a thread each */
	GRAPH_PROCESSES, /* a process each, which has mapped what the graph grants it */
};

enum { GRAPH_ERROR = 512 };

/* One line, without a newline: "FILE:LINE: what". */
struct graph_error {
	char text[GRAPH_ERROR];
};

struct graph;

/* Read a file, of modules of these types (up to a NULL), which must last.  Returns 0,
 * or -errno with an error: -EINVAL: the file is refused. */
int graph_read(struct graph **out, const char *path,
	       const struct module_type *const *types, struct graph_error *error);
/* The same of an open file, which is closed; name is what errors call it. */
int graph_read_from(struct graph **out, FILE *file, const char *name,
		    const struct module_type *const *types, struct graph_error *error);
/* The same of a string. */
int graph_read_text(struct graph **out, const char *text, const char *name,
		    const struct module_type *const *types, struct graph_error *error);
void graph_free(struct graph *g);

/* "one", "cores", "threads", "processes" to placement.  Returns 0 or -EINVAL. */
int graph_placement(const char *name, enum graph_placement *placement);

/* As a drawing, for dot(1): modules in boxes (those of one core together), rings as
 * arrows, regions and who may write them. */
void graph_draw(const struct graph *g, FILE *out);
/* The same of a file.  Returns 0, or as graph_read does, or what writing it failed
 * with. */
int graph_draw_file(const char *path, const struct module_type *const *types, FILE *out,
		    struct graph_error *error);

struct graph_settings {
	enum graph_placement placement;
	void *program;        /* module->program of all */
	uint64_t stopping_ms; /* so long may modules take to stop; 0: 5,000 */
	bool cores_counted;   /* core=N is the N-th that this process may use, counted
				 round */
	bool signals;         /* SIGTERM and SIGINT call graph_stop */
	bool fences; /* between modules of one thread too, which need none: so what they
			cost can be measured */
	bool (*stopping)(void); /* asked after each signal: shall it stop?  Or NULL */
	/* A module that crashed is begun again: what became of it.  Or NULL. */
	void (*restarts)(void *program, const char *text);
	void (*ready)(void *program); /* all modules have begun; or NULL */
};

/* Run until every module is done.  Returns 0, or -errno with an error: -ENODEV: there
 * is no such core; -ECHILD: a module crashed; -ETIME: one did not return within its
 * budget, or did not stop in time; what a module failed with.  A thread cannot be
 * ended: where one did not return the program is to end soon, and graph_free does
 * nothing. */
int graph_run(struct graph *g, const struct graph_settings *settings,
	      struct graph_error *error);

/* Notify all modules at CHANNEL_STOP.  From any thread, or a signal handler. */
void graph_stop(struct graph *g);

/* What a module did: while the graph runs, and after. */
struct module_counts {
	_Atomic uint64_t notified; /* calls of notified */
	_Atomic uint64_t slept;    /* its thread slept, having nothing to do */
	_Atomic uint64_t sent;     /* signals to modules of other threads, */
	_Atomic uint64_t elided;   /* and those that nobody had asked for */
	_Atomic uint64_t woken;    /* of those sent: the thread was asleep */
	_Atomic uint64_t lives;    /* how often it was begun */
	_Atomic uint64_t fences;   /* full ones */
};

/* Of a module of this name; NULL: there is none, or nothing ran. */
const struct module_counts *graph_counts(const struct graph *g, const char *module);

/* The name of module i, from 0 on; NULL: there are no more. */
const char *graph_module(const struct graph *g, int i);

/* Signals over a ring, of messages and of room, to threads other than the sender's: */
struct ring_signals {
	uint64_t sent;
	uint64_t elided; /* not asked for, when something was put or taken */
};

/* Of a ring of this name, by both its ends; false: there is none, or nothing ran. */
bool graph_signals(const struct graph *g, const char *ring, struct ring_signals *out);

/* A region, as the supervisor sees it: read-only; NULL: there is none, or nothing ran.
 */
const void *graph_region(struct graph *g, const char *region, uint64_t *bytes);
#endif
