/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_files_test.c - which names lead to a file: links, `..`, folders, FIFOs, rights,
 * long names, and files that change while they are read. */
#include "config.h"

#include "cache_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t NOW = 5000000000;

static int load(struct fixture *f, const char *path)
{
	struct body b;
	int rc = cache_load(f->cache, path, NOW, &b);

	body_release(&b);
	return rc;
}

static bool load_gives(struct fixture *f, const char *path, size_t size, unsigned seed)
{
	struct body b;
	bool same = cache_load(f->cache, path, NOW, &b) == 0 &&
		    fixture_same(&b, size, seed);

	body_release(&b);
	return same;
}

static void folder(struct fixture *f, const char *path)
{
	char name[FIXTURE_PATH];

	fixture_name(f, path, name);
	assert_int_equal(mkdir(name, 0755), 0);
}

static void link_to(struct fixture *f, const char *path, const char *target)
{
	char name[FIXTURE_PATH];

	fixture_name(f, path, name);
	assert_int_equal(symlink(target, name), 0);
}

static void test_create_errors(void **state)
{
	struct fixture f;
	struct cache *c;

	(void)state;
	fixture_open(&f, 4, 4, &lock_none);
	assert_int_equal(cache_create(&c, "/nonexistent/x", 4096, 1, &lock_none),
			 -ENOENT);
	assert_int_equal(cache_create(&c, "/dev/null", 4096, 1, &lock_none), -ENOTDIR);
	assert_int_equal(cache_create(&c, "/", SIZE_MAX, 1, &lock_none), -ENOMEM);
	fixture_close(&f);
}

static void test_links(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	folder(&f, "/d");
	fixture_write(&f, "/a", 700, 1);
	link_to(&f, "/inside", "a");
	link_to(&f, "/d/up", "../a");
	link_to(&f, "/out", "../outside");
	link_to(&f, "/absolute", "/etc/passwd");
	link_to(&f, "/d/far", "../../outside");
	link_to(&f, "/loop", "loop");
	link_to(&f, "/dangling", "nothing");
	link_to(&f, "/magic", "/proc/self/exe");
	assert_true(load_gives(&f, "/inside", 700, 1));
	assert_true(load_gives(&f, "/d/up", 700, 1));
	assert_int_equal(load(&f, "/out"), -EXDEV);
	assert_int_equal(load(&f, "/absolute"), -EXDEV);
	assert_int_equal(load(&f, "/d/far"), -EXDEV);
	assert_int_equal(load(&f, "/loop"), -ELOOP);
	assert_int_equal(load(&f, "/dangling"), -ENOENT);
	assert_int_equal(load(&f, "/magic"), -EXDEV);
	fixture_settled(f.cache);
	fixture_close(&f);
}

static void test_dots(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	folder(&f, "/d");
	fixture_write(&f, "/a", 700, 1);
	assert_true(load_gives(&f, "/d/../a", 700, 1));
	assert_true(load_gives(&f, "/./a", 700, 1));
	assert_true(load_gives(&f, "//a", 700, 1));
	assert_int_equal(load(&f, "/../outside"), -EXDEV);
	assert_int_equal(load(&f, "/d/../../outside"), -EXDEV);
	assert_int_equal(load(&f, "/.."), -EXDEV);
	assert_int_equal(load(&f, "/../root/a"), -EXDEV);
	assert_int_equal(load(&f, "//etc/passwd"), -ENOENT);
	fixture_close(&f);
}

static void test_folders(void **state)
{
	struct fixture f;
	struct body b;

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	folder(&f, "/d");
	folder(&f, "/d/index.html");
	folder(&f, "/e");
	fixture_write(&f, "/a", 700, 1);
	assert_int_equal(load(&f, "/"), -EISDIR);
	assert_int_equal(load(&f, "/e/"), -EISDIR);
	assert_int_equal(load(&f, "/d"), -EISDIR);
	assert_int_equal(load(&f, "/a/"), -ENOTDIR);
	assert_int_equal(load(&f, "/a/b"), -ENOTDIR);
	link_to(&f, "/e/index.html", "../a");
	assert_int_equal(cache_load(f.cache, "/e", NOW, &b), 0);
	assert_true(b.is_index);
	assert_true(fixture_same(&b, 700, 1));
	body_release(&b);
	assert_int_equal(cache_get(f.cache, "/e", NOW, &b), 0);
	assert_true(b.is_index);
	body_release(&b);
	assert_int_equal(cache_load(f.cache, "/e/index.html", NOW, &b), 0);
	assert_false(b.is_index);
	body_release(&b);
	fixture_write(&f, "/index.html", 10, 3);
	assert_true(load_gives(&f, "/", 10, 3));
	fixture_close(&f);
}

