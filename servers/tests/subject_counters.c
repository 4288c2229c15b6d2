/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_counters.c - the counters of a server under test: the JSON it leaves behind,
 * and the mapped file while it runs. */
#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counters.h"
#include "subject.h"

int64_t subject_counter(const struct subject *s, const char *name)
{
	char path[PATH_MAX];
	json_t *all;
	const json_t *one;
	int64_t value;

	snprintf(path, sizeof path, "%s/counters", s->top);
	all = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	one = json_object_get(all, name);
	value = json_is_integer(one) ? (int64_t)json_integer_value(one) : -1;
	json_decref(all);
	return value;
}

static int64_t counters_sum(const struct counters *c, const char *name)
{
	uint64_t sum = 0;

	if (memcmp(c->magic, "duality-counter", 16) != 0 ||
	    c->version != COUNTER_VERSION)
		return -1;
	for (uint32_t slot = 0; slot < c->used && slot < COUNTER_SLOTS; slot++) {
		if (strncmp(c->name[slot], name, COUNTER_NAME) != 0)
			continue;
		for (uint32_t i = 0; i < c->shards && i < COUNTER_SHARDS; i++)
			sum += atomic_load_explicit(&c->shard[i].value[slot],
						    memory_order_relaxed);
		return (int64_t)sum;
	}
	return -1;
}

int64_t subject_live(const struct subject *s, const char *name)
{
	char path[PATH_MAX];
	const struct counters *c = MAP_FAILED;
	int64_t value = -1;
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s/counters.live", s->top);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *c)
		c = mmap(NULL, sizeof *c, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (c == MAP_FAILED)
		return -1;
	value = counters_sum(c, name);
	munmap((void *)c, sizeof *c);
	return value;
}
