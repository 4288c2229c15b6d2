/* SPDX-License-Identifier: BSD-2-Clause */
/* stack.c - pools of stacks.  What a worker takes and gives is in two magazines of its
 * own; behind them, under a lock, is what it shares: full magazines, addresses without
 * memory, and arenas from which new ones are cut.  Each step is O(1). */
#include "config.h"

#include "stack_announce.h"
#include "stack_guard.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	ARENA_BYTES = 16 << 20,
	ARENA_STACKS_LEAST = 4,
	COLOURS = 16, /* they cost 480 bytes a stack on average */
	COLOUR_BYTES = 64
};

/* So that no sum of sizes overflows. */
static const size_t size_most = SIZE_MAX / 16;

struct stack_slot {
	struct stack_slot *next; /* in a magazine or of the cold */
	struct stack_slot
		*next_full; /* of the first of a magazine: the next magazine */
	char *low;
	unsigned number, announced;
	enum stack_guard guard;
};

/* Mapped for stacks one after the other, a guard below each. */
struct stack_arena {
	struct stack_arena *next;
	char *base;
	size_t bytes;
	unsigned count, cut;
	struct stack_slot slots[];
};

/* The address sanitizer's, if it is linked in: redzones of frames that were left for
 * good would stay forbidden to the next fiber. */
extern void __asan_unpoison_memory_region(void const volatile *low, size_t size)
	__attribute__((weak));

void stack_pool_init(struct stack_pool *p, size_t size, unsigned keep_most)
{
	*p = (struct stack_pool){.size = stack_pages(size),
				 .magazine_most = (keep_most + 1) / 2,
				 .guard = stack_guard_best()};
	pthread_mutex_init(&p->own.lock, NULL);
	p->store = &p->own;
}

void stack_pool_share(struct stack_pool *p, struct stack_pool *home)
{
	p->store = home->store;
	pthread_mutex_lock(&p->store->lock);
	p->store->full_most++;
	pthread_mutex_unlock(&p->store->lock);
}

/* No huge pages: an idle stack is to cost one page. The kernel may have none (EINVAL).
 */
