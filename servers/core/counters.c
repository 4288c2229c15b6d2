/* SPDX-License-Identifier: BSD-2-Clause */
/* counters.c - the mapped counters and their JSON. */
#include "config.h"

#include "counters.h"
#include "text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const names[COUNTERS] = {
	[COUNTER_REQUESTS] = "requests",
	[COUNTER_OPENED] = "connections_opened",
	[COUNTER_CLOSED] = "connections_closed",
	[COUNTER_PEAK] = "connections_peak",
	[COUNTER_BYTES_IN] = "bytes_in",
	[COUNTER_BYTES_OUT] = "bytes_out",
	[COUNTER_LOADS] = "loads",
	[COUNTER_ERRORS] = "errors",
	[COUNTER_RESETS] = "resets",
	[COUNTER_DEFERRED] = "deferred",
	[COUNTER_CLOSED_NO_FD] = "closed_no_fd",
	[COUNTER_REFUSED] = "refused",
	[COUNTER_LOCK_WAITS] = "lock_waits",
};

struct counters *counters_map(const char *path)
{
	int flags = MAP_SHARED | (path ? 0 : MAP_ANONYMOUS), fd = -1;
	struct counters *c = MAP_FAILED;

	if (path) {
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0)
			return NULL;
		/* All blocks now: a full disk must not become a SIGBUS later. */
		errno = posix_fallocate(fd, 0, sizeof *c);
	}
	if (fd < 0 || errno == 0)
		c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (fd >= 0)
		close(fd);
	if (c == MAP_FAILED)
		return NULL;
	c->version = COUNTER_VERSION;
	c->shards = COUNTER_SHARDS;
	c->slots = COUNTER_SLOTS;
	c->used = COUNTERS;
	for (int i = 0; i < COUNTERS; i++)
		strncpy(c->name[i], names[i], COUNTER_NAME - 1);
	memcpy(c->magic, "duality-counter", sizeof c->magic);
	return c;
}

void counters_own(struct counters *c, const char *const *own)
{
	for (; *own; own++) {
		assert(c->used < COUNTER_SLOTS && strlen(*own) < COUNTER_NAME);
		strncpy(c->name[c->used++], *own, COUNTER_NAME - 1);
	}
}

void counter_add(struct counters *c, unsigned which, uint64_t n)
{
	unsigned shard = (unsigned)sched_getcpu() % COUNTER_SHARDS;

	atomic_fetch_add_explicit(&c->shard[shard].value[which], n,
				  memory_order_relaxed);
}

void counter_raise(struct counters *c, unsigned which, uint64_t n)
{
	_Atomic uint64_t *level = &c->shard[0].value[which];
	uint64_t old = atomic_load_explicit(level, memory_order_relaxed);

	while (old < n && !atomic_compare_exchange_weak_explicit(level, &old, n,
								 memory_order_relaxed,
								 memory_order_relaxed))
		continue;
}

uint64_t counter_read(const struct counters *c, unsigned which)
{
	uint64_t sum = 0;

	for (int i = 0; i < COUNTER_SHARDS; i++)
		sum += atomic_load_explicit(&c->shard[i].value[which],
					    memory_order_relaxed);
	return sum;
}

void counters_hide(struct counters *c)
{
	memset(c->name, 0, sizeof c->name);
}

void counter_show(struct counters *c, enum counter which, uint64_t value)
{
	atomic_store_explicit(&c->shard[0].value[which], value, memory_order_relaxed);
	strncpy(c->name[which], names[which], COUNTER_NAME - 1);
}

int counters_write(const struct counters *c, int fd)
{
	char text[COUNTER_SLOTS * (COUNTER_NAME + 26) + 4];
	char *to = text;
	size_t len, done = 0;

	for (unsigned i = 0; i < c->used; i++) {
		if (!c->name[i][0])
			continue;
		to = text_put(to, to == text ? "{\"" : ", \"");
		to = text_put(text_put(to, c->name[i]), "\": ");
		to = text_number(to, counter_read(c, i), 1);
	}
	to = text_put(to, to == text ? "{}\n" : "}\n");
	len = (size_t)(to - text);
	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}
