/* SPDX-License-Identifier: BSD-2-Clause */
/* wheel_test.c - the wheel against a list that is searched. */
#include "config.h"

#include "wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	TIMERS = 200,
	STEPS = 200000,
	MANY = 1000000,
	TICK_NS = 1 << WHEEL_TICK_BITS,
};

#define BEGIN_NS UINT64_C(123456789012345)

static struct wheel wheel;
static struct wheel_timer timers[TIMERS];
static uint64_t due[TIMERS]; /* the model: 0: not armed */
static uint64_t seed;

/* Vigna, xorshift64*. */
static uint64_t random_u64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(2685821657736338717);
}

/* Of any order of magnitude up to 2^bits. */
static uint64_t random_span(unsigned bits)
{
	return random_u64() >> (64 - bits + random_u64() % bits);
}

static uint64_t earliest(void)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < TIMERS; i++)
		if (due[i] && due[i] < first)
			first = due[i];
	return first;
}

/* Whatever expires is due, and whatever has been due for a tick has expired. */
static void turn(uint64_t now)
{
	struct wheel_timer *t;

	while ((t = wheel_expired(&wheel, now))) {
		assert_in_range(due[t - timers], 1, now);
		due[t - timers] = 0;
	}
	assert_true(earliest() > now - TICK_NS);
}

static void arm(uint64_t at)
{
	size_t i = random_u64() % TIMERS;

	due[i] = at ? at : 1;
	wheel_arm(&wheel, &timers[i], due[i]);
}

static void cancel(void)
{
	size_t i = random_u64() % TIMERS;

	due[i] = 0;
	wheel_cancel(&wheel, &timers[i]);
}

static uint64_t armed(void)
{
	uint64_t n = 0;

	for (int i = 0; i < TIMERS; i++)
		n += due[i] != 0;
	return n;
}

static void prepare(uint64_t now)
{
	for (int i = 0; i < TIMERS; i++) {
		timers[i] = (struct wheel_timer){.next = NULL};
		due[i] = 0;
	}
	wheel_init(&wheel, now);
}

static void test_against_model(unsigned bits)
{
	uint64_t now = BEGIN_NS;

	prepare(now);
	for (int i = 0; i < STEPS; i++) {
		switch (random_u64() % 8) {
		case 0:
			now += random_span(bits);
			turn(now);
			break;
		case 1:
			cancel();
			break;
		case 2:
			arm(now - random_span(20)); /* late already */
			break;
		default:
			arm(now + random_span(bits));
		}
		assert_int_equal(wheel.armed, armed());
		assert_true(wheel_next_ns(&wheel) == UINT64_MAX ||
			    wheel_next_ns(&wheel) < earliest() + TICK_NS ||
			    wheel_next_ns(&wheel) <= now);
	}
}

static void test_near(void **state)
{
	(void)state;
	test_against_model(20);
}

static void test_seconds(void **state)
{
	(void)state;
	test_against_model(32);
}

static void test_days(void **state)
{
	(void)state;
	test_against_model(45);
}

/* Asleep until the wheel says so: one is woken once for a single timer, and when. */
static void test_looks(void **state)
{
	(void)state;
	for (int i = 0; i < STEPS / 100; i++) {
		uint64_t begin = random_u64() >> 2, now = begin;
		int looks = 0;

		prepare(begin);
		due[0] = begin + random_span(62);
		wheel_arm(&wheel, &timers[0], due[0]);
		for (; wheel.armed; looks++) {
			now = wheel_next_ns(&wheel);
			assert_true(now < due[0] + TICK_NS);
			turn(now);
		}
		assert_int_equal(looks, 1);
		assert_int_equal(wheel_next_ns(&wheel), UINT64_MAX);
	}
}

static void test_end_of_time(void **state)
{
	static const uint64_t far[] = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - TICK_NS,
				       UINT64_MAX / 2, UINT64_C(1) << 60};
	const size_t n = sizeof far / sizeof *far;

	(void)state;
	prepare(BEGIN_NS);
	for (size_t i = 0; i < n; i++)
		wheel_arm(&wheel, &timers[i], due[i] = far[i]);
	assert_true(wheel_next_ns(&wheel) > BEGIN_NS);
	turn((UINT64_C(1) << 60) - 1);
	assert_int_equal(wheel.armed, n);
	turn(UINT64_C(1) << 60);
	assert_int_equal(wheel.armed, n - 1);
	turn(UINT64_MAX - TICK_NS);
	turn(UINT64_MAX);
	assert_int_equal(wheel.armed, 2); /* in the last tick, which never ends */
	assert_int_equal(wheel_next_ns(&wheel), UINT64_MAX);
	wheel_cancel(&wheel, &timers[0]);
	wheel_cancel(&wheel, &timers[1]);
	assert_int_equal(wheel.armed, 0);
}

/* The clock of another processor may be a little behind. */
static void test_clock_behind(void **state)
{
	(void)state;
	prepare(BEGIN_NS);
	turn(BEGIN_NS + 10 * TICK_NS);
	wheel_arm(&wheel, &timers[0], due[0] = BEGIN_NS + 12 * TICK_NS);
	turn(BEGIN_NS);
	turn(BEGIN_NS + 11 * TICK_NS);
	assert_int_equal(wheel.armed, 1);
	turn(BEGIN_NS + 13 * TICK_NS);
	assert_int_equal(wheel.armed, 0);
}

/* A million, half of them cancelled: steps that grew with their number would not end
 * while anybody watches. */
static void test_many(void **state)
{
	struct wheel_timer *many = calloc(MANY, sizeof *many), *t;
	uint64_t now = BEGIN_NS, late = 0;
	int expired = 0;

	(void)state;
	assert_non_null(many);
	prepare(now);
	for (int i = 0; i < MANY; i++)
		wheel_arm(&wheel, &many[i], now + random_span(34));
	for (int i = 0; i < MANY; i += 2)
		wheel_cancel(&wheel, &many[i]);
	while (wheel.armed) {
		now = wheel_next_ns(&wheel);
		while ((t = wheel_expired(&wheel, now))) {
			late = now - t->due_ns > late ? now - t->due_ns : late;
			expired++;
		}
	}
	assert_int_equal(expired, MANY / 2);
	assert_in_range(late, 0, TICK_NS);
	free(many);
}

static int setup(void **state)
{
	(void)state;
	seed = UINT64_C(88172645463325252);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_near, setup),
		cmocka_unit_test_setup(test_seconds, setup),
		cmocka_unit_test_setup(test_days, setup),
		cmocka_unit_test_setup(test_looks, setup),
		cmocka_unit_test_setup(test_end_of_time, setup),
		cmocka_unit_test_setup(test_clock_behind, setup),
		cmocka_unit_test_setup(test_many, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
