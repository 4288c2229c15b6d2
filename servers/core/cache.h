/* SPDX-License-Identifier: BSD-2-Clause */
/* cache.h - path -> pinned bytes, bounded, in a mapping that every process of a server
 * shares.  What does not fit is served from a private mapping of the file. */
#ifndef DUALITY_CACHE_H
#define DUALITY_CACHE_H

#include "lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct cache;

enum { CACHE_PAGE = 4096 };

/* A reply's body: pinned bytes of the cache, or a private mapping.  Held by one
 * connection; released exactly once.  Zeroed means no body. */
struct body {
	struct cache *cache;
	const void *mapping; /* private; NULL where the bytes are the cache's */
	uint64_t size;       /* bytes */
	uint32_t entry, pin; /* indices into the cache's tables */
	bool is_index;       /* the path named a directory, this is its index.html */
};

/* A cache of `bytes` bytes (rounded up to pages) over the files below root, for at most
 * `pins` bodies at once.  Returns 0 or -errno (ENOTDIR, ENOENT, ENOMEM, ENOSYS without
 * openat2). */
int cache_create(struct cache **out, const char *root, size_t bytes, unsigned pins,
		 const struct lock *lock);
void cache_destroy(struct cache *c);

/* Pin what the cache holds for path ("/a/b.html": decoded, starts with '/').  Never
 * blocks on a disk.  -EAGAIN: not there, or older than a second and to be revalidated:
 * cache_load it. -ENOBUFS: no pin is free. */
int cache_get(struct cache *c, const char *path, uint64_t now_ns, struct body *out);

/* Load path from the disk (or find it unchanged), and pin it.  Blocks on the disk,
 * never holds the lock meanwhile; safe from any thread or process.  Errors: ENOENT,
 * ENOTDIR, EXDEV, ELOOP, ENAMETOOLONG, EACCES (also: neither a regular file nor a
 * directory), EISDIR (no index.html), ENOMEM, EMFILE, ENFILE, ENOBUFS, EIO. */
int cache_load(struct cache *c, const char *path, uint64_t now_ns, struct body *out);

/* The same in steps, for those who have another way to read.  begin opens the file and
 * finds room; as long as the answer is 1, preadv(2) or its like of cache_load_fd into
 * cache_load_iov from cache_load_at on is due, and what it returned (bytes or -errno)
 * goes to cache_load_got.  The load is over, and *load NULL, with 0 or -errno.
 * resident: never block; -EAGAIN where the path, or a file that would have to be
 * mapped, might. path and out stay the caller's and must last as long. */
struct cache_load;
int cache_load_begin(struct cache_load **load, struct cache *c, const char *path,
		     bool resident, uint64_t now_ns, struct body *out);
int cache_load_fd(const struct cache_load *load);
int cache_load_iov(const struct cache_load *load, struct iovec *iov, int max);
uint64_t cache_load_at(const struct cache_load *load);
int cache_load_got(struct cache_load **load, ssize_t n);

/* Give it up; nothing may be reading any more.  NULL is fine. */
void cache_load_cancel(struct cache_load *load);

/* The body's bytes from offset on, at most max pieces.  Returns the number of pieces.
 */
int body_iov(const struct body *b, uint64_t offset, struct iovec *iov, int max);
void body_release(struct body *b);

/* Drop what a process that ended (it is reaped, its id may be used again) still held.
 */
void cache_owner_died(struct cache *c, pid_t pid);

struct cache_stats {
	uint64_t entries, pages_used, pages_total, pins_used, pins_total;
};
void cache_stats(struct cache *c, struct cache_stats *out);
#endif
