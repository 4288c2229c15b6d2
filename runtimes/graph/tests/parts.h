/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.h - modules to test graphs with. */
#ifndef DUALITY_GRAPH_TESTS_PARTS_H
#define DUALITY_GRAPH_TESTS_PARTS_H

#include "runtimes/graph/graph.h"

/* source (out; messages=N, mark=M), transform (in, out), merge (in.0, in.1, out), sink
 * (in, result; every=US: it takes one, so often; one=1: one a turn; most=N: then it is
 * done); lender (out, back; messages=N), borrower (in, back): buffers of a pool, and
 * back; asker (out, answers; messages=N), answerer (in, out); bell (peer; rings=N);
 * pipe (result; messages=N): a descriptor that it watches;
 * teller (result): writes down who was called when; lurker (memory; on=...): waits to
 * be stopped, or does what it should not. */
extern const struct module_type *const parts[];
extern const struct module_type part_source, part_transform, part_mortal, part_merge,
	part_sink, part_lender, part_borrower, part_asker, part_answerer, part_bell,
	part_pipe, part_lurker, part_teller;

uint64_t mix(uint64_t x);
int nothing_init(struct module *m);

/* What a sink writes to `result`: of the messages of each mark a hash that depends on
 * their order, and how many came. */
enum { MARKS = 4 };
struct result {
	uint64_t hash[MARKS], count[MARKS];
	uint64_t disorder; /* messages whose neighbour was not the one before */
};

/* Write a graph to a file, and read it. */
int graph_text(struct graph **g, const char *text, struct graph_error *error);

/* The same, run in a placement; it must end well.  The result is copied from the region
 * `result`.  Free what is returned, if it is wanted for its counts. */
struct graph *graph_done(const char *text, enum graph_placement placement,
			 struct result *result);
struct graph *graph_done_by(const char *text, const struct graph_settings *settings,
			    struct result *result);
#endif
