/* SPDX-License-Identifier: BSD-2-Clause */
/* duo.h - two sides that begin together, somewhere, and whether they were left alone.
 */
#ifndef DUALITY_RING_DUO_H
#define DUALITY_RING_DUO_H

#include <stdbool.h>
#include <stddef.h>

enum duo_place {
	DUO_THREAD,    /* one thread is both sides, one after the other */
	DUO_SMT,       /* two threads on one core that has several hardware threads */
	DUO_CORES,     /* two threads, a core each */
	DUO_PROCESSES, /* two processes, on the same cores */
	DUO_PLACES
};

extern const char *const duo_places[DUO_PLACES];

struct duo {
	enum duo_place place;
	void (*one)(void *arg), (*two)(void *arg); /* two: what is timed */
	void *arg; /* of duo_memory where there are processes */
	double ns;
	bool preempted; /* the kernel's scheduler gave either's processor to another */
};

/* Which processors there are to choose from, n of them; before all else.  0, or -errno:
 * one of them is not there. */
int duo_cpus(const int *cpu, int n);

/* Why nothing can be at this place, or NULL. */
const char *duo_reason(enum duo_place place);

/* Zeroed memory, aligned to a page, that both have, be they threads or processes, until
 * the program ends; NULL with errno set. */
void *duo_memory(size_t bytes);

/* 0, or -errno. */
int duo_run(struct duo *d);

double duo_now_ns(void);
#endif
