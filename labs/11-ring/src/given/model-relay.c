/* SPDX-License-Identifier: BSD-2-Clause */
/* model-relay.c - for lab-weave: a relay, and a sink whose ring has one slot.  The
 * source has filled the other ring, and sleeps until there is room. */
#include "../relay.h"

#include <weave.h>

enum { IN_SLOTS = 2, OUT_SLOTS = 1, KEY = 7 };

struct shared {
	_Alignas(RING_LINE) unsigned char in[sizeof(struct ring) + 256];
	_Alignas(RING_LINE) unsigned char out[sizeof(struct ring) + 256];
	struct flag in_item, in_room, out_item, out_room;
	struct bell source, relay, sink;
};

static struct shared shared;

static struct ring *in(void)
{
	return (struct ring *)shared.in;
}

static struct ring *out(void)
{
	return (struct ring *)shared.out;
}

/* Until the sink has ended. */
static void relay(void)
{
	struct relay m = {
		.in = {in(), &shared.in_item, &shared.in_room, &shared.source},
		.out = {out(), &shared.out_room, &shared.out_item, &shared.sink},
		.key = KEY,
	};

	for (;;) {
		weave_again(0);
		relay_notified(&m);
		bell_wait(&shared.relay);
	}
}

static void sink(void)
{
	for (uint32_t i = 0; i < IN_SLOTS;) {
		struct item item;

		weave_again(i);
		if (ring_get(out(), &item, 1) == 1) {
			weave_check(item.tag == relay_work(KEY, 100 * (i + 1)),
				    "what comes is what was sent, worked on once");
			weave_observe("got", item.tag);
			i++;
			if (doorbell_answer(&shared.out_room))
				bell_ring(&shared.relay);
		} else if (doorbell_idle(&shared.out_item, ring_has_item, out())) {
			bell_wait(&shared.sink);
		}
	}
}

/* The source, which asked for a signal, has got one. */
static void finish(void)
{
	bell_wait(&shared.source);
}

static void names(void)
{
	weave_name(&in()->tail, sizeof in()->tail, "in.tail");
	weave_name(&in()->head, sizeof in()->head, "in.head");
	weave_name(&out()->tail, sizeof out()->tail, "out.tail");
	weave_name(&out()->head, sizeof out()->head, "out.head");
	weave_name(&shared.in_item, sizeof shared.in_item, "in: item wanted");
	weave_name(&shared.in_room, sizeof shared.in_room, "in: room wanted");
	weave_name(&shared.out_item, sizeof shared.out_item, "out: item wanted");
	weave_name(&shared.out_room, sizeof shared.out_room, "out: room wanted");
	weave_name(&shared.source, sizeof shared.source, "source's bell");
	weave_name(&shared.relay, sizeof shared.relay, "relay's bell");
	weave_name(&shared.sink, sizeof shared.sink, "sink's bell");
}

static void prepare(void)
{
	names();
	if (ring_bytes(IN_SLOTS) > sizeof shared.in ||
	    !ring_init(in(), sizeof shared.in, IN_SLOTS, UINT32_MAX) ||
	    !ring_init(out(), sizeof shared.out, OUT_SLOTS, UINT32_MAX))
		return;
	for (uint32_t i = 0; i < IN_SLOTS; i++) {
		const struct item item = {.tag = 100 * (i + 1)};

		ring_put(in(), &item, 1);
	}
	doorbell_idle(&shared.in_room, ring_has_room, in());
}

int main(void)
{
	static const struct weave_thread threads[] = {
		{"relay", relay, true},
		{"sink", sink, false},
		{NULL, NULL, false},
	};
	static const struct weave_model model = {prepare, threads, finish};

	return weave_main(&model);
}
