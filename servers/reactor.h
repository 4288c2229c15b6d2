/* SPDX-License-Identifier: BSD-2-Clause */
/* reactor.h - the loop of epoll.c once more, taken apart, for the variants that differ
 * from it only in how they perform what takes time.  Read epoll.c first; each of them
 * is then the few lines that are different.  A thread may have a reactor of its own. */
#ifndef DUALITY_REACTOR_H
#define DUALITY_REACTOR_H

#include "fan_runs.h"
#include "machine.h"
#include "setup.h"

struct reactor;

/* A descriptor the loop waits for.  Embed it; the owner opens and closes fd. */
struct watch {
	int fd;
	uint32_t armed; /* the events epoll watches for; 0: it does not */
	void (*ready)(struct reactor *r, struct watch *w, uint32_t events);
};

struct connection {
	struct watch watch;
	struct reactor *reactor;
	struct timer timer;
	struct fan_timers *fan;
	struct machine machine;
	struct connection *next; /* for the way: a queue it may stand in, */
	uint64_t left_ns;        /* and what is left to do there */
};

/* How a LOAD or a SPIN is performed. */
struct way {
	/* Returns true if it is done and machine_done was called; else reactor_resume
	 * comes later. The connection lasts until then, whatever its client does. */
	bool (*perform)(struct connection *c, enum want want);

	/* After each turn, or NULL.  Returns true if there is more to do at once. */
	bool (*background)(struct reactor *r);

	bool forks; /* children may hold a connection for a moment after it ended */
};

struct reactor {
	struct server *server;
	const struct way *way;
	struct watch listener;
	struct timer_heap timers;
	struct timer retry;        /* accepting, while `waiting` */
	struct connection *closed; /* in this turn: it may still come upon them */
	unsigned live;             /* connections of this reactor */
	bool waiting;              /* for a place that another's connection leaves */
	unsigned turns;            /* begun so far */
	int epfd;
};

/* Set up for this listener, which becomes non-blocking; a failure ends the program. */
void reactor_setup(struct reactor *r, struct server *s, int listener,
		   const struct way *way);

/* Serve until the server is stopping and the last connection has ended; nothing of the
 * reactor is left then. */
void reactor_run(struct reactor *r);

/* One turn: wait (unless `poll`) until something is ready, and see to it. */
void reactor_turn(struct reactor *r, bool poll);

/* What perform left undone has come to this result; on the reactor's thread. */
void reactor_resume(struct connection *c, int result);

/* Wait for these events of w->fd, level-triggered; 0: none, not even its end.  Returns
 * 0 or -errno. */
int reactor_watch(struct reactor *r, struct watch *w, uint32_t events);
#endif
