/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_test.c - what the cache promises one thread: pins, eviction, replacement,
 * revalidation, private bodies, pieces. */
#include "config.h"

#include "cache_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint64_t NOW = 5000000000;

static struct body loaded(struct fixture *f, const char *path, uint64_t now_ns)
{
	struct body b;

	assert_int_equal(cache_load(f->cache, path, now_ns, &b), 0);
	return b;
}

static bool cached(struct fixture *f, const char *path, uint64_t now_ns)
{
	struct body b;
	int rc = cache_get(f->cache, path, now_ns, &b);

	assert_true(rc == 0 || rc == -EAGAIN);
	body_release(&b);
	return rc == 0;
}

static void load_all(struct fixture *f, const char *names[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct body b = loaded(f, names[i], NOW);

		body_release(&b);
	}
}

static void test_hit(void **state)
{
	struct fixture f;
	struct body b;

	(void)state;
	fixture_open(&f, 16, 4, &lock_none);
	fixture_write(&f, "/a", 5000, 1);
	assert_int_equal(cache_get(f.cache, "/a", NOW, &b), -EAGAIN);
	assert_null(b.cache);
	b = loaded(&f, "/a", NOW);
	assert_true(fixture_same(&b, 5000, 1));
	body_release(&b);
	body_release(&b); /* zeroed: no body, nothing happens */
	assert_int_equal(cache_get(f.cache, "/a", NOW, &b), 0);
	assert_true(fixture_same(&b, 5000, 1));
	assert_int_equal(fixture_stats(f.cache).pins_used, 1);
	assert_int_equal(fixture_stats(f.cache).pages_used, 2);
	body_release(&b);
	fixture_settled(f.cache);
	fixture_close(&f);
}

/* Every size around the borders of pages, every offset, every number of pieces. */
static void test_pieces(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 20000};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned seed = (unsigned)i + 1;
		struct iovec all[8], part[8];
		struct body b;
		int n;

		fixture_open(&f, 64, 16, &lock_none);
		fixture_write(&f, "/a", sizes[i], seed);
		b = loaded(&f, "/a", NOW);
		assert_true(fixture_same(&b, sizes[i], seed));
		n = body_iov(&b, 0, all, 8);
		assert_int_equal(n, sizes[i] > 0); /* a fresh cache: neighbours */
		for (uint64_t at = 0; at < sizes[i]; at++) {
			assert_int_equal(body_iov(&b, at, part, 8), 1);
			assert_ptr_equal(part[0].iov_base,
					 (char *)all[0].iov_base + at);
			assert_int_equal(part[0].iov_len, sizes[i] - at);
		}
		assert_int_equal(body_iov(&b, sizes[i], part, 8), 0);
		assert_int_equal(body_iov(&b, 0, part, 0), 0);
		body_release(&b);
		fixture_close(&f);
	}
}

/* The cache is filled with one-page files, every second of which is let go: a file of
 * three pages then lies in three places. */
static void test_pieces_scattered(void **state)
{
	struct fixture f;
	struct body held[16];
	struct iovec iov[8];
	struct body b;
	char path[8];

	(void)state;
	fixture_open(&f, 16, 32, &lock_none);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		fixture_write(&f, path, 100, i);
		held[i] = loaded(&f, path, NOW);
	}
	for (unsigned i = 0; i < 16; i += 2)
		body_release(&held[i]);
	fixture_write(&f, "/big", 10000, 99);
	b = loaded(&f, "/big", NOW);
	assert_int_equal(body_iov(&b, 0, iov, 8), 3);
	assert_int_equal(body_iov(&b, 0, iov, 2), 2);
	assert_int_equal(iov[1].iov_len, CACHE_PAGE);
	for (uint64_t at = 0; at < 10000; at++) {
		struct iovec at_iov[8];
		int n = body_iov(&b, at, at_iov, 8);
		const unsigned char *byte = at_iov[0].iov_base;
		uint64_t sum = 0;

		for (int i = 0; i < n; i++)
			sum += at_iov[i].iov_len;
		assert_int_equal(sum, 10000 - at);
		assert_int_equal(*byte, fixture_byte(99, at));
	}
	assert_true(fixture_same(&b, 10000, 99));
	for (unsigned i = 1; i < 16; i += 2) {
		assert_true(fixture_same(&held[i], 100, i));
		body_release(&held[i]);
	}
	body_release(&b);
	fixture_settled(f.cache);
	fixture_close(&f);
}

