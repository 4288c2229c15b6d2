/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_heap_test.c - timers come out in order, whatever was armed, re-armed and
 * cancelled; and how long it is until they do. */
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

/* However long the calls take, what is left lies between what was left before them and
 * what is left after. */
static void tells_what_is_left(void **state)
{
	const uint64_t far_ns = UINT64_C(3600123456789);
	struct timespec left = {1, 1};
	uint64_t due_ns, left_ns, after_ns;

	(void)state;
	assert_null(timer_left(UINT64_MAX, &left));
	for (uint64_t past_ns = 0; past_ns < 2; past_ns++) {
		left = (struct timespec){1, 1};
		assert_ptr_equal(timer_left(past_ns, &left), &left);
		assert_int_equal(left.tv_sec | left.tv_nsec, 0);
	}
	due_ns = timer_now() + far_ns;
	assert_ptr_equal(timer_left(due_ns, &left), &left);
	after_ns = timer_now();
	assert_in_range(left.tv_nsec, 0, 999999999);
	left_ns = (uint64_t)left.tv_sec * 1000000000 + (uint64_t)left.tv_nsec;
	assert_in_range(left_ns, due_ns - after_ns, far_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_order),
					   cmocka_unit_test(tells_what_is_left)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
