/* SPDX-License-Identifier: BSD-2-Clause */
/* module.h - what a module is, and all it may do.  A module is sequential: its
 * functions are called one after the other, by whoever runs the graph.  It does not
 * know on which core that is, nor in which thread or process (Heiser, COMP9242 2025,
 * lecture 2b: LionsOS components; docs/graphs.md).
 *
 * It asks for room downstream before it takes from upstream, does what it can, and
 * returns: it never waits.  A port that refused it (nothing there, no room) is watched
 * from then on, and the module notified when that has changed. */
#ifndef DUALITY_MODULE_H
#define DUALITY_MODULE_H

#include "runtimes/ring/pool.h"

#include <stdbool.h>
#include <stdint.h>

enum port_kind {
	PORT_NONE,    /* ends a table of ports */
	PORT_IN,      /* messages come: the consumer's end of a ring */
	PORT_OUT,     /* messages go: the producer's end of a ring */
	PORT_REGION,  /* memory, shared as the graph grants it */
	PORT_CHANNEL, /* a signal without a message, in both directions */
};

/* A port, as a type of module declares it. */
struct port_rule {
	enum port_kind kind;
	const char *name;
	unsigned count; /* that many: NAME.0, NAME.1 ...; 0: one, NAME */
	bool optional;  /* the graph may leave it (of several: each) unconnected */
	bool writes;    /* PORT_REGION: it is no use unless it may be written */
	uint64_t bytes; /* PORT_REGION: at least; 0: any */
	bool alone;     /* PORT_REGION: no other port of this rule has the same */
	bool numbers; /* of several: who is joined to NAME.N is number N, and so is who
			 is joined to those; the graph must not contradict itself */
};

/* Channels are the ports in the order of the table, those of several one by one; beyond
 * them are these. */
enum {
	MODULE_PORTS = 60, /* at most */
	CHANNEL_DEADLINE = 62,
	CHANNEL_STOP = 63, /* the graph is stopping: bring it to an end, module_done */
};

struct module;

struct module_type {
	const char *name;
	const struct port_rule *ports;
	const char *const *options; /* the names of its own, up to a NULL; or NULL */
	const char *number; /* of these, what says which it is of several, 0 where it is
			       not set; NULL: none does */
	uint64_t state_bytes; /* of m->state, zero at first */
	bool restarts; /* it may crash and be begun again (restart=): what it must not
			  lose is in rings and regions alone */

	/* Returns 0, or -errno: the graph ends.  The ports are there already. */
	int (*init)(struct module *m);

	/* Something is to be seen to at this channel. */
	void (*notified)(struct module *m, unsigned channel);

	/* A descriptor it watches is ready (epoll_ctl(2)); NULL: it watches none. */
	void (*ready)(struct module *m, void *watched, uint32_t events);
};

/* One end of a ring, a region, or an end of a channel.  Its fields are for the
 * functions below. */
struct port {
	struct ring_end end;
	enum port_kind kind;  /* PORT_NONE: not connected */
	struct port *counted; /* of a way out: its answers come in there; */
	struct port *counts;  /* of that way in: the way out */
	uint32_t unanswered, answers_most; /* of the way out */
	struct peer *peer;                 /* the module at the other end */
	const struct pool *pool; /* of the buffers the ring carries; or NULL */
	void *memory; /* PORT_REGION, and the region that what the ring carries is in */
	uint64_t bytes;
};

struct module {
	const char *name;
	const struct module_type *type;
	void *state;
	void *program;   /* what the program gave graph_run for all modules */
	unsigned lives;  /* how often it was begun before: it crashed, and was restarted
			  */
	uint32_t number; /* from 1, in the file's order: as an owner of buffers */
	uint64_t used, refused; /* channels, in this turn */
	struct port *ports;
};

/* The value of an option; NULL: the graph does not set it. */
const char *module_option(const struct module *m, const char *name);
/* The same as a number from low to high, into *number, which stays where the graph does
 * not set it.  Returns 0, or -EINVAL with module_fail called. */
int module_number(struct module *m, const char *name, uint64_t low, uint64_t high,
		  uint64_t *number);

static inline bool port_connected(const struct module *m, unsigned channel)
{
	return m->ports[channel].kind != PORT_NONE;
}

/* For the functions below: n buffers leave the module, or have come to it.  False: they
 * are no buffers of the pool or (where the build checks that) belong to another; the
 * module has failed. */
bool port_gives(struct module *m, unsigned channel, const struct ring_item *items,
		uint32_t n);
bool port_takes(struct module *m, unsigned channel, const struct ring_item *items,
		uint32_t n);

