/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_store.h - inside the cache: the tables in the shared mapping and what is done
 * to them under the lock.  For cache*.c only.
 *
 * A process may be killed between any two stores, so the tables are split in two.  The
 * truth: `high`, each entry's state and, where that is not ENTRY_FREE, its file, its
 * path and its pages (`first` and `count - 1` links of next[]); each pin's owner and,
 * where that is not 0, its entry.  Everything else (marked "derived") is rebuilt from
 * the truth after a death.  What a store into `state` or `owner` makes true is written
 * before it, by a release store; the compiler is all that must be held back, since
 * whoever inherits the lock sees every store the dead process made (futex(2), "Robust
 * futexes"). */
#ifndef DUALITY_CACHE_STORE_H
#define DUALITY_CACHE_STORE_H

#include "cache.h"

#include <stdalign.h>
#include <stdatomic.h>

enum { CACHE_PATH = 1024, STORE_LINE = 64 };

static const uint32_t STORE_NONE = UINT32_MAX; /* no page, entry or pin */

/* Which file, and whether it is still the same. */
struct file_stamp {
	uint64_t dev, ino, size;
	int64_t mtime_s, mtime_ns;
	bool is_index;
};

/* A live entry is found by its path.  A hidden one (being filled, or replaced while it
 * was sent) lasts as long as its pins. */
enum entry_state { ENTRY_FREE, ENTRY_HIDDEN, ENTRY_LIVE };

struct entry {
	alignas(STORE_LINE) _Atomic uint32_t state;
	uint32_t pins;        /* derived */
	uint32_t link;        /* derived: next of the bucket, or of the free entries */
	uint32_t first, last; /* pages; STORE_NONE where count is 0 */
	uint32_t count;       /* of pages */
	bool straight;        /* the pages are neighbours, in order */
	bool referenced;      /* hit since the clock's hand came by */
	uint16_t length;      /* of the path */
	uint64_t hash, seen_ns; /* seen_ns: when the file was last looked at */
	struct file_stamp file;
};

struct pin {
	_Atomic pid_t owner; /* 0: free */
	uint32_t entry;
	uint32_t link; /* derived: next free pin */
};

struct store {
	uint32_t high; /* entries from here on were never used */
	uint32_t hand; /* of the clock; may be anywhere */
	uint32_t free_page, free_entry, free_pin; /* derived, like all that follows */
	uint32_t pages_free, entries_used, pins_used;
};

/* One process's view; after a fork the child has its own copy of it. */
struct cache {
	const struct lock *lock;
	void *lock_memory;
	struct store *store;
	uint32_t *buckets; /* derived */
	struct entry *entries;
	struct pin *pins;
	uint32_t *next;      /* per page: the page after it */
	unsigned char *used; /* per page: scratch of store_rebuild */
	char (*paths)[CACHE_PATH];
	unsigned char *pages;
	uint32_t pages_total, entries_total, pins_total, bucket_mask;
	size_t mapped; /* bytes of the mapping, which begins at store */
	int root;
};

struct cache_key {
	const char *path;
	size_t length;
	uint64_t hash;
};

/* Take the lock; repairs the tables if its last holder died. */
void cache_enter(struct cache *c);
void cache_leave(struct cache *c);

/* All store_* functions: under the lock. */

/* The live entry of this path, or NULL. */
struct entry *store_find(const struct cache *c, const struct cache_key *key);

/* Pin e for this process into *out.  0 or -ENOBUFS. */
int store_pin(struct cache *c, struct entry *e, struct body *out);
void store_unpin(struct cache *c, uint32_t pin);

/* Let *b hold e instead of what it holds. */
void store_repin(struct cache *c, struct body *b, struct entry *e);

/* A hidden entry with room for the file, pinned into *out.  0, -ENOBUFS (no pin),
 * -ENOSPC (never fits, or all is pinned). */
int store_reserve(struct cache *c, const struct cache_key *key,
		  const struct file_stamp *file, uint64_t now_ns, struct body *out);

/* Let a hidden entry be found; no other entry of that path may be live. */
void store_show(struct cache *c, struct entry *e);
void store_hide(struct cache *c, struct entry *e);

/* Restore everything derived from the truth; drop the pins of processes that are gone.
 * Zeroed memory is the truth of an empty cache. */
void store_rebuild(struct cache *c);
#endif
