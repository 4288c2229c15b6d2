/* SPDX-License-Identifier: BSD-2-Clause */
/* live.c - read a running server's counters.  Mapped, as only then are the reads of
 * values that others write defined (atomics); the size is checked again before each
 * reading, as a mapping of a file cut short ends in SIGBUS (mmap(2)). */
#include "config.h"

#include "harness/sample/live.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t size_needed(uint32_t shards)
{
	return offsetof(struct counters, shard) + shards * sizeof(struct counter_shard);
}

static bool has_size(int fd, size_t size)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= (off_t)size;
}

/* Check the head, which never changes once the server is ready. */
static int head_check(struct live *l)
{
	const struct counters *c = l->map;

	if (memcmp(c->magic, "duality-counter", sizeof c->magic) != 0)
		return -EBADMSG;
	if (c->version != COUNTER_VERSION)
		return -EPROTONOSUPPORT;
	l->shards = c->shards;
	l->used = c->used;
	if (l->shards < 1 || l->shards > COUNTER_SHARDS || c->slots != COUNTER_SLOTS ||
	    l->used > COUNTER_SLOTS || !has_size(l->fd, size_needed(l->shards)))
		return -EBADMSG;
	for (uint32_t i = 0; i < l->used; i++)
		if (c->name[i][0] == '\0' || !memchr(c->name[i], '\0', COUNTER_NAME))
			return -EBADMSG;
	return 0;
}

int live_open(struct live *l, const char *path)
{
	*l = (struct live){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
	int rc = -EBADMSG;

	if (l->fd < 0)
		return -errno;
	if (!has_size(l->fd, size_needed(1)))
		goto fail;
	l->size = size_needed(COUNTER_SHARDS);
	void *map = mmap(NULL, l->size, PROT_READ, MAP_SHARED, l->fd, 0);
	if (map == MAP_FAILED) {
		rc = -errno;
		goto fail;
	}
	l->map = map;
	rc = head_check(l);
	if (rc == 0)
		return 0;
fail:
	live_close(l);
	return rc;
}

int live_read(const struct live *l, struct live_value *out)
{
	if (!has_size(l->fd, size_needed(l->shards)))
		return -ESTALE;
	for (uint32_t i = 0; i < l->used; i++) {
		memcpy(out[i].name, l->map->name[i], COUNTER_NAME);
		out[i].value = 0;
		/* Each value is whole by itself; nothing is read through it, so
		 * relaxed. */
		for (uint32_t s = 0; s < l->shards; s++)
			out[i].value += atomic_load_explicit(&l->map->shard[s].value[i],
							     memory_order_relaxed);
	}
	return (int)l->used;
}

double live_value(const struct live_value *values, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(values[i].name, name) == 0)
			return (double)values[i].value;
	return (double)NAN;
}

void live_close(struct live *l)
{
	if (l->map)
		munmap((void *)(uintptr_t)l->map, l->size);
	if (l->fd >= 0)
		close(l->fd);
	l->map = NULL;
	l->fd = -1;
}