/* How many messages can be put at once, up to `most`.  0: none, and the module is
 * notified when there is room again, for half the ring if it was full. */
static inline uint32_t port_room(struct module *m, unsigned channel, uint32_t most)
{
	struct port *p = &m->ports[channel];
	uint32_t room = ring_room(&p->end, most);

	if (p->counted && room > p->answers_most - p->unanswered)
		room = p->answers_most - p->unanswered;
	if (room == 0)
		m->refused |= UINT64_C(1) << channel;
	return room < most ? room : most;
}

/* Put n messages, which port_room has answered for.  Buffers of a pool are given away.
 */
static inline void port_put(struct module *m, unsigned channel,
			    const struct ring_item *items, uint32_t n)
{
	struct port *p = &m->ports[channel];

	if (p->pool && !port_gives(m, channel, items, n))
		return;
	p->unanswered += n;
	m->used |= (uint64_t)(n > 0) << channel;
	ring_put(&p->end, items, n);
}

/* How many messages are there, up to `most`.  Fewer than that: the module is notified
 * when more come. */
static inline uint32_t port_filled(struct module *m, unsigned channel, uint32_t most)
{
	struct port *p = &m->ports[channel];
	uint32_t filled = ring_filled(&p->end, most);

	if (filled < most)
		m->refused |= UINT64_C(1) << channel;
	return filled < most ? filled : most;
}

/* Take up to n messages; returns how many.  Fewer: as port_filled. */
static inline uint32_t port_get(struct module *m, unsigned channel,
				struct ring_item *items, uint32_t n)
{
	struct port *p = &m->ports[channel];
	uint32_t got = ring_get(&p->end, items, n);

	if (got < n)
		m->refused |= UINT64_C(1) << channel;
	if (p->counts)
		p->counts->unanswered -= got;
	m->used |= (uint64_t)(got > 0) << channel;
	return !p->pool || port_takes(m, channel, items, got) ? got : 0;
}

/* In two steps, for a module that is restarted when it crashes: what it looked at and
 * did not take is there again in its next life.  i is less than what port_filled said.
 */
static inline struct ring_item port_look(const struct module *m, unsigned channel,
					 uint32_t i)
{
	const struct ring_end *end = &m->ports[channel].end;
	struct ring_item item;

	memcpy(&item, end->slot + ((end->at + i) & end->mask) * sizeof item,
	       sizeof item);
	return item;
}

static inline void port_took(struct module *m, unsigned channel, uint32_t n)
{
	struct port *p = &m->ports[channel];

	for (uint32_t i = 0; p->pool && i < n; i++) {
		struct ring_item item = port_look(m, channel, i);

		if (!port_takes(m, channel, &item, 1))
			return;
	}
	if (p->counts)
		p->counts->unanswered -= n;
	m->used |= (uint64_t)(n > 0) << channel;
	ring_took(&p->end, n);
}

/* The module at the other end is done: no message will come beyond those that are
 * there, or none be taken.  Whoever is at this end is notified of that. */
bool port_ended(const struct module *m, unsigned channel);

/* The memory of a region, or of the one that what a ring carries is in: *bytes of it.
 * It lies at another address in each process, so messages have offsets. */
void *port_memory(const struct module *m, unsigned channel, uint64_t *bytes);

/* While the module begins, and once in the life of each buffer: n buffers of the pool
 * that this ring carries, from the first on, are this module's. */
void port_stock(struct module *m, unsigned channel, uint32_t first, uint32_t n);

/* Signal at a PORT_CHANNEL: who is at its other end is notified, once for all signals
 * up to then. */
void port_signal(struct module *m, unsigned channel);

/* Notify me again at this channel, soon: I have more to do, and let others go first. */
void module_again(struct module *m, unsigned channel);

/* Notify me at CHANNEL_DEADLINE when it is due_ns on timer_now's clock; 0: do not. */
void module_deadline(struct module *m, uint64_t due_ns);

/* Tell me of these events of fd, by `ready`, as epoll_ctl(2) has it; called again, with
 * the events that are wanted now.  For a type that has `ready`.  Returns 0 or -errno.
 */
int module_watch(struct module *m, int fd, uint32_t events, void *watched);
/* No more, nor what is known of it already; before fd is closed. */
void module_unwatch(struct module *m, int fd);

/* The module has come to its end: it is not called again, and its neighbours see
 * port_ended.  The graph ends when all have. */
void module_done(struct module *m);

/* The module cannot go on: the graph ends with this -errno and text. */
void module_fail(struct module *m, int error, const char *text);
#endif
