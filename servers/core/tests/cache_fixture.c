/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_fixture.c - see cache_fixture.h. */
#include "config.h"

#include "cache_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIXTURE_PIECES = 7 }; /* small, so that bodies take several calls */

unsigned char fixture_byte(unsigned seed, size_t i)
{
	return (unsigned char)((i + seed) * 2654435761U >> 13);
}

static int fd_lowest(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

void fixture_open(struct fixture *f, size_t pages, unsigned pins,
		  const struct lock *lock)
{
	const char *tmp = getenv("TMPDIR");
	char outside[FIXTURE_PATH + 16];

	snprintf(f->root, sizeof(f->root), "%s/duality-cache-XXXXXX",
		 tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->root));
	assert_int_equal(chmod(f->root, 0755), 0);
	snprintf(outside, sizeof(outside), "%s/outside", f->root);
	close(open(outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	strcat(f->root, "/root");
	assert_int_equal(mkdir(f->root, 0755), 0);
	assert_int_equal(
		cache_create(&f->cache, f->root, pages * CACHE_PAGE, pins, lock), 0);
	f->lowest_fd = fd_lowest();
}

static int tree_remove(const char *name, const struct stat *st, int type,
		       struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(name);
}

void fixture_close(struct fixture *f)
{
	assert_int_equal(fd_lowest(), f->lowest_fd);
	cache_destroy(f->cache);
	*strrchr(f->root, '/') = '\0';
	assert_int_equal(nftw(f->root, tree_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void fixture_name(const struct fixture *f, const char *path, char name[FIXTURE_PATH])
{
	int n = snprintf(name, FIXTURE_PATH, "%s%s", f->root, path);

	assert_in_range(n, 1, FIXTURE_PATH - 1);
}

static void name_write(const char *name, size_t size, unsigned seed)
{
	struct timespec times[2] = {{.tv_sec = seed}, {.tv_sec = seed}};
	unsigned char *bytes = malloc(size + 1);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = fixture_byte(seed, i);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
	free(bytes);
}

void fixture_write(const struct fixture *f, const char *path, size_t size,
		   unsigned seed)
{
	char name[FIXTURE_PATH];

	fixture_name(f, path, name);
	name_write(name, size, seed);
}

void fixture_replace(const struct fixture *f, const char *path, size_t size,
		     unsigned seed)
{
	char name[FIXTURE_PATH];
	char other[FIXTURE_PATH];

	fixture_name(f, path, name);
	fixture_name(f, "/.other", other);
	name_write(other, size, seed);
	assert_int_equal(rename(other, name), 0);
}

bool fixture_same(const struct body *b, size_t size, unsigned seed)
{
	uint64_t offset = 0;

	if (b->size != size || b->mapping != NULL)
		return false;
	while (offset < size) {
		struct iovec iov[FIXTURE_PIECES];
		int n = body_iov(b, offset, iov, FIXTURE_PIECES);

		if (n <= 0)
			return false;
		for (int i = 0; i < n; i++) {
			const unsigned char *piece = iov[i].iov_base;

			for (size_t j = 0; j < iov[i].iov_len; j++, offset++)
				if (piece[j] != fixture_byte(seed, offset))
					return false;
		}
	}
	return offset == size;
}

static bool bytes_same(int fd, size_t size, unsigned seed)
{
	unsigned char *bytes = malloc(size + 1);
	bool same;

	assert_non_null(bytes);
	same = pread(fd, bytes, size + 1, 0) == (ssize_t)size;
	for (size_t i = 0; same && i < size; i++)
		same = bytes[i] == fixture_byte(seed, i);
	free(bytes);
	return same;
}

bool fixture_sent(const struct body *b, size_t size, unsigned seed)
{
	int fd = memfd_create("body", MFD_CLOEXEC);
	uint64_t offset = 0;
	bool same;

	assert_true(fd >= 0);
	while (offset < b->size) {
		struct iovec iov[FIXTURE_PIECES];
		int n = body_iov(b, offset, iov, FIXTURE_PIECES);
		ssize_t sent = writev(fd, iov, n);

		if (sent <= 0)
			break;
		offset += (uint64_t)sent;
	}
	same = offset == b->size && bytes_same(fd, size, seed);
	close(fd);
	return same;
}

struct cache_stats fixture_stats(struct cache *c)
{
	struct cache_stats stats;

	cache_stats(c, &stats);
	return stats;
}

void fixture_settled(struct cache *c)
{
	struct cache_stats stats = fixture_stats(c);

	assert_int_equal(stats.pins_used, 0);
	assert_true(stats.pages_used <= stats.pages_total);
	if (stats.entries == 0)
		assert_int_equal(stats.pages_used, 0);
}

struct fixture_hooks fixture_hooks;

/* Lies in the cache's shared mapping. */
struct hooked {
	pthread_mutex_t mutex;
	unsigned repairs; /* under the mutex */
};
static struct hooked *latest;

unsigned fixture_repairs(void)
{
	return latest->repairs;
}

static int hooked_init(void *memory)
{
	latest = memory;
	return lock_robust.init(&latest->mutex);
}

static int hooked_lock(void *memory)
{
	struct hooked *h = memory;
	int rc;

	if (fixture_hooks.before != NULL)
		fixture_hooks.before(fixture_hooks.n + 1);
	rc = lock_robust.lock(&h->mutex);
	fixture_hooks.n++;
	h->repairs += rc != 0;
	if (fixture_hooks.inside != NULL)
		fixture_hooks.inside(fixture_hooks.n);
	return rc;
}

static void hooked_unlock(void *memory)
{
	struct hooked *h = memory;

	if (fixture_hooks.leaving != NULL)
		fixture_hooks.leaving(fixture_hooks.n);
	lock_robust.unlock(&h->mutex);
}

const struct lock fixture_lock = {
	.name = "hooked",
	.size = sizeof(struct hooked),
	.init = hooked_init,
	.lock = hooked_lock,
	.unlock = hooked_unlock,
};

static void fixture_need(const struct fixture *f, const char *path, size_t size,
			 unsigned seed)
{
	char name[FIXTURE_PATH];

	fixture_name(f, path, name);
	if (access(name, F_OK) != 0)
		name_write(name, size, seed);
}

void fixture_fill(struct fixture *f)
{
	size_t pages = fixture_stats(f->cache).pages_total;
	struct body *held = calloc(pages, sizeof(*held));
	char path[16];

	assert_non_null(held);
	for (unsigned i = 0; i < pages; i++) {
		snprintf(path, sizeof(path), "/fill%u", i);
		fixture_need(f, path, 64, i);
		assert_int_equal(cache_load(f->cache, path, SECOND_NS, &held[i]), 0);
		assert_null(held[i].mapping);
	}
	for (unsigned i = 0; i < pages; i++) {
		assert_true(fixture_same(&held[i], 64, i));
		body_release(&held[i]);
	}
	assert_int_equal(fixture_stats(f->cache).pages_used, pages);
	fixture_settled(f->cache);
	free(held);
}
