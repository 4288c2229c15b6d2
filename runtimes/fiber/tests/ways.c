/* SPDX-License-Identifier: BSD-2-Clause */
/* ways.c - a test for each scenario and each way. */
#include "config.h"

#include "ways.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SECONDS_MOST = 120, NAME_MAX_LEN = 80 };

struct way {
	struct fiber_options options;
	const struct scenario *scenario;
	char name[NAME_MAX_LEN];
};

static const struct fiber_options ways[] = {
	{.wait = "epoll", .load = "inline", .workers = 1},
	{.wait = "epoll", .load = "helpers", .workers = 1},
	{.wait = "epoll", .load = "helpers", .workers = 2},
	{.wait = "relinquish", .load = "inline", .workers = 1},
	{.wait = "relinquish", .load = "helpers", .workers = 2},
	{.wait = "uring", .load = "uring", .workers = 1},
	{.wait = "uring", .load = "uring", .workers = 2},
};

static _Atomic(unsigned) failures;

void must(bool ok, const char *what)
{
	if (ok)
		return;
	atomic_fetch_add(&failures, 1);
	fprintf(stderr, "failed: %s\n", what);
}

void must_be(intmax_t is, intmax_t expected, const char *what)
{
	if (is == expected)
		return;
	atomic_fetch_add(&failures, 1);
	fprintf(stderr, "failed: %s: %" PRIdMAX ", not %" PRIdMAX "\n", what, is,
		expected);
}

struct fiber_id begin(void *(*run)(void *arg), void *arg)
{
	struct fiber_id id = {NULL, 0};

	must_be(fiber_create(&id, NULL, run, arg), 0, "create");
	return id;
}

void end(struct fiber_id id)
{
	must_be(fiber_join(id, NULL), 0, "join");
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* Not every build has an io_uring, nor does every kernel let one have it. */
static bool is_there(const struct fiber_options *options)
{
	return strcmp(options->wait, "uring") != 0 ||
	       fiber_run(options, nothing, NULL) == 0;
}

static void run(void **state)
{
	struct way *way = *state;

	atomic_store(&failures, 0);
	alarm(SECONDS_MOST);
	assert_int_equal(fiber_run(&way->options, way->scenario->main, &way->options),
			 0);
	alarm(0);
	assert_int_equal(atomic_load(&failures), 0);
}

static void name(struct way *way)
{
	snprintf(way->name, sizeof way->name, "%s: %s, %s, %u workers",
		 way->scenario->name, way->options.wait, way->options.load,
		 way->options.workers);
}

void pair_open(struct pair *p, int type)
{
	must_be(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, p->end), 0,
		"socketpair");
}

void pair_close(struct pair *p)
{
	must_be(fiber_close(p->end[0]), 0, "close");
	must_be(fiber_close(p->end[1]), 0, "close the other end");
}

void *write_x(void *arg)
{
	must_be(fiber_write(*(int *)arg, "x", 1), 1, "write");
	return NULL;
}

void *read_x(void *arg)
{
	char c = 0;

	must_be(fiber_read(*(int *)arg, &c, 1), 1, "read");
	must(c == 'x', "what was written");
	return NULL;
}

int ways_run(const struct scenario *scenarios, size_t n)
{
	const size_t n_ways = sizeof ways / sizeof *ways;
	struct CMUnitTest *tests = calloc(n * n_ways, sizeof *tests);
	struct way *all = calloc(n * n_ways, sizeof *all);
	size_t used = 0;
	int status;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < n_ways; i++)
		for (size_t j = 0; is_there(&ways[i]) && j < n; j++, used++) {
			struct way *way = &all[used];

			way->options = ways[i];
			way->scenario = &scenarios[j];
			name(way);
			tests[used] = (struct CMUnitTest){.name = way->name,
							  .test_func = run,
							  .initial_state = way};
		}
	status = _cmocka_run_group_tests("tests", tests, used, NULL, NULL);
	free(all);
	free(tests);
	return status;
}
