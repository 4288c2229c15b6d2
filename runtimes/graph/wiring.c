/* SPDX-License-Identifier: BSD-2-Clause */
/* wiring.c - in the process that is to run them: modules, and their ports joined to
 * what they are granted and to nothing else. */
#include "config.h"

#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct resident *resident_make(struct runner *r, int module, struct executor *e)
{
	const struct graph_module *row = &r->g->module[module];
	struct resident *s = calloc(1, sizeof *s);
	int channels = 0;

	if (!s)
		return NULL;
	r->resident[module] = s;
	while (port_rule(row->type, (unsigned)channels, NULL))
		channels++;
	s->module.name = row->name;
	s->module.type = row->type;
	s->module.program = r->settings.program;
	s->module.number = (uint32_t)module + 1;
	/* aligned: a port has its own lines */
	s->module.ports = aligned_alloc(RING_LINE, (size_t)(channels + 1) *
							   sizeof *s->module.ports);
	s->peers = calloc((size_t)channels + 1, sizeof *s->peers);
	s->module.state = calloc(1, row->type->state_bytes + 1);
	s->executor = e;
	s->index = module;
	s->priority = row->priority;
	s->channels = channels;
	s->status = memory_map(&r->status[module], true);
	if (!s->status || !s->peers || !s->module.ports || !s->module.state)
		return NULL;
	for (int i = 0; i < channels; i++)
		s->module.ports[i] = (struct port){.kind = PORT_NONE};
	s->module.lives = (unsigned)atomic_load(&s->status->counts.lives);
	e->resident[e->residents++] = s;
	e->living++;
	return s;
}

void resident_free(struct resident *s)
{
	if (!s)
		return;
	free(s->module.ports);
	free(s->module.state);
	free(s->peers);
	free(s);
}

/* How a module reaches another. */
static int peer_find(struct runner *r, const struct resident *s, struct peer *peer,
		     const struct graph_port *to)
{
	int executor = r->executor_of[to->module];
	struct station *station;

	peer->channel = to->channel;
	peer->caller.eventfd = r->executor[executor].eventfd;
	if (executor == s->executor->index) {
		peer->local = r->resident[to->module];
		return 0;
	}
	station = memory_map(&r->station[executor], true);
	if (!station)
		return -errno;
	peer->caller.bell = &station->bell;
	peer->pending = &station->pending[to->module];
	return 0;
}

/* The memory of a region, as the module is granted it; and as a pool. */
static int region_map(struct runner *r, const struct resident *s, int region,
		      struct port *p)
{
	int grant = graph_granted(r->g, s->index, region);
	bool writes = r->g->grant[grant].writes;
	struct pool *pool = writes ? &r->pool[region] : &r->pool_readable[region];
	const struct graph_region *row = &r->g->region[region];
	void *owners = NULL;

	p->memory = memory_map(&r->region[region], writes);
	p->bytes = row->bytes;
	if (row->buffer_bytes && r->owners[region].bytes)
		owners = memory_map(&r->owners[region], true);
	if (!p->memory || (r->owners[region].bytes && !owners))
		return -errno;
	if (row->buffer_bytes == 0)
		return 0;
	p->pool = pool;
	return pool_open(pool, p->memory, row->bytes,
			 (uint32_t)(row->bytes / row->buffer_bytes), row->buffer_bytes,
			 owners);
}

/* How far a side of a ring has come since the ring was made. */
static uint32_t port_passed(const struct port *p)
{
	return p->end.at - (0 - (p->end.mask + 1) / 2); /* as ring_init has it */
}

static int ring_wire(struct runner *r, struct resident *s, unsigned channel, int ring)
{
	const struct graph_ring *row = &r->g->ring[ring];
	bool produces = row->from.module == s->index && row->from.channel == channel;
	enum ring_side side = produces ? RING_PRODUCER : RING_CONSUMER;
	struct port *p = &s->module.ports[channel];
	struct peer *peer = &s->peers[channel];
	struct wire *wire = memory_map(&r->ring[ring], true);
	int err;

	if (!wire)
		return -errno;
	p->kind = produces ? PORT_OUT : PORT_IN;
	peer->asks = produces ? &wire->room : &wire->filled;
	peer->asked = produces ? &wire->filled : &wire->room;
	peer->ended = &wire->ended[side];
	peer->peer_ended = &wire->ended[!side];
	err = ring_open(&p->end, side, wire->ring, r->ring[ring].bytes - sizeof *wire,
			sizeof(struct ring_item));
	if (err == 0)
		err = peer_find(r, s, peer, produces ? &row->to : &row->from);
	if (err == 0 && row->carries != NONE)
		err = region_map(r, s, row->carries, p);
	return err;
}

