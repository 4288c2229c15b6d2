/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_store.c - the cache's tables: entries made of 4 KiB pages, found by path,
 * evicted by CLOCK, held by pins, and rebuilt when a process died changing them.  No
 * I/O. */
#include "config.h"

#include "cache_store.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* This process's id.  getpid() is a system call on every use; fork is the one way to
 * get another id, and pthread_atfork tells of it. */
static pid_t self;

static void self_learn(void)
{
	self = getpid();
}

static void self_watch(void)
{
	self_learn();
	pthread_atfork(NULL, NULL, self_learn);
}

static pid_t self_pid(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, self_watch);
	return self;
}

static uint32_t entry_index(const struct cache *c, const struct entry *e)
{
	return (uint32_t)(e - c->entries);
}

/* The store that changes the truth.  Nothing may move across it: what it makes true
 * stands before it, what it makes free is used after it. */
static void entry_turn(struct entry *e, enum entry_state state)
{
	atomic_store_explicit(&e->state, state, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

static uint32_t entry_state(const struct entry *e)
{
	return atomic_load_explicit(&e->state, memory_order_relaxed);
}

static uint32_t *bucket_of(const struct cache *c, uint64_t hash)
{
	return &c->buckets[hash & c->bucket_mask];
}

struct entry *store_find(const struct cache *c, const struct cache_key *key)
{
	uint32_t i = *bucket_of(c, key->hash);

	while (i != STORE_NONE) {
		struct entry *e = &c->entries[i];

		if (e->hash == key->hash && e->length == key->length &&
		    memcmp(c->paths[i], key->path, key->length) == 0)
			return e;
		i = e->link;
	}
	return NULL;
}

static void bucket_add(struct cache *c, struct entry *e)
{
	uint32_t *bucket = bucket_of(c, e->hash);

	e->link = *bucket;
	*bucket = entry_index(c, e);
}

static void bucket_remove(struct cache *c, struct entry *e)
{
	uint32_t *from = bucket_of(c, e->hash);

	while (*from != entry_index(c, e))
		from = &c->entries[*from].link;
	*from = e->link;
}

/* Free first, then give away: a death in between loses nothing, since the free lists
 * are derived. */
static void entry_free(struct cache *c, struct entry *e)
{
	struct store *s = c->store;

	assert(e->pins == 0);
	entry_turn(e, ENTRY_FREE);
	if (e->count > 0) {
		c->next[e->last] = s->free_page;
		s->free_page = e->first;
		s->pages_free += e->count;
	}
	e->link = s->free_entry;
	s->free_entry = entry_index(c, e);
	s->entries_used--;
}

void store_show(struct cache *c, struct entry *e)
{
	entry_turn(e, ENTRY_LIVE);
	bucket_add(c, e);
}

void store_hide(struct cache *c, struct entry *e)
{
	bucket_remove(c, e);
	entry_turn(e, ENTRY_HIDDEN);
	if (e->pins == 0)
		entry_free(c, e);
}

static void entry_drop(struct cache *c, struct entry *e)
{
	assert(e->pins > 0);
	e->pins--;
	if (e->pins == 0 && entry_state(e) == ENTRY_HIDDEN)
		entry_free(c, e);
}

/* The owner is what makes the pin true, so the entry is named before it.  The counts
 * are derived: a death before `pins++` is counted by store_rebuild. */
int store_pin(struct cache *c, struct entry *e, struct body *out)
{
	struct store *s = c->store;
	uint32_t i = s->free_pin;

	if (i == STORE_NONE)
		return -ENOBUFS;
	s->free_pin = c->pins[i].link;
	c->pins[i].entry = entry_index(c, e);
	atomic_store_explicit(&c->pins[i].owner, self_pid(), memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	e->pins++;
	s->pins_used++;
	*out = (struct body){
		.cache = c,
		.size = e->file.size,
		.entry = entry_index(c, e),
		.pin = i,
		.is_index = e->file.is_index,
	};
	return 0;
}

void store_unpin(struct cache *c, uint32_t pin)
{
	struct store *s = c->store;
	struct pin *p = &c->pins[pin];

	assert(atomic_load_explicit(&p->owner, memory_order_relaxed) != 0);
	atomic_store_explicit(&p->owner, 0, memory_order_release);
	/* Only now may the entry lose its count, and with it its pages. */
	atomic_signal_fence(memory_order_seq_cst);
	p->link = s->free_pin;
	s->free_pin = pin;
	s->pins_used--;
	entry_drop(c, &c->entries[p->entry]);
}

void store_repin(struct cache *c, struct body *b, struct entry *e)
{
	struct entry *old = &c->entries[b->entry];

	e->pins++;
	c->pins[b->pin].entry = entry_index(c, e); /* one store: the pin is whole */
	atomic_signal_fence(memory_order_seq_cst);
	b->entry = entry_index(c, e);
	entry_drop(c, old);
}

/* CLOCK (Corbato 1968): the hand passes over what was hit since it last came by. */
static bool clock_evict(struct cache *c)
{
	struct store *s = c->store;

	for (uint64_t left = 2 * (uint64_t)s->high; left > 0; left--) {
		struct entry *e = &c->entries[s->hand < s->high ? s->hand : 0];

		s->hand = entry_index(c, e) + 1;
		if (entry_state(e) != ENTRY_LIVE || e->pins > 0)
			continue;
		if (!e->referenced) {
			store_hide(c, e);
			return true;
		}
		e->referenced = false;
	}
	return false;
}

static bool room_make(struct cache *c, uint32_t pages)
{
	struct store *s = c->store;

	while (s->pages_free < pages ||
	       (s->free_entry == STORE_NONE && s->high == c->entries_total))
		if (!clock_evict(c))
			return false;
	return true;
}

/* `high` is raised before the entry is used: store_rebuild looks no further. */
static struct entry *entry_take(struct cache *c)
{
	struct store *s = c->store;
	struct entry *e;

	if (s->free_entry == STORE_NONE)
		return &c->entries[s->high++];
	e = &c->entries[s->free_entry];
	s->free_entry = e->link;
	return e;
}

/* The free list's first pages become the entry's, linked as they are. */
static void pages_take(struct cache *c, struct entry *e, uint32_t pages)
{
	struct store *s = c->store;

	e->count = pages;
	e->straight = true;
	e->first = e->last = STORE_NONE;
	if (pages == 0)
		return;
	e->first = e->last = s->free_page;
	while (--pages > 0) {
		e->straight = e->straight && c->next[e->last] == e->last + 1;
		e->last = c->next[e->last];
	}
	s->free_page = c->next[e->last];
	s->pages_free -= e->count;
}

int store_reserve(struct cache *c, const struct cache_key *key,
		  const struct file_stamp *file, uint64_t now_ns, struct body *out)
{
	uint64_t pages = file->size / CACHE_PAGE + (file->size % CACHE_PAGE != 0);
	struct entry *e;

	/* One file may not sweep the cache: a quarter at most. */
	if (key->length > CACHE_PATH || pages > (c->pages_total + 3) / 4)
		return -ENOSPC;
	if (c->store->free_pin == STORE_NONE)
		return -ENOBUFS;
	if (!room_make(c, (uint32_t)pages))
		return -ENOSPC;
	e = entry_take(c);
	pages_take(c, e, (uint32_t)pages);
	e->pins = 0;
	e->referenced = false;
	e->length = (uint16_t)key->length;
	e->hash = key->hash;
	e->seen_ns = now_ns;
	e->file = *file;
	memcpy(c->paths[entry_index(c, e)], key->path, key->length);
	entry_turn(e, ENTRY_HIDDEN);
	c->store->entries_used++;
	return store_pin(c, e, out);
}

static bool process_gone(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}

static void rebuild_pins(struct cache *c)
{
	struct store *s = c->store;

	s->free_pin = STORE_NONE;
	s->pins_used = 0;
	for (uint32_t i = c->pins_total; i-- > 0;) {
		struct pin *p = &c->pins[i];
		pid_t owner = atomic_load_explicit(&p->owner, memory_order_relaxed);

		if (owner != 0 && !process_gone(owner)) {
			c->entries[p->entry].pins++;
			s->pins_used++;
			continue;
		}
		atomic_store_explicit(&p->owner, 0, memory_order_release);
		p->link = s->free_pin;
		s->free_pin = i;
	}
}

/* The links of next[] are read, never written: other processes are reading these pages.
 */
static void rebuild_used(struct cache *c, const struct entry *e)
{
	uint32_t page = e->first;

	for (uint32_t i = 0; i < e->count; i++) {
		assert(page < c->pages_total && !c->used[page]);
		c->used[page] = 1;
		page = c->next[page];
	}
}

static void rebuild_entries(struct cache *c)
{
	struct store *s = c->store;

	s->free_entry = STORE_NONE;
	s->entries_used = 0;
	memset(c->buckets, 0xff, sizeof(*c->buckets) * ((size_t)c->bucket_mask + 1));
	memset(c->used, 0, c->pages_total);
	for (uint32_t i = s->high; i-- > 0;) {
		struct entry *e = &c->entries[i];

		if (entry_state(e) == ENTRY_HIDDEN && e->pins == 0)
			entry_turn(e, ENTRY_FREE);
		if (entry_state(e) == ENTRY_FREE) {
			e->link = s->free_entry;
			s->free_entry = i;
			continue;
		}
		s->entries_used++;
		rebuild_used(c, e);
		if (entry_state(e) == ENTRY_LIVE)
			bucket_add(c, e);
	}
}

/* From the last page to the first, so that the free list is in order again. */
static void rebuild_free_pages(struct cache *c)
{
	struct store *s = c->store;

	s->free_page = STORE_NONE;
	s->pages_free = 0;
	for (uint32_t page = c->pages_total; page-- > 0;) {
		if (c->used[page])
			continue;
		c->next[page] = s->free_page;
		s->free_page = page;
		s->pages_free++;
	}
}

void store_rebuild(struct cache *c)
{
	for (uint32_t i = 0; i < c->store->high; i++)
		c->entries[i].pins = 0;
	rebuild_pins(c);
	rebuild_entries(c);
	rebuild_free_pages(c);
}
