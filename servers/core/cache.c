/* SPDX-License-Identifier: BSD-2-Clause */
/* cache.c - the cache's life and its hits.  The tables are in cache_store.c, the disk
 * is in cache_load.c. */
#include "config.h"

#include "cache.h"
#include "cache_load.h"
#include "cache_store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint64_t CACHE_FRESH_NS = 1000000000;

/* A piece of the mapping for n things of this size, on a cache line of its own. */
static void *layout_place(size_t *at, void *base, size_t n, size_t size)
{
	size_t here = *at;

	*at = (here + n * size + STORE_LINE - 1) / STORE_LINE * STORE_LINE;
	return (void *)((uintptr_t)base + here); /* base is NULL when only measuring */
}

/* Where each table lies from base on.  Returns the bytes they take. */
static size_t layout(struct cache *c, void *base)
{
	size_t at = 0;

	c->store = layout_place(&at, base, 1, sizeof(*c->store));
	c->lock_memory = layout_place(&at, base, 1, c->lock->size);
	c->buckets = layout_place(&at, base, (size_t)c->bucket_mask + 1,
				  sizeof(*c->buckets));
	c->entries = layout_place(&at, base, c->entries_total, sizeof(*c->entries));
	c->pins = layout_place(&at, base, c->pins_total, sizeof(*c->pins));
	c->next = layout_place(&at, base, c->pages_total, sizeof(*c->next));
	c->used = layout_place(&at, base, c->pages_total, sizeof(*c->used));
	c->paths = layout_place(&at, base, c->entries_total, sizeof(*c->paths));
	at = (at + CACHE_PAGE - 1) / CACHE_PAGE * CACHE_PAGE;
	c->pages = layout_place(&at, base, c->pages_total, CACHE_PAGE);
	return at;
}

/* An entry per page: files of no page share them with the others. */
static int sizes_choose(struct cache *c, size_t bytes, unsigned pins)
{
	size_t pages = bytes / CACHE_PAGE + (bytes % CACHE_PAGE != 0);

	if (pages > INT32_MAX || pins > INT32_MAX)
		return -ENOMEM;
	c->pages_total = (uint32_t)pages;
	c->entries_total = c->pages_total > 0 ? c->pages_total : 1;
	c->pins_total = pins;
	c->bucket_mask = 15;
	while (c->bucket_mask < c->entries_total)
		c->bucket_mask = c->bucket_mask * 2 + 1;
	return 0;
}

/* Accounted for at once (no MAP_NORESERVE): too little memory is an error here and not
 * a SIGBUS later.  Pages cost memory when first used. */