static void test_pin_outlives_eviction(void **state)
{
	static const char *others[] = {"/b", "/c", "/d", "/e", "/f"};
	struct fixture f;
	struct body b;

	(void)state;
	fixture_open(&f, 4, 8, &lock_none);
	fixture_write(&f, "/a", 4096, 1);
	for (unsigned i = 0; i < 5; i++)
		fixture_write(&f, others[i], 4096, 2 + i);
	b = loaded(&f, "/a", NOW);
	load_all(&f, others, 5);
	load_all(&f, others, 5);
	assert_true(fixture_same(&b, 4096, 1));
	assert_true(cached(&f, "/a", NOW));
	body_release(&b);
	assert_int_equal(fixture_stats(f.cache).pages_used, 4);
	fixture_settled(f.cache);
	fixture_close(&f);
}

/* Four fit.  /b was hit, so the hand passes it and takes /c. */
static void test_clock(void **state)
{
	static const char *names[] = {"/a", "/b", "/c", "/d"};
	static const char *last[] = {"/e", "/f"};
	struct fixture f;

	(void)state;
	fixture_open(&f, 4, 8, &lock_none);
	for (unsigned i = 0; i < 4; i++)
		fixture_write(&f, names[i], 4096, i);
	fixture_write(&f, "/e", 4096, 5);
	fixture_write(&f, "/f", 4096, 6);
	load_all(&f, names, 4);
	assert_true(cached(&f, "/b", NOW));
	load_all(&f, last, 2);
	assert_false(cached(&f, "/a", NOW));
	assert_true(cached(&f, "/b", NOW));
	assert_false(cached(&f, "/c", NOW));
	assert_true(cached(&f, "/d", NOW));
	assert_int_equal(fixture_stats(f.cache).entries, 4);
	fixture_close(&f);
}

/* Files without pages are bounded too. */
static void test_empty_files(void **state)
{
	struct fixture f;
	char path[16];

	(void)state;
	fixture_open(&f, 4, 8, &lock_none);
	for (unsigned i = 0; i < 20; i++) {
		struct body b;

		snprintf(path, sizeof(path), "/%u", i);
		fixture_write(&f, path, 0, i);
		b = loaded(&f, path, NOW);
		assert_int_equal(b.size, 0);
		assert_non_null(b.cache);
		body_release(&b);
	}
	assert_int_equal(fixture_stats(f.cache).entries, 4);
	assert_int_equal(fixture_stats(f.cache).pages_used, 0);
	fixture_close(&f);
}

static void test_revalidation(void **state)
{
	struct fixture f;
	struct body old, b;

	(void)state;
	fixture_open(&f, 16, 8, &lock_none);
	fixture_write(&f, "/a", 3000, 1);
	old = loaded(&f, "/a", NOW);
	assert_true(cached(&f, "/a", NOW + SECOND_NS - 1));
	assert_true(cached(&f, "/a", NOW - SECOND_NS)); /* a clock read earlier */
	assert_false(cached(&f, "/a", NOW + SECOND_NS));
	b = loaded(&f, "/a", NOW + SECOND_NS);
	assert_int_equal(b.entry, old.entry); /* unchanged: not read again */
	assert_int_equal(fixture_stats(f.cache).entries, 1);
	assert_true(cached(&f, "/a", NOW + 2 * (uint64_t)SECOND_NS - 1));
	body_release(&b);
	fixture_write(&f, "/a", 3000, 2); /* the same inode and size */
	b = loaded(&f, "/a", NOW + 2 * (uint64_t)SECOND_NS);
	assert_true(fixture_same(&b, 3000, 2));
	assert_true(fixture_same(&old, 3000, 1));
	assert_int_equal(fixture_stats(f.cache).entries, 2);
	body_release(&old);
	assert_int_equal(fixture_stats(f.cache).entries, 1);
	body_release(&b);
	fixture_settled(f.cache);
	fixture_close(&f);
}

static void test_replaced_and_removed(void **state)
{
	char name[FIXTURE_PATH];
	struct fixture f;
	struct body old, b;

	(void)state;
	fixture_open(&f, 16, 8, &lock_none);
	fixture_write(&f, "/a", 3000, 1);
	old = loaded(&f, "/a", NOW);
	fixture_replace(&f, "/a", 7000, 2);
	b = loaded(&f, "/a", NOW + SECOND_NS);
	assert_true(fixture_same(&b, 7000, 2));
	assert_true(fixture_same(&old, 3000, 1));
	body_release(&b);
	fixture_name(&f, "/a", name);
	assert_int_equal(unlink(name), 0);
	assert_true(cached(&f, "/a", NOW + SECOND_NS + 1));
	assert_false(cached(&f, "/a", NOW + 3 * (uint64_t)SECOND_NS));
	assert_int_equal(cache_load(f.cache, "/a", NOW + 3 * (uint64_t)SECOND_NS, &b),
			 -ENOENT);
	assert_null(b.cache);
	assert_true(fixture_same(&old, 3000, 1));
	body_release(&old);
	fixture_settled(f.cache);
	fixture_close(&f);
}

