/* SPDX-License-Identifier: BSD-2-Clause */
/* flow.h - messages from one thread to another over any ring: the loops that all rings
 * are measured in.  They are always in line, and so are put and get: each ring has a
 * copy of its own. */
#ifndef DUALITY_RING_FLOW_H
#define DUALITY_RING_FLOW_H

#include <stdbool.h>
#include <stdint.h>

enum { FLOW_SLOTS = 1024, FLOW_BATCH_MOST = 64, FLOW_REST_NS = 2000, FLOW_WORK = 24 };

enum flow_shape {
	FLOW_NEVER_EMPTY, /* who finds nothing, or no room, rests: so long that the
			     other is well away */
	FLOW_OFTEN_EMPTY, /* nobody rests, and the consumer has less to do */
	FLOW_OFTEN_FULL,  /* nobody rests, and the consumer has FLOW_WORK to do */
	FLOW_PING_PONG,   /* a batch goes forth, and back over a second ring */
	FLOW_SAME_THREAD, /* a batch is put, and got by who put it; that is the place */
	FLOW_SHAPES
};

struct flow {
	uint64_t messages;
	uint32_t batch;
	enum flow_shape shape;
	void *ring[2];        /* forth, and back */
	uint64_t full, empty; /* looks in vain */
	uint64_t sum, hash;
};

/* A ring as it is measured, in memory of duo_memory.  Nothing here is called for each
 * message. */
struct kind {
	const char *name;
	const char *reason; /* why it is not here; or NULL */
	bool (*make)(struct flow *f);
	void (*produce)(struct flow *f);
	void (*consume)(struct flow *f);
	void (*pass)(struct flow *f); /* FLOW_SAME_THREAD */
};

extern const struct kind kind_ring, kind_ring_items, kind_ck, kind_rte;

/* Without a look at the ring. */
void flow_rest(void);

static inline void flow_pause(void)
{
#if defined __x86_64__
	__builtin_ia32_pause();
#elif defined __aarch64__
	__asm__ volatile("isb"); /* as others do: yield is no pause on most */
#endif
}

/* A message is a word; put and get return how many of n it was. */
#define FLOW_INLINE static inline __attribute__((always_inline))
#define FLOW_PUT uint32_t (*put)(void *ring, uint64_t *words, uint32_t n)
#define FLOW_GET uint32_t (*get)(void *ring, uint64_t *words, uint32_t n)

FLOW_INLINE void flow_put_all(struct flow *f, void *ring, uint64_t *words, FLOW_PUT)
{
	for (uint32_t n = 0; n < f->batch;) {
		uint32_t fitted = put(ring, words + n, f->batch - n);

		n += fitted;
		if (fitted)
			continue;
		f->full++;
		if (f->shape == FLOW_NEVER_EMPTY)
			flow_rest();
		else
			flow_pause();
	}
}

/* Gets what is there, at most a batch. */
FLOW_INLINE uint32_t flow_get_some(struct flow *f, void *ring, uint64_t *words,
				   FLOW_GET)
{
	for (;;) {
		uint32_t n = get(ring, words, f->batch);

		if (n)
			return n;
		f->empty++;
		if (f->shape == FLOW_NEVER_EMPTY)
			flow_rest();
		else
			flow_pause();
	}
}

FLOW_INLINE void flow_get_all(struct flow *f, void *ring, uint64_t *words, FLOW_GET)
{
	for (uint32_t n = 0; n < f->batch;)
		n += flow_get_some(f, ring, words + n, get);
}

FLOW_INLINE void flow_number(uint64_t *words, uint64_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		words[i] = first + i;
}

FLOW_INLINE void flow_sum(struct flow *f, const uint64_t *words, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		f->sum += words[i];
	if (f->shape != FLOW_OFTEN_FULL)
		return;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < FLOW_WORK; k++)
			f->hash = (f->hash ^ words[i]) * UINT64_C(0x100000001b3);
}

/* Each side works on a copy of its own and leaves its counts at the end: what both
 * would write and read at each message would cost more than some rings. */
FLOW_INLINE void flow_produce(struct flow *shared, FLOW_PUT, FLOW_GET)
{
	uint64_t words[FLOW_BATCH_MOST];
	struct flow f = *shared;

	for (uint64_t sent = 0; sent < f.messages; sent += f.batch) {
		flow_number(words, sent + 1, f.batch);
		flow_put_all(&f, f.ring[0], words, put);
		if (f.shape == FLOW_PING_PONG)
			flow_get_all(&f, f.ring[1], words, get);
	}
	shared->full = f.full;
}

FLOW_INLINE void flow_consume(struct flow *shared, FLOW_PUT, FLOW_GET)
{
	uint64_t words[FLOW_BATCH_MOST];
	struct flow f = *shared;

	for (uint64_t got = 0; got < f.messages;) {
		uint32_t n = f.batch;

		if (f.shape == FLOW_PING_PONG)
			flow_get_all(&f, f.ring[0], words, get);
		else
			n = flow_get_some(&f, f.ring[0], words, get);
		flow_sum(&f, words, n);
		got += n;
		if (f.shape == FLOW_PING_PONG)
			flow_put_all(&f, f.ring[1], words, put);
	}
	shared->empty = f.empty;
	shared->sum = f.sum;
	shared->hash = f.hash;
}

FLOW_INLINE void flow_pass(struct flow *shared, FLOW_PUT, FLOW_GET)
{
	uint64_t words[FLOW_BATCH_MOST];
	struct flow f = *shared;

	for (uint64_t sent = 0; sent < f.messages; sent += f.batch) {
		flow_number(words, sent + 1, f.batch);
		flow_put_all(&f, f.ring[0], words, put);
		flow_get_all(&f, f.ring[0], words, get);
		flow_sum(&f, words, f.batch);
	}
	*shared = f;
}
#endif