static int store_map(struct cache *c)
{
	void *memory;

	c->mapped = layout(c, NULL);
	memory = mmap(NULL, c->mapped, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	layout(c, memory);
	return 0;
}

int cache_create(struct cache **out, const char *root, size_t bytes, unsigned pins,
		 const struct lock *lock)
{
	struct cache *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return -ENOMEM;
	c->lock = lock;
	c->root = load_open_root(root);
	rc = c->root < 0 ? c->root : sizes_choose(c, bytes, pins);
	if (rc == 0)
		rc = store_map(c);
	if (rc == 0)
		rc = lock->init(c->lock_memory);
	if (rc != 0) {
		cache_destroy(c);
		return rc;
	}
	store_rebuild(c);
	*out = c;
	return 0;
}

void cache_destroy(struct cache *c)
{
	if (c == NULL)
		return;
	if (c->store != NULL)
		munmap(c->store, c->mapped);
	if (c->root >= 0)
		close(c->root);
	free(c);
}

void cache_enter(struct cache *c)
{
	int rc = c->lock->lock(c->lock_memory);

	assert(rc == 0 || rc == EOWNERDEAD);
	if (rc == EOWNERDEAD)
		store_rebuild(c);
}

void cache_leave(struct cache *c)
{
	c->lock->unlock(c->lock_memory);
}

/* Eight bytes a step; the shift brings the high half, where a product gathers what it
 * mixed, down to the bits that choose the bucket. */
static uint64_t path_hash(const char *path, size_t length)
{
	uint64_t hash = length;
	uint64_t word;

	for (; length > 0; length -= length < sizeof(word) ? length : sizeof(word)) {
		word = 0;
		memcpy(&word, path, length < sizeof(word) ? length : sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15U; /* 2^64 / golden ratio */
		hash ^= hash >> 32;
		path += sizeof(word);
	}
	return hash;
}

struct cache_key cache_key(const char *path)
{
	size_t length = strlen(path);

	return (struct cache_key){path, length, path_hash(path, length)};
}

int cache_get(struct cache *c, const char *path, uint64_t now_ns, struct body *out)
{
	struct cache_key key = cache_key(path);
	struct entry *e;
	int rc = -EAGAIN;

	cache_enter(c);
	e = store_find(c, &key);
	/* Another thread may have seen the file after the caller read its clock. */
	if (e != NULL && now_ns < e->seen_ns + CACHE_FRESH_NS) {
		e->referenced = true;
		rc = store_pin(c, e, out);
	}
	cache_leave(c);
	if (rc != 0)
		*out = (struct body){0};
	return rc;
}

static size_t piece_private(const struct body *b, uint64_t offset, struct iovec *iov)
{
	/* iov_base is not const; writev(2) only reads through it. */
	iov->iov_base = (char *)(uintptr_t)b->mapping + offset;
	return (size_t)(b->size - offset);
}

/* The page that holds the byte at offset. */
static uint32_t page_at(const struct cache *c, const struct entry *e, uint64_t offset)
{
	uint32_t steps = (uint32_t)(offset / CACHE_PAGE);
	uint32_t page = e->first;

	if (e->straight)
		return page + steps;
	while (steps-- > 0)
		page = c->next[page];
	return page;
}

/* The bytes from *page on that are neighbours in memory, at most `left`; *page becomes
 * the page after them.  A pinned entry's pages and links do not change: no lock. */
static size_t piece_cached(const struct cache *c, uint32_t *page, size_t skip,
			   size_t left)
{
	uint32_t last = *page;
	size_t bytes = CACHE_PAGE - skip;

	while (bytes < left && c->next[last] == last + 1) {
		last++;
		bytes += CACHE_PAGE;
	}
	if (bytes < left)
		*page = c->next[last];
	return bytes < left ? bytes : left;
}

int body_iov(const struct body *b, uint64_t offset, struct iovec *iov, int max)
{
	const struct entry *e;
	uint32_t page;
	int n = 0;

	if (offset >= b->size || max <= 0)
		return 0;
	if (b->mapping != NULL) {
		iov->iov_len = piece_private(b, offset, iov);
		return 1;
	}
	e = &b->cache->entries[b->entry];
	page = page_at(b->cache, e, offset);
	while (offset < b->size && n < max) {
		size_t skip = offset % CACHE_PAGE;
		size_t left = (size_t)(b->size - offset);

		iov[n].iov_base = b->cache->pages + (size_t)page * CACHE_PAGE + skip;
		iov[n].iov_len =
			e->straight ? left : piece_cached(b->cache, &page, skip, left);
		offset += iov[n++].iov_len;
	}
	return n;
}

void body_release(struct body *b)
{
	if (b->mapping != NULL) {
		munmap((void *)(uintptr_t)b->mapping, (size_t)b->size);
	} else if (b->cache != NULL) {
		cache_enter(b->cache);
		store_unpin(b->cache, b->pin);
		cache_leave(b->cache);
	}
	*b = (struct body){0};
}

void cache_owner_died(struct cache *c, pid_t pid)
{
	uint32_t used;

	cache_enter(c);
	/* Free pins are taken from the table's low end first: the scan ends early. */
	used = c->store->pins_used;
	for (uint32_t i = 0; i < c->pins_total && used > 0; i++) {
		pid_t owner =
			atomic_load_explicit(&c->pins[i].owner, memory_order_relaxed);

		used -= owner != 0;
		if (owner == pid)
			store_unpin(c, i);
	}
	cache_leave(c);
}

void cache_stats(struct cache *c, struct cache_stats *out)
{
	cache_enter(c);
	*out = (struct cache_stats){
		.entries = c->store->entries_used,
		.pages_used = c->pages_total - c->store->pages_free,
		.pages_total = c->pages_total,
		.pins_used = c->store->pins_used,
		.pins_total = c->pins_total,
	};
	cache_leave(c);
}
