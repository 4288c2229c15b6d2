/* SPDX-License-Identifier: BSD-2-Clause */
/* slab.c - descriptors of fibers, taken and put back.  As with stacks, each worker has
 * two magazines and shares full ones with the others (Bonwick and Adams, Magazines and
 * Vmem, USENIX 2001, section 3): or those that one worker makes and another ends would
 * pile up there. */
#include "config.h"

#include "worker.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB_FIBERS = 64 }; /* and a magazine's */

struct fiber_slab {
	struct fiber_slab *next;
	struct fiber fiber[SLAB_FIBERS];
};

static void all_add(struct fiber *f)
{
	struct fiber *first =
		atomic_load_explicit(&fiber_runtime.all, memory_order_relaxed);

	do
		f->all_next = first;
	while (!atomic_compare_exchange_weak(&fiber_runtime.all, &first, f));
}

static bool slab_add(struct worker *w)
{
	struct fiber_slab *slab = aligned_alloc(CACHE_LINE, sizeof *slab);
	unsigned before;

	if (!slab)
		return false;
	memset(slab, 0, sizeof *slab);
	before = atomic_fetch_add(&fiber_runtime.numbered, SLAB_FIBERS);
	slab->next = w->slabs;
	w->slabs = slab;
	for (unsigned i = SLAB_FIBERS; i-- > 0;) {
		slab->fiber[i].number = before + i + 1;
		slab->fiber[i].next = w->free;
		w->free = &slab->fiber[i];
		all_add(&slab->fiber[i]);
	}
	w->free_count = SLAB_FIBERS;
	return true;
}

/* A free fiber is not ready: there is room for the link between magazines. */
static void magazine_give(struct fiber *first)
{
	struct runtime *r = &fiber_runtime;

	guard_take(&r->free_guard);
	first->next_ready = r->free;
	r->free = first;
	guard_drop(&r->free_guard);
}

static struct fiber *magazine_fetch(void)
{
	struct runtime *r = &fiber_runtime;
	struct fiber *first;

	guard_take(&r->free_guard);
	first = r->free;
	if (first)
		r->free = first->next_ready;
	guard_drop(&r->free_guard);
	return first;
}

/* w->free is empty: another magazine in its place, if there is one. */
static bool magazine_change(struct worker *w)
{
	w->free = w->free_spare;
	w->free_spare = NULL;
	if (!w->free)
		w->free = magazine_fetch();
	w->free_count = w->free ? SLAB_FIBERS : 0;
	return w->free;
}

struct fiber *fiber_get(struct worker *w)
{
	struct fiber *f;

	if (!w->free && !magazine_change(w) && !slab_add(w))
		return NULL;
	f = w->free;
	w->free = f->next;
	w->free_count--;
	return f;
}

void fiber_put(struct worker *w, struct fiber *f)
{
	/* pairs with the acquire in fiber.c's take: who sees the old name sees the
	 * fiber */
	atomic_fetch_add_explicit(&f->generation, 1, memory_order_release);
	atomic_store_explicit(&f->state, FIBER_FREE, memory_order_relaxed);
	if (f->held > 0) { /* its mutexes are to have no other's descriptor for owner */
		f->name = "one that ended";
		return;
	}
	if (w->free_count == SLAB_FIBERS) {
		if (w->free_spare)
			magazine_give(w->free_spare);
		w->free_spare = w->free;
		w->free = NULL;
		w->free_count = 0;
	}
	f->next = w->free;
	w->free = f;
	w->free_count++;
}

/* Descriptors that mutexes of an earlier runtime name as their owners: they outlive it,
 * or the next would look at what is gone, or take another's for them. */
static struct fiber_slab *kept;

/* Let go of what its fibers have.  Does a mutex still name one? */
static bool slab_end(struct fiber_slab *slab)
{
	bool named = false;

	for (unsigned i = 0; i < SLAB_FIBERS; i++) {
		struct fiber *f = &slab->fiber[i];

		free(f->values);
		f->values = NULL;
		f->mark = 0;
		f->name = "one that ended";
		atomic_store_explicit(&f->state, FIBER_FREE, memory_order_relaxed);
		named |= f->held > 0;
	}
	return named;
}

void fibers_free(struct worker *w)
{
	struct fiber_slab *slab;

	while ((slab = w->slabs)) {
		w->slabs = slab->next;
		if (slab_end(slab)) {
			slab->next = kept;
			kept = slab;
		} else {
			free(slab);
		}
	}
	w->free = w->free_spare = NULL;
}
