/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h - the words of a line of a graph file.  All of these return 0, or -EINVAL
 * when they have refused the line. */
#ifndef DUALITY_GRAPH_WORDS_H
#define DUALITY_GRAPH_WORDS_H

#include "tables.h"

extern const char blanks[]; /* what is between words */

/* NAME=VALUE words that a line may have. */
struct key {
	const char *name;
	const char *value; /* found; or NULL */
};

/* The index of a row by its name; or NONE. */
int ring_find(const struct graph *g, const char *name);
int region_find(const struct graph *g, const char *name);

/* Take a name for a row that is about to be added: all names are of one space, so that
 * an error can name whatever it is about. */
int name_take(struct graph *g, const char *kind, const char *name, char *into);

/* Sort the words that are left into keys (up to one without a name).  One that is none
 * of them goes to `other`, if there is that. */
int keys_read(struct graph *g, char **rest, struct key *keys,
	      int (*other)(struct graph *g, char *name, char *value));

/* No text: *into stays. */
int number_read(struct graph *g, const char *what, const char *text, uint64_t low,
		uint64_t high, uint64_t *into);

/* "64K", "4M", "1G" or plain bytes: a power of two, at least `low`. */
int size_read(struct graph *g, const char *text, uint64_t low, uint64_t *bytes);

/* Find MODULE.PORT, of this kind. */
int port_read(struct graph *g, char *text, enum port_kind kind,
	      struct graph_port *into);
#endif
