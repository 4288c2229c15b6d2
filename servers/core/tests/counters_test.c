/* SPDX-License-Identifier: BSD-2-Clause */
/* counters_test.c - a variant's own counters stand behind the common ones, in the
 * mapped file and in the JSON. */
#include "config.h"

#include "counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const own[] = {"steps", "a_name_as_long_as_one_may_be_31", NULL};

static size_t written(const struct counters *c, char *text, size_t size)
{
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(counters_write(c, ends[1]), 0);
	close(ends[1]);
	n = read(ends[0], text, size - 1);
	close(ends[0]);
	assert_in_range(n, 1, size - 1);
	text[n] = '\0';
	return (size_t)n;
}

static void common_alone(void **state)
{
	struct counters *c = counters_map(NULL);
	char text[4096];

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->used, COUNTERS);
	counter_add(c, COUNTER_REQUESTS, 3);
	written(c, text, sizeof text);
	assert_memory_equal(text, "{\"requests\": 3, ", 16);
	assert_non_null(strstr(text, "\"lock_waits\": 0}\n"));
}

static void own_behind(void **state)
{
	struct counters *c = counters_map(NULL);
	char text[4096];

	(void)state;
	assert_non_null(c);
	counters_own(c, own);
	assert_int_equal(c->used, COUNTERS + 2);
	assert_string_equal(c->name[COUNTERS], "steps");
	counter_add(c, COUNTERS, UINT64_MAX);
	counter_raise(c, COUNTERS + 1, 7);
	counter_raise(c, COUNTERS + 1, 5);
	assert_true(counter_read(c, COUNTERS) == UINT64_MAX);
	written(c, text, sizeof text);
	assert_non_null(strstr(text, "\"lock_waits\": 0, "
				     "\"steps\": 18446744073709551615, "
				     "\"a_name_as_long_as_one_may_be_31\": 7}\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_alone),
		cmocka_unit_test(own_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
