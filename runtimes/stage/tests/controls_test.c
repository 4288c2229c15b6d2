/* SPDX-License-Identifier: BSD-2-Clause */
/* controls_test.c - the three controllers as pure functions: their rules, one by one,
 * and what they come to against a model of a server. */
#include "config.h"

#include "batch_control.h"
#include "shed_control.h"
#include "threads_control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void threads_follow_the_queue(void **state)
{
	static const struct {
		struct threads_seen seen;
		int decision;
	} cases[] = {
		{{.threads = 1, .queue = 100, .long_queue = 100}, 0},
		{{.threads = 1, .queue = 101, .long_queue = 100}, 1},
		{{.threads = 19, .queue = 11, .long_queue = 10}, 1},
		{{.threads = 20, .queue = 5000, .long_queue = 10}, 0},
		{{2, 0, 100, THREADS_IDLE_NS}, 0},
		{{2, 0, 100, THREADS_IDLE_NS + 1}, -1},
		{{1, 0, 100, THREADS_IDLE_NS * 9}, 0},
		{{3, 101, 100, THREADS_IDLE_NS + 1}, 1},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(threads_decide(&cases[i].seen), cases[i].decision);
}

/* A second at this rate. */
static int batch_second(struct batch_control *c, double rate)
{
	return batch_decide(c, (uint64_t)rate, 1000000000);
}

static void batch_seeks_the_smallest_that_does(void **state)
{
	enum { NEEDED = 100, SECONDS = 200, SETTLED = 100 };
	struct batch_control c;
	unsigned least = BATCH_MAX, most = BATCH_MIN;

	(void)state;
	batch_control_init(&c);
	assert_int_equal(c.factor, BATCH_MAX);
	/* A server that loses throughput with batches smaller than NEEDED. */
	for (int i = 0; i < SECONDS; i++) {
		batch_second(&c,
			     c.factor < NEEDED ? 10000.0 * c.factor / NEEDED : 10000.0);
		if (i >= SETTLED && c.factor < least)
			least = c.factor;
		if (i >= SETTLED && c.factor > most)
			most = c.factor;
	}
	assert_in_range(least, NEEDED / 2, NEEDED);
	assert_in_range(most, NEEDED / 2, NEEDED * 2);
}

static void batch_falls_to_one_if_that_does(void **state)
{
	struct batch_control c;

	(void)state;
	batch_control_init(&c);
	for (int i = 0; i < 100; i++)
		batch_second(&c, 1000);
	assert_int_equal(c.factor, BATCH_MIN);
	assert_int_equal(batch_second(&c, 1000), 0);
}

static void batch_jumps_when_the_load_is_gone(void **state)
{
	struct batch_control c;

	(void)state;
	batch_control_init(&c);
	for (int i = 0; i < 20; i++)
		batch_second(&c, 1000);
	assert_in_range(c.factor, BATCH_MIN, BATCH_MAX / 8);
	assert_int_equal(batch_second(&c, 10), 1);
	assert_int_equal(c.factor, BATCH_MAX);
}

static void batch_learns_nothing_from_rest(void **state)
{
	struct batch_control c;

	(void)state;
	batch_control_init(&c);
	for (int i = 0; i < 10; i++)
		assert_int_equal(batch_second(&c, 0), 0);
	assert_int_equal(c.factor, BATCH_MAX);
}

static void shed_falls_and_rises(void **state)
{
	const struct shed_seen slow = {1, 10000, 0, 1024}, fast = {1, 10, 0, 0};
	struct shed_control c;
	unsigned before;

	(void)state;
	shed_control_init(&c, 1024);
	assert_int_equal(shed_decide(&c, &fast, 1000), 0); /* as high as it goes */
	for (int i = 0; i < 4; i++) {
		before = c.bound;
		assert_int_equal(shed_decide(&c, &slow, 1000), -1);
		assert_int_equal(c.bound, before * 3 / 4);
	}
	while (c.response_ns > 1000) /* the average takes its time */
		shed_decide(&c, &fast, 1000);
	for (int i = 0; i < 4; i++) {
		before = c.bound;
		assert_int_equal(shed_decide(&c, &fast, 1000), 1);
		assert_int_equal(c.bound, before + 1);
	}
}

static void shed_begins_where_it_bites(void **state)
{
	const struct shed_seen slow = {1, 10000, 0, 100};
	struct shed_control c;

	(void)state;
	shed_control_init(&c, UINT32_MAX);
	assert_int_equal(shed_decide(&c, &slow, 1000), -1);
	assert_int_equal(c.bound, 75);
}

static void shed_never_closes(void **state)
{
	const struct shed_seen stuck = {.oldest_ns = 1000000};
	struct shed_control c;

	(void)state;
	shed_control_init(&c, 1024);
	for (int i = 0; i < 100; i++)
		shed_decide(&c, &stuck, 1000);
	assert_int_equal(c.bound, SHED_MIN);
	assert_int_equal(shed_decide(&c, &stuck, 1000), 0);
}

/* One server, 40 ms an event, that is offered more than it can do: fig. 13's. */
static void shed_keeps_the_target(void **state)
{
	enum { SERVICE_MS = 40, TARGET_MS = 1000, PERIOD_MS = 250, PERIODS = 400 };
	struct shed_control c;
	unsigned queue = 0, late = 0;

	(void)state;
	shed_control_init(&c, 1024);
	for (int i = 0; i < PERIODS; i++) {
		uint64_t response_ms;
		struct shed_seen seen = {.handled = PERIOD_MS / SERVICE_MS};

		if (queue < c.bound)
			queue = c.bound; /* as many as it lets in */
		response_ms = queue * SERVICE_MS;
		queue -=
			PERIOD_MS / SERVICE_MS < queue ? PERIOD_MS / SERVICE_MS : queue;
		seen.backlog = queue;
		seen.response_ns = seen.handled * response_ms * 1000000;
		shed_decide(&c, &seen, TARGET_MS * UINT64_C(1000000));
		late += i > PERIODS / 2 && response_ms > 2 * TARGET_MS;
	}
	assert_int_equal(late, 0);
	assert_in_range(c.bound, TARGET_MS / SERVICE_MS / 3,
			TARGET_MS / SERVICE_MS * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_follow_the_queue),
		cmocka_unit_test(batch_seeks_the_smallest_that_does),
		cmocka_unit_test(batch_falls_to_one_if_that_does),
		cmocka_unit_test(batch_jumps_when_the_load_is_gone),
		cmocka_unit_test(batch_learns_nothing_from_rest),
		cmocka_unit_test(shed_falls_and_rises),
		cmocka_unit_test(shed_begins_where_it_bites),
		cmocka_unit_test(shed_never_closes),
		cmocka_unit_test(shed_keeps_the_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