static void test_not_files(void **state)
{
	struct fixture f;
	char name[FIXTURE_PATH];

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	fixture_name(&f, "/fifo", name);
	assert_int_equal(mkfifo(name, 0644), 0);
	fixture_name(&f, "/socket", name);
	assert_int_equal(mknod(name, S_IFSOCK | 0644, 0), 0);
	alarm(20); /* a blocking open would hang for ever */
	assert_int_equal(load(&f, "/fifo"), -EACCES);
	alarm(0);
	assert_int_equal(load(&f, "/socket"), -EACCES);
	fixture_close(&f);
}

/* In a child: root reads everything, so it becomes nobody first. */
static void test_unreadable(void **state)
{
	struct fixture f;
	char name[FIXTURE_PATH];
	int status;
	pid_t pid;

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	fixture_write(&f, "/secret", 100, 1);
	fixture_name(&f, "/secret", name);
	assert_int_equal(chmod(name, 0), 0);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(77);
		_exit(load(&f, "/secret") == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fixture_close(&f);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# not here: may not be another user here\n");
		return;
	}
	assert_int_equal(status, 0);
}

/* A path of more than 1,024 bytes is served, but not kept. */
static void test_long_paths(void **state)
{
	struct fixture f;
	char path[6000] = "";
	struct body b;

	(void)state;
	fixture_open(&f, 64, 8, &lock_none);
	fixture_write(&f, "/a", 700, 1);
	fixture_write(&f, "/empty", 0, 1);
	while (strlen(path) < 1022)
		strcat(path, "/.");
	strcat(path, "/a");
	assert_int_equal(strlen(path), 1024);
	assert_true(load_gives(&f, path, 700, 1));
	assert_int_equal(cache_get(f.cache, path, NOW, &b), 0);
	body_release(&b);
	strcpy(path + 1022, "//a");
	assert_int_equal(cache_load(f.cache, path, NOW, &b), 0);
	assert_non_null(b.mapping);
	assert_true(fixture_sent(&b, 700, 1));
	body_release(&b);
	assert_int_equal(cache_get(f.cache, path, NOW, &b), -EAGAIN);
	strcpy(path + 1022, "//empty");
	assert_int_equal(cache_load(f.cache, path, NOW, &b), 0);
	assert_int_equal(b.size, 0);
	body_release(&b);
	while (strlen(path) < 5000)
		strcat(path, "/.");
	assert_int_equal(load(&f, path), -ENAMETOOLONG);
	fixture_settled(f.cache);
	fixture_close(&f);
}

/* A child truncates and rewrites the file without end: a load gives the bytes of one or
 * the other length, or EIO, and never a leak. */
static void test_changing_file(void **state)
{
	struct fixture f;
	char name[FIXTURE_PATH];
	int status;
	pid_t pid;

	(void)state;
	fixture_open(&f, 64, 8, &lock_robust);
	fixture_write(&f, "/a", 40000, 1);
	fixture_name(&f, "/a", name);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 3000; i++)
			if (truncate(name, i % 2 == 0 ? 100 : 40000) != 0)
				_exit(1);
		_exit(0);
	}
	for (uint64_t i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
		struct body b;
		int rc = cache_load(f.cache, "/a", NOW + i * SECOND_NS, &b);

		assert_true(rc == 0 || rc == -EIO);
		if (rc == 0)
			assert_true(b.size == 100 || b.size == 40000);
		body_release(&b);
	}
	assert_int_equal(status, 0);
	fixture_settled(f.cache);
	assert_true(fixture_stats(f.cache).entries <= 1);
	fixture_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_errors),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_dots),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_not_files),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_changing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