/* 16 pages: what has more than 4 is mapped. */
static void test_oversize(void **state)
{
	struct fixture f;
	struct iovec iov[2];
	struct body b;

	(void)state;
	fixture_open(&f, 16, 8, &lock_none);
	fixture_write(&f, "/fits", 4 * CACHE_PAGE, 1);
	fixture_write(&f, "/big", 4 * CACHE_PAGE + 1, 2);
	b = loaded(&f, "/fits", NOW);
	assert_null(b.mapping);
	body_release(&b);
	b = loaded(&f, "/big", NOW);
	assert_non_null(b.mapping);
	assert_true(fixture_sent(&b, 4 * CACHE_PAGE + 1, 2));
	assert_int_equal(body_iov(&b, 100, iov, 2), 1);
	assert_int_equal(iov[0].iov_len, 4 * CACHE_PAGE + 1 - 100);
	assert_int_equal(body_iov(&b, b.size, iov, 2), 0);
	assert_int_equal(fixture_stats(f.cache).pins_used, 0);
	assert_false(cached(&f, "/big", NOW));
	body_release(&b);
	assert_null(b.mapping);
	fixture_close(&f);
}

/* The server must survive a file that shrinks while it is sent. */
static void test_truncated_mapping(void **state)
{
	char name[FIXTURE_PATH];
	struct fixture f;
	struct iovec iov;
	struct body b;
	int fd = memfd_create("sink", MFD_CLOEXEC);

	(void)state;
	fixture_open(&f, 4, 8, &lock_none);
	fixture_write(&f, "/big", 5 * CACHE_PAGE, 1);
	b = loaded(&f, "/big", NOW);
	assert_non_null(b.mapping);
	fixture_name(&f, "/big", name);
	assert_int_equal(truncate(name, CACHE_PAGE), 0);
	assert_int_equal(body_iov(&b, 2 * CACHE_PAGE, &iov, 1), 1);
	assert_int_equal(writev(fd, &iov, 1), -1);
	assert_int_equal(errno, EFAULT);
	body_release(&b);
	fixture_close(&f);
	close(fd);
}

static void test_all_pinned(void **state)
{
	static const char *names[] = {"/a", "/b", "/c", "/d"};
	struct fixture f;
	struct body held[4], b;

	(void)state;
	fixture_open(&f, 4, 8, &lock_none);
	for (unsigned i = 0; i < 4; i++) {
		fixture_write(&f, names[i], 4096, i);
		held[i] = loaded(&f, names[i], NOW);
	}
	fixture_write(&f, "/e", 4096, 9);
	b = loaded(&f, "/e", NOW);
	assert_non_null(b.mapping);
	assert_true(fixture_sent(&b, 4096, 9));
	body_release(&b);
	body_release(&held[2]);
	b = loaded(&f, "/e", NOW);
	assert_null(b.mapping);
	for (unsigned i = 0; i < 4; i++)
		if (i != 2) {
			assert_true(fixture_same(&held[i], 4096, i));
			body_release(&held[i]);
		}
	body_release(&b);
	fixture_settled(f.cache);
	fixture_close(&f);
}

static void test_out_of_pins(void **state)
{
	struct fixture f;
	struct body first, second, b;

	(void)state;
	fixture_open(&f, 16, 2, &lock_none);
	fixture_write(&f, "/a", 10, 1);
	fixture_write(&f, "/b", 10, 2);
	first = loaded(&f, "/a", NOW);
	second = loaded(&f, "/a", NOW);
	assert_int_equal(cache_get(f.cache, "/a", NOW, &b), -ENOBUFS);
	assert_int_equal(cache_load(f.cache, "/a", NOW, &b), -ENOBUFS);
	assert_int_equal(cache_load(f.cache, "/b", NOW, &b), -ENOBUFS);
	assert_null(b.cache);
	assert_int_equal(fixture_stats(f.cache).entries, 1);
	body_release(&first);
	b = loaded(&f, "/b", NOW);
	assert_true(fixture_same(&b, 10, 2));
	body_release(&b);
	body_release(&second);
	fixture_settled(f.cache);
	fixture_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hit),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_pieces_scattered),
		cmocka_unit_test(test_pin_outlives_eviction),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_empty_files),
		cmocka_unit_test(test_revalidation),
		cmocka_unit_test(test_replaced_and_removed),
		cmocka_unit_test(test_oversize),
		cmocka_unit_test(test_truncated_mapping),
		cmocka_unit_test(test_all_pinned),
		cmocka_unit_test(test_out_of_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