/* An asker has no more unanswered than the ring of the answers holds. */
static void answers_wire(struct runner *r, struct resident *s, unsigned channel)
{
	const struct graph_joint *j = &r->g->module[s->index].joint[channel];
	struct port *asks = &s->module.ports[channel], *answers;
	const struct graph_ring *row = j->ring == NONE ? NULL : &r->g->ring[j->ring];

	if (asks->kind != PORT_OUT || row->answered == NONE)
		return;
	row = &r->g->ring[row->answered];
	answers = &s->module.ports[row->to.channel];
	asks->counted = answers;
	asks->answers_most = row->slots;
	asks->unanswered = port_passed(asks) - port_passed(answers);
	answers->counts = asks;
}

static int channel_wire(struct runner *r, struct resident *s, unsigned channel,
			int which)
{
	const struct graph_channel *row = &r->g->channel[which];
	bool first = row->end[0].module == s->index && row->end[0].channel == channel;

	s->module.ports[channel].kind = PORT_CHANNEL;
	return peer_find(r, s, &s->peers[channel], &row->end[first]);
}

static int resident_wire(struct runner *r, struct resident *s)
{
	const struct graph_module *row = &r->g->module[s->index];
	int err = 0;

	for (unsigned i = 0; i < (unsigned)s->channels && err == 0; i++) {
		const struct graph_joint *j = &row->joint[i];

		if (j->ring != NONE)
			err = ring_wire(r, s, i, j->ring);
		else if (j->channel != NONE)
			err = channel_wire(r, s, i, j->channel);
		else if (j->grant != NONE)
			err = region_map(r, s, r->g->grant[j->grant].region,
					 &s->module.ports[i]);
		if (j->grant != NONE)
			s->module.ports[i].kind = PORT_REGION;
	}
	for (unsigned i = 0; i < (unsigned)s->channels && err == 0; i++)
		answers_wire(r, s, i);
	return err;
}

/* The descriptors of an executor, one of whose modules watches some; never read, each
 * write to the eventfd is an edge (epoll(7)). */
static int executor_watch(struct executor *e)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET,
				    .data.u64 = UINT32_MAX};

	if (!e->watches)
		return 0;
	e->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (e->epfd < 0 || epoll_ctl(e->epfd, EPOLL_CTL_ADD, e->eventfd, &event) < 0)
		return -errno;
	return 0;
}

/* What the supervisor has mapped is none of a module's business. */
static void all_unmap(struct runner *r)
{
	for (int i = 0; i < GRAPH_MODULES; i++) {
		memory_unmap(&r->status[i]);
		memory_unmap(&r->station[i]);
		memory_unmap(&r->region[i]);
		memory_unmap(&r->owners[i]);
		r->seen[i] = NULL;
	}
	for (int i = 0; i < GRAPH_RINGS; i++)
		memory_unmap(&r->ring[i]);
}

/* Nor can it map more.  Of the eventfds it keeps those of modules it signals. */
static void all_close(struct runner *r, const struct executor *only)
{
	for (int i = 0; i < GRAPH_MODULES; i++) {
		struct executor *e = &r->executor[i];

		if (only && e != only && e->eventfd >= 0 && !r->station[i].writable)
			close(e->eventfd);
		if (only && e->pid)
			close(e->pidfd);
		memory_close(&r->status[i]);
		memory_close(&r->station[i]);
		memory_close(&r->region[i]);
		memory_close(&r->owners[i]);
	}
	for (int i = 0; i < GRAPH_RINGS; i++)
		memory_close(&r->ring[i]);
}

int runner_enter(struct runner *r, struct executor *only)
{
	int err = 0;

	if (only)
		all_unmap(r);
	for (int i = 0; i < r->g->modules; i++) {
		struct executor *e = &r->executor[r->executor_of[i]];

		if ((!only || e == only) && !resident_make(r, i, e))
			return -ENOMEM;
	}
	for (int i = 0; i < r->g->modules && err == 0; i++)
		if (r->resident[i])
			err = resident_wire(r, r->resident[i]);
	for (int i = 0; i < r->executors && err == 0; i++) {
		struct executor *e = &r->executor[i];

		if (only && e != only)
			continue;
		e->station = memory_map(&r->station[i], true);
		err = e->station ? executor_watch(e) : -ENOMEM;
	}
	all_close(r, only);
	return err;
}
