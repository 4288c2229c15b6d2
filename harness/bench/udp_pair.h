/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_pair.h - the pair of lines that an experiment of kind udp judges: what a datagram
 * takes of the server's CPU, at a rate at which neither is at its end, in blocks that
 * have nothing else.  They are numbered after the suite's. */
#ifndef DUALITY_BENCH_UDP_PAIR_H
#define DUALITY_BENCH_UDP_PAIR_H

#include <stdio.h>

#include "harness/bench/run.h"
#include "harness/bench/udp.h"

enum { UDP_PAIR_FIRST, UDP_PAIR_SECOND, UDP_PAIR_TWIN, UDP_PAIR_ENTRIES };

struct udp_pair {
	const struct entry *entry[UDP_PAIR_ENTRIES]; /* the twin, the second's: or NULL
						      */
	const struct udp_way *way[UDP_PAIR_ENTRIES];
};

/* That of the experiment's `pairs`, "VARIANT/WAY:VARIANT/WAY".  False: there is none,
 * or not both take part here. */
bool udp_pair_find(const struct run *r, const struct experiment *e,
		   struct udp_pair *out);

/* NULL, or what is wrong with what the experiment says of its pair. */
const char *udp_pair_check(const struct experiment *e);

/* Write FOLDER/udp-pairs.tsv where an experiment has a pair.  0 or -errno. */
int udp_pairs_write(const struct run *r);

/* Tell the verdict on the terminal. */
void udp_pair_print(const struct run *r, const struct experiment *e, FILE *to);
#endif
