/* SPDX-License-Identifier: BSD-2-Clause */
/* turn.c - what follows when a module returns.  Each ring has two flags: its consumer
 * asks to be told of messages, its producer of room.  The protocol is sDDF's: request,
 * look again, cancel (docs/graphs.md) - here once a turn for all ports together, so
 * that one fence does for both of its directions, and none where all neighbours are on
 * this thread.
 */
#include "config.h"

#include "runner.h"
#include "runtimes/ring/fence.h"

static bool flag_is_set(const struct doorbell_flag *f)
{
	return atomic_load_explicit(&f->wanted, memory_order_relaxed);
}

static void flag_set(struct doorbell_flag *f, uint32_t value)
{
	atomic_store_explicit(&f->wanted, value, memory_order_relaxed);
}

void peer_signal(struct resident *from, struct peer *peer)
{
	uint64_t wakes = peer->caller.wakes;

	if (peer->local) {
		peer->local->pending |= UINT64_C(1) << peer->channel;
		return;
	}
	/* pairs with the exchange in executor.c, by way of the bell */
	atomic_fetch_or_explicit(peer->pending, UINT64_C(1) << peer->channel,
				 memory_order_release);
	doorbell_ring(&peer->caller);
	count_add(&from->status->counts.sent, 1);
	count_add(&from->status->sent[peer - from->peers], 1);
	count_add(&from->status->counts.woken, peer->caller.wakes - wakes);
}

static uint32_t ring_slots(const struct ring_end *end)
{
	return end->mask + 1;
}

/* A producer that found the ring full goes on when half of it is free, so that it is
 * not told of each slot. */
static bool room_is_worth_it(uint32_t filled, uint32_t slots)
{
	return filled <= slots / 2;
}

/* The channels of a mask, one after the other: takes the lowest. */
static unsigned channel_next(uint64_t *mask)
{
	unsigned channel = (unsigned)__builtin_ctzll(*mask);

	*mask &= *mask - 1;
	return channel;
}

/* Was it refused room? */
static bool is_blocked(const struct resident *s, uint64_t refused)
{
	while (refused)
		if (s->module.ports[channel_next(&refused)].kind == PORT_OUT)
			return true;
	return false;
}

/* Of the channels that moved something or refused: those that are to ask now.  A way in
 * asks when it is empty as far as we know, or holds less than the module waits for.
 * Else it is called again, if something was taken from it in this turn; if not it is
 * left to the module, which will be told of the room it waits for. */
static uint64_t channels_asking(struct resident *s, uint64_t used, uint64_t refused)
{
	uint64_t mask = used | refused, asking = 0;
	bool blocked = is_blocked(s, refused);

	while (mask) {
		unsigned channel = channel_next(&mask);
		uint64_t bit = UINT64_C(1) << channel;
		struct port *p = &s->module.ports[channel];

		if (p->kind == PORT_OUT)
			asking |= refused & bit;
		else if (p->end.seen == p->end.at)
			asking |= bit;
		else if (used & bit)
			s->pending |= bit;
		else if (!blocked)
			asking |= bit;
	}
	return asking;
}

/* Out of room for asking, an asker is told by its own taking of answers. */
static bool waits_for_answers(const struct port *p)
{
	return p->counted && p->unanswered >= p->answers_most;
}

/* Set the flags of those that ask, take back those that need not any more. */
static void flags_turn(struct resident *s, uint64_t asking, uint64_t used)
{
	uint64_t mask = asking | (used & s->armed);

	while (mask) {
		unsigned channel = channel_next(&mask);
		bool asks = asking >> channel & 1;

		if (!asks || !waits_for_answers(&s->module.ports[channel]))
			flag_set(s->peers[channel].asks, asks);
	}
	s->armed = (s->armed & ~used) | asking;
}

/* What the other end asked for, is it so?  What a consumer last saw of a ring may be
 * less than is in it. */
static bool is_worth_telling(const struct port *p)
{
	uint32_t tail;

	if (p->kind == PORT_OUT)
		return true;
	tail = atomic_load_explicit(p->end.others, memory_order_relaxed);
	return room_is_worth_it(tail - p->end.at, ring_slots(&p->end));
}

/* Something was put or taken here: tell the other end, if it asked. */
static void neighbour_tell(struct resident *s, unsigned channel)
{
	struct port *p = &s->module.ports[channel];
	struct peer *peer = &s->peers[channel];
	uint64_t counts = p->counts ? UINT64_C(1) << (p->counts - s->module.ports) : 0;

	s->pending |= counts & s->armed; /* answered: it may ask again */
	s->armed &= ~counts;
	if (!flag_is_set(peer->asked)) {
		count_add(&s->status->counts.elided, !peer->local);
		count_add(&s->status->elided[channel], !peer->local);
	} else if (is_worth_telling(p)) {
		/* of two signals for one request the second would do no harm */
		flag_set(peer->asked, 0);
		peer_signal(s, peer);
	}
}

/* It asked to be told.  Has it happened meanwhile? */
static bool has_changed(const struct port *p)
{
	uint32_t others = atomic_load_explicit(p->end.others, memory_order_relaxed);

	if (p->kind == PORT_IN)
		return others != p->end.seen;
	return !waits_for_answers(p) &&
	       room_is_worth_it(p->end.at - others, ring_slots(&p->end));
}

static bool any_remote(const struct resident *s, uint64_t mask)
{
	while (mask)
		if (!s->peers[channel_next(&mask)].local)
			return true;
	return false;
}

void turn_end(struct resident *s)
{
	uint64_t used = s->module.used, refused = s->module.refused;
	uint64_t asking = channels_asking(s, used, refused), mask;

	s->module.used = s->module.refused = 0;
	flags_turn(s, asking, used);
	/* Pairs with the same fence at the other end: what was put or taken is written
	 * before the other's flag is read, and the own flag before the ring is read
	 * again; so one of the two sees what the other did. */
	if (s->executor->runner->settings.fences || any_remote(s, asking | used)) {
		fence_full();
		count_add(&s->status->counts.fences, 1);
	}
	for (mask = used; mask;)
		neighbour_tell(s, channel_next(&mask));
	for (mask = asking & s->armed; mask;) {
		unsigned channel = channel_next(&mask);

		if (!has_changed(&s->module.ports[channel]))
			continue;
		flag_set(s->peers[channel].asks, 0);
		s->armed &= ~(UINT64_C(1) << channel);
		s->pending |= UINT64_C(1) << channel;
	}
}
