/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.h - a connection in event style: session.c turned inside out.  What was a
 * line of code is a state, what was a local variable is a field.  The machine does no
 * I/O; a loop asks what it wants, does that, and tells it what came of it. */
#ifndef DUALITY_MACHINE_H
#define DUALITY_MACHINE_H

#include "service.h"

enum want {
	WANT_READ,  /* machine_room, then machine_got; within machine_timeout_ns */
	WANT_WRITE, /* machine_output, then machine_sent */
	WANT_LOAD,  /* machine_load anywhere, then machine_done */
	WANT_WAIT,  /* machine_timeout_ns, then machine_done */
	WANT_SPIN,  /* machine_spin, then machine_done */
	WANT_FAN,   /* the parallel waits of machine_fan, then machine_done */
	WANT_SHUT,  /* shut the sending side down, then machine_shut */
	WANT_CLOSE, /* machine_free, and close */
};

/* Between input and effect, and between effect and output.  A machine takes these by
 * itself, unless it goes by steps: then whoever drives it says when, and where. */
enum step {
	STEP_NONE,   /* what it wants is I/O or an effect: machine_wants */
	STEP_PARSE,  /* the next request, if it is whole */
	STEP_ROUTE,  /* what the request means */
	STEP_LOOKUP, /* its file, in the cache */
	STEP_PAGE,   /* its page, which is no file */
	STEP_REPLY,  /* the reply to what came of it */
};

/* Small, so that an idle connection is: buffer and exchange live only while bytes wait.
 */
struct machine {
	const struct service *service;
	struct work *work;
	enum want want;
	enum step step;
	bool by_steps; /* set after machine_init: machine_step is called from outside */
	bool lingering; /* the reply is out and final: input is thrown away */
	bool drained;   /* machine_drive's last read had room for more than there was */
};

void machine_init(struct machine *m, const struct service *service);

/* Release what it holds; in any state. */
void machine_free(struct machine *m);

/* A thread that drove machines, unless by steps, ends while the program goes on: give
 * back the room that it keeps for its next request. */
void machine_thread_end(void);

enum want machine_wants(const struct machine *m);

/* By steps: the one that is due, and to take it; at STEP_LOOKUP and STEP_PAGE
 * machine_done may refuse it instead. */
enum step machine_due(const struct machine *m);
void machine_step(struct machine *m);

/* Where input goes: *len bytes.  NULL: out of memory, close the connection. */
char *machine_room(struct machine *m, size_t *len);

/* n bytes came; 0: the peer sends no more; -EAGAIN: nothing yet (the room is given
 * back); other -errno: the connection broke. */
void machine_got(struct machine *m, ssize_t n);

/* What to send: at most EXCHANGE_PIECES pieces.  Returns their number. */
int machine_output(const struct machine *m, struct iovec *iov);

/* Part of that is a file's mapping.  If the file becomes shorter these bytes are gone:
 * the kernel may copy them (EFAULT), we may not (SIGBUS). */
bool machine_output_is_mapped(const struct machine *m);

/* n bytes went, or -errno. */
void machine_sent(struct machine *m, ssize_t n);

/* Perform WANT_LOAD, blocking; any thread may, while no other touches the machine. */
int machine_load(struct machine *m);

/* Or in steps, as cache_load_begin has them: 1: read into machine_load_iov, and tell
 * machine_load_got; 0 or -errno: over, for machine_done.  -EAGAIN (resident only): it
 * would block; perform it in another way.  The load is the machine's. */
int machine_load_begin(struct machine *m, bool resident);
const struct cache_load *machine_loading(const struct machine *m);
int machine_load_got(struct machine *m, ssize_t n);

/* STEP_REPLY: how long its body will be, in bytes; 0: none was found. */
uint64_t machine_body_size(const struct machine *m);

/* The file WANT_LOAD is about, for who loads it elsewhere; lasts until machine_done. */
const char *machine_path(const struct machine *m);

/* Perform WANT_SPIN, here or (by service_spin) elsewhere for machine_spin_ns. */
void machine_spin(struct machine *m);
uint64_t machine_spin_ns(const struct machine *m);
const struct fan *machine_fan(const struct machine *m);

/* It waits for neither input nor room for output: LOAD, WAIT, SPIN, FAN. */
bool machine_is_busy(const struct machine *m);

/* LOAD, WAIT, SPIN or FAN ended with 0 or -errno; a load in steps that fails here is
 * given up. */
void machine_done(struct machine *m, int result);
void machine_shut(struct machine *m);

/* WANT_WAIT: how long.  WANT_READ: how long at most, then close; 0: no limit. */
uint64_t machine_timeout_ns(const struct machine *m);

/* For readiness loops: move bytes between fd and the machine until it would block, or
 * wants what is not I/O, or a step.  *may_read: true when the loop wakes up; one read
 * makes it false, so that a client that never stops sending cannot keep the others from
 * their turn. */
enum want machine_drive(struct machine *m, int fd, bool *may_read);

/* Perform LOAD or SPIN right here, stopping whoever calls: a plain event loop. */
void machine_block(struct machine *m);
#endif