static char *memory_map(size_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

/* --- arenas and stacks without memory --------------------------------------------- */

static struct stack_arena *arena_map(size_t size)
{
	const size_t stride = size + guard_bytes();
	size_t count = ARENA_BYTES / stride;
	struct stack_arena *a;

	if (count < ARENA_STACKS_LEAST)
		count = ARENA_STACKS_LEAST;
	a = calloc(1, sizeof *a + count * sizeof a->slots[0]);
	if (!a)
		return NULL;
	a->count = (unsigned)count;
	a->bytes = count * stride;
	a->base = memory_map(a->bytes);
	if (a->base)
		return a;
	free(a);
	return NULL;
}

/* The next stack of the newest arena; its guard is yet to be installed. */
static struct stack_slot *arena_cut(struct stack_store *store, size_t size)
{
	struct stack_arena *a = store->arenas;
	struct stack_slot *slot;

	if (!a || a->cut == a->count) {
		a = arena_map(size);
		if (!a)
			return NULL;
		a->next = store->arenas;
		store->arenas = a;
	}
	slot = &a->slots[a->cut];
	slot->number = a->cut++;
	slot->low = a->base + slot->number * (size + guard_bytes()) + guard_bytes();
	return slot;
}

static void arena_unmap(struct stack_arena *a)
{
	for (unsigned i = 0; i < a->cut; i++) {
		guard_forget(a->slots[i].guard);
		stack_renounce(a->slots[i].announced);
	}
	munmap(a->base, a->bytes);
	free(a);
}

/* A stack without memory: one that had some, or a new one. */
static struct stack_slot *cold_take(struct stack_pool *p)
{
	struct stack_slot *slot;

	pthread_mutex_lock(&p->store->lock);
	slot = p->store->cold;
	if (slot)
		p->store->cold = slot->next;
	else
		slot = arena_cut(p->store, p->size);
	pthread_mutex_unlock(&p->store->lock);
	if (slot && slot->guard == STACK_GUARD_NONE) {
		slot->guard = guard_install(slot->low - guard_bytes(), p->guard);
		slot->announced = stack_announce(slot->low, p->size);
		atomic_fetch_add_explicit(&p->mapped, 1, memory_order_relaxed);
	}
	return slot;
}

/* MADV_FREE would be cheaper, but who looks at the process would not see it shrink. */
static void cold_put(struct stack_pool *p, const struct stack *s)
{
	const size_t below = s->guard == STACK_GUARD_CANARY ? guard_bytes() : 0;

	madvise(s->low - below, s->size + below, MADV_DONTNEED);
	pthread_mutex_lock(&p->store->lock);
	s->place->next = p->store->cold;
	p->store->cold = s->place;
	pthread_mutex_unlock(&p->store->lock);
}

/* --- stacks with memory ----------------------------------------------------------- */

/* Hand the spare magazine, which is full, to other pools: false: they have enough. */
static bool magazine_give(struct stack_pool *p)
{
	struct stack_store *store = p->store;
	bool wanted;

	pthread_mutex_lock(&store->lock);
	wanted = store->full_count < store->full_most;
	if (wanted) {
		p->spare.first->next_full = store->full;
		store->full = p->spare.first;
		store->full_count++;
	}
	pthread_mutex_unlock(&store->lock);
	return wanted;
}

static void magazine_fetch(struct stack_pool *p)
{
	struct stack_store *store = p->store;

	pthread_mutex_lock(&store->lock);
	if (store->full) {
		p->free.first = store->full;
		p->free.count = p->magazine_most;
		store->full = store->full->next_full;
		store->full_count--;
	}
	pthread_mutex_unlock(&store->lock);
}

static struct stack_slot *warm_take(struct stack_pool *p)
{
	struct stack_slot *slot;

	if (p->free.count == 0 && p->spare.count > 0) {
		p->free = p->spare;
		p->spare = (struct stack_magazine){0};
	} else if (p->free.count == 0 && p->store->full_most > 0) {
		magazine_fetch(p);
	}
	if (p->free.count == 0)
		return NULL;
	slot = p->free.first;
	p->free.first = slot->next;
	p->free.count--;
	return slot;
}

static bool warm_put(struct stack_pool *p, struct stack_slot *slot)
{
	if (p->free.count == p->magazine_most) {
		if (p->magazine_most == 0 || (p->spare.count > 0 && !magazine_give(p)))
			return false;
		p->spare = p->free;
		p->free = (struct stack_magazine){0};
	}
	slot->next = p->free.first;
	p->free.first = slot;
	p->free.count++;
	return true;
}

/* --- stacks of other sizes ---------------------------------------------------------
 */

static int odd_map(struct stack_pool *p, size_t size, struct stack *s)
{
	char *memory = memory_map(size + guard_bytes());

	if (!memory)
		return -ENOMEM;
	*s = (struct stack){.low = memory + guard_bytes(),
			    .size = size,
			    .guard = guard_install(memory, p->guard),
			    .announced = stack_announce(memory + guard_bytes(), size),
			    .number = (unsigned)((uintptr_t)memory / guard_bytes())};
	atomic_fetch_add_explicit(&p->mapped, 1, memory_order_relaxed);
	return 0;
}

static void odd_unmap(struct stack_pool *p, const struct stack *s)
{
	munmap(s->low - guard_bytes(), s->size + guard_bytes());
	stack_renounce(s->announced);
	guard_forget(s->guard);
	atomic_fetch_sub_explicit(&p->mapped, 1, memory_order_relaxed);
}

/* --- the pool ----------------------------------------------------------------------
 */

/* Nobody is on the stack put last any more. */
static void leaving_go(struct stack_pool *p)
{
	const struct stack s = p->leaving;

	if (!s.low)
		return;
	p->leaving.low = NULL;
	if (s.place)
		cold_put(p, &s);
	else
		odd_unmap(p, &s);
}

static int pooled_get(struct stack_pool *p, struct stack *s)
{
	struct stack_slot *slot = warm_take(p);

	if (!slot)
		slot = cold_take(p);
	if (!slot)
		return -ENOMEM;
	*s = (struct stack){.low = slot->low,
			    .size = p->size,
			    .guard = slot->guard,
			    .number = slot->number,
			    .place = slot};
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(s->low, s->size);
	return 0;
}

int stack_get(struct stack_pool *p, size_t size, struct stack *s)
{
	int error;

	if (size > size_most)
		return -ENOMEM;
	leaving_go(p);
	if (size != p->size)
		size = stack_pages(size);
	error = size == p->size ? pooled_get(p, s) : odd_map(p, size, s);
	if (error == 0 && s->guard == STACK_GUARD_CANARY)
		guard_canary(s->low);
	return error;
}

void stack_put(struct stack_pool *p, const struct stack *s)
{
	leaving_go(p);
	if (!s->place || !warm_put(p, s->place))
		p->leaving = *s;
}

void *stack_top(const struct stack *s)
{
	return s->low + s->size - s->number % COLOURS * COLOUR_BYTES;
}

void stack_pool_free(struct stack_pool *p)
{
	if (p->leaving.low && !p->leaving.place)
		odd_unmap(p, &p->leaving);
	while (p->own.arenas) {
		struct stack_arena *a = p->own.arenas;

		p->own.arenas = a->next;
		arena_unmap(a);
	}
	pthread_mutex_destroy(&p->own.lock);
	*p = (struct stack_pool){0};
}
