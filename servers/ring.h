/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - an event loop on io_uring(7), with how clients are accepted and input is
 * received left open: uring.c and uring-multishot.c are the two answers.  A loop is
 * told that an operation has ended, not that it may begin.  A thread may have a ring of
 * its own. */
#ifndef DUALITY_RING_H
#define DUALITY_RING_H

#include "machine.h"
#include "setup.h"

#include <liburing.h>

struct ring;
struct connection;

/* What is, or was, in the kernel's hands; its address comes back with the completion.
 * Embed it in what has to last until then. */
struct operation {
	void (*ended)(struct operation *o, int result, unsigned flags);
	struct connection *connection; /* NULL: the listener's */
	unsigned pending;              /* completions to come */
};

/* It is freed when nothing of it is pending any more: no completion finds it gone. */
struct connection {
	struct ring *ring;
	struct connection *next; /* in the queue for a place */
	int fd;
	bool closing;           /* as soon as nothing is pending */
	int joined;             /* what the parts of a /fan have come to so far */
	struct operation input; /* the way's */
	struct operation work;  /* a send, a step of a load, the parts of a /fan */
	struct operation timer; /* a wait, the linger, a part that fails */
	struct held *held;      /* the way's: input that came too early, */
	struct held **held_end;
	bool cancelled; /* and was asked to pause */
	struct machine machine;
};

struct way {
	/* Fill the entry that accepts: one client, or all that come. */
	void (*accept)(struct io_uring_sqe *e, const struct server *s);

	/* Input is wanted.  Returns true if the machine has got it (machine_got), false
	 * if it comes later: then machine_got and ring_advance are due. */
	bool (*receive)(struct connection *c);

	/* Input for a connection that is closing; or NULL. */
	void (*discard)(unsigned flags);

	/* The connection is closed, and freed next; or NULL. */
	void (*closed)(struct connection *c);
};

struct ring {
	struct io_uring io;
	struct server *server;
	const struct way *way;
	struct operation listener;
	bool paused;                      /* accepting, until there is a place */
	bool failed;                      /* accepting by the ring, the last time */
	unsigned connections;             /* that have a place */
	struct connection *first, **last; /* accepted, and without a place */
	struct details *details;          /* of the queue's entries */
};

/* Make a ring for this server; a failure ends the program. */
void ring_setup(struct ring *r, struct server *s, const struct way *way);

/* Serve until the server is stopping and the last connection has ended. */
void ring_run(struct ring *r);

/* A free entry of the queue of submissions: fill it (io_uring_prep_*), then hand it to
 * ring_issue.  It is submitted with all others, when the loop has nothing else to do.
 */
struct io_uring_sqe *ring_entry(struct ring *r);
void ring_issue(struct io_uring_sqe *e, struct operation *o,
		void (*ended)(struct operation *o, int result, unsigned flags));

/* Have what is pending of o end; it still does so through its completions. */
void ring_cancel(struct ring *r, struct operation *o);

/* Let the machine run until something of it is in the kernel's hands. */
void ring_advance(struct connection *c);

/* End the connection, whatever it is doing. */
void ring_close(struct connection *c);

/* Accept as long as there are places (server_full), else pause.  Call it when there may
 * be one again. */
void ring_listen(struct ring *r);

/* Let go of who waits for a place. */
void ring_listen_end(struct ring *r);
#endif
