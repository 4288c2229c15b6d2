/* SPDX-License-Identifier: BSD-2-Clause */
/* counters.h - what a server did, live: a mapped file that anyone may read while the
 * server runs, so that a measured window is exact.
 *
 * One shard per CPU (modulo COUNTER_SHARDS), so that threads on different CPUs never
 * write the same cache line; a reader adds the shards up.  A level that is not a sum
 * (connections_peak) lives in shard 0 alone. */
#ifndef DUALITY_COUNTERS_H
#define DUALITY_COUNTERS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum counter {
	COUNTER_REQUESTS, /* replies begun, whatever their status */
	COUNTER_OPENED,   /* connections */
	COUNTER_CLOSED,
	COUNTER_PEAK, /* most connections open at once */
	COUNTER_BYTES_IN,
	COUNTER_BYTES_OUT,
	COUNTER_LOADS,        /* cache misses and revalidations */
	COUNTER_ERRORS,       /* replies of status 400 and above */
	COUNTER_RESETS,       /* connections the peer broke: ECONNRESET, EPIPE */
	COUNTER_DEFERRED,     /* pauses of accepting at --max-connections */
	COUNTER_CLOSED_NO_FD, /* accepted and closed: out of descriptors */
	COUNTER_REFUSED,    /* accepted and closed: out of threads, processes, memory */
	COUNTER_LOCK_WAITS, /* an account's lock was held by another */
	COUNTERS
};

enum {
	COUNTER_SHARDS = 16,
	COUNTER_SLOTS = 32,
	COUNTER_NAME = 32,
	COUNTER_VERSION = 1
};

struct counter_shard {
	alignas(128) _Atomic(uint64_t) value[COUNTER_SLOTS];
};

/* The file's layout; native byte order. */
struct counters {
	char magic[16];               /* "duality-counter", NUL-terminated */
	uint32_t version;             /* COUNTER_VERSION */
	uint32_t shards, slots, used; /* used: how many of name[] are in use */
	char name[COUNTER_SLOTS][COUNTER_NAME];
	struct counter_shard shard[COUNTER_SHARDS];
};

/* Map the counters: shared with every process forked later; in the file `path` if not
 * NULL (created or truncated).  Returns NULL with errno set. */
struct counters *counters_map(const char *path);

/* Give a variant counters of its own, COUNTERS + i, by these names (up to the NULL;
 * short enough, and no more than fit).  Before anyone else sees them. */
void counters_own(struct counters *c, const char *const *names);

/* Add n to a counter; any thread, any process. */
void counter_add(struct counters *c, unsigned which, uint64_t n);

/* Raise a level to at least n. */
void counter_raise(struct counters *c, unsigned which, uint64_t n);

/* The sum over the shards. */
uint64_t counter_read(const struct counters *c, unsigned which);

/* For a program that cannot know them: none is told, live or at the end, until it is
 * shown again. */
void counters_hide(struct counters *c);
void counter_show(struct counters *c, enum counter which, uint64_t value);

/* All counters as one JSON object and a newline, by write(2) alone: fit for a signal
 * handler.  Returns 0 or -errno. */
int counters_write(const struct counters *c, int fd);
#endif
