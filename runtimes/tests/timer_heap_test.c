/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_heap_test.c - timers come out in order, whatever was armed, re-armed and
 * cancelled. */
#include "config.h"

#include "timer_heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TIMERS = 500, ROUNDS = 20000 };

static uint64_t earliest(const struct timer *t)
{
	uint64_t due = UINT64_MAX;

	for (int i = 0; i < TIMERS; i++)
		if (t[i].slot && t[i].due_ns < due)
			due = t[i].due_ns;
	return due;
}

static void keeps_order(void **state)
{
	static struct timer t[TIMERS];
	struct timer_heap h = {.slot = NULL};
	struct timer *out;
	unsigned seed = 1, expired = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct timer *one = &t[rand_r(&seed) % TIMERS];

		if (rand_r(&seed) % 3)
			assert_int_equal(timer_arm(&h, one, (uint64_t)rand_r(&seed)),
					 0);
		else
			timer_cancel(&h, one);
		assert_true(timer_next(&h) == earliest(t));
		if (round % 7)
			continue;
		assert_null(h.used ? timer_expired(&h, timer_next(&h) - 1) : NULL);
		out = timer_expired(&h, timer_next(&h));
		assert_true(!out || (out->slot == 0 && out->due_ns <= timer_next(&h)));
		expired += out != NULL;
	}
	assert_true(expired > ROUNDS / 14);
	timer_heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
