/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario_test.c - what a scenario may say, and what is said of one that is wrong. */
#include "config.h"

#include "scenario.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const settings[] = {"N=3", "NAME=door", NULL};

static struct scenario *read_good(const char *text)
{
	struct scenario *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	if (scenario_read(s, "good.vk", text, settings) < 0)
		fail_msg("%s", s->error);
	return s;
}

static void order_test(void **state)
{
	struct scenario *s = read_good("semaphore door\n"
				       "event tick at 50 every 10 count $N\n"
				       "signal $NAME at 60 # between\n"
				       "take door at 5\n");

	assert_int_equal(s->happenings, 5);
	assert_int_equal(s->happening[0].kind, HAPPENS_TAKE);
	assert_int_equal(s->happening[1].due, 50);
	assert_int_equal(s->happening[2].kind, HAPPENS_EVENT);
	assert_int_equal(s->happening[3].kind, HAPPENS_SIGNAL);
	assert_int_equal(s->happening[3].due, 60);
	assert_int_equal(s->occurrences, 3);
	free(s);
	(void)state;
}

static void text_test(void **state)
{
	struct scenario *s = read_good("file a takes 3 \"one \\\"two\\\"\\n\"\n"
				       "expect output a \"$N # no comment\"\n");

	assert_int_equal(s->file[0].takes, 3);
	assert_int_equal(s->file[0].size, 10);
	assert_memory_equal(s->file[0].data, "one \"two\"\n", 10);
	assert_string_equal(s->expect[0].text, "$N # no comment");
	free(s);
	(void)state;
}

static void stages_test(void **state)
{
	const char *text = "seed 5\nevent a count 50 stages 1:4 2:10-20\n";
	struct scenario *s = read_good(text), *again = read_good(text);
	unsigned least = 20, most = 10;

	for (int i = 0; i < s->occurrences; i++) {
		unsigned ticks = s->occurrence[i].stage[1].ticks;

		assert_int_equal(s->occurrence[i].stages, 2);
		assert_int_equal(s->occurrence[i].stage[0].ticks, 4);
		assert_int_equal(again->occurrence[i].stage[1].ticks, ticks);
		least = ticks < least ? ticks : least;
		most = ticks > most ? ticks : most;
	}
	assert_int_equal(least, 10);
	assert_int_equal(most, 20);
	free(s);
	free(again);
	(void)state;
}

static void clients_test(void **state)
{
	struct scenario *s = read_good("port open\nclient c count 2 at 4 every 6\n"
				       "\task open \"x\"\n\tthink 9\nend\n");

	assert_int_equal(s->clients, 2);
	assert_string_equal(s->client[1].name, "c-2");
	assert_int_equal(s->client[1].at, 10);
	assert_int_equal(s->client[1].steps, 2);
	assert_int_equal(s->client[1].step[1].ticks, 9);
	free(s);
	(void)state;
}

static void wrong_test(void **state)
{
	static const char *const wrong[][2] = {
		{"\nsing door", "bad.vk:2: no statement is called \"sing\""},
		{"signal door", "no such semaphore"},
		{"semaphore a\nsemaphore a", "already"},
		{"semaphore abcdefghijklmnop", "longer than 15 bytes"},
		{"event", "event wants 1 words more"},
		{"event tick at", "wants 1 words more"},
		{"event tick at soon", "soon is no number"},
		{"event tick at -1", "-1 is no number"},
		{"event tick in 5", "event has no use for \"in\""},
		{"event tick count 5000", "count is more than 4096"},
		{"event tick count 4000\nevent b count 97", "more than 4096 things"},
		{"event tick stages", "stages of what lengths"},
		{"event tick stages 0:5", "is no stage"},
		{"event tick stages 1:9-5", "ends before it begins"},
		{"cpus 0", "from 1 to 8"},
		{"quantum 0", "a tick or more"},
		{"cost nap 3", "no call nap"},
		{"fail read 1 EHUH", "no errno is called EHUH"},
		{"fail read 0 EIO", "counted from 1"},
		{"outcome well", "no run ends as"},
		{"expect luck > 3", "nobody can tell"},
		{"expect latency tick <= 3", "nobody can tell"},
		{"expect polls ~ 3", "nobody can tell"},
		{"expect polls <=", "wants 1 words more"},
		{"file a \"x", "a quote without its end"},
		{"file a size 5000", "more than 4096 bytes"},
		{"file a\narrive a at 3 \"x\"", "no such stream"},
		{"limit $LIMIT", "--set LIMIT="},
		{"ask open \"x\"", "no port open"},
		{"port p\nask p \"x\"", "between client and end"},
		{"client c\nend\nend", "end of no client"},
		{"client c", "without its end"},
		{"client c count 65\nend", "too many clients"},
	};
	struct scenario *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		int status = scenario_read(s, "bad.vk", wrong[i][0], settings);

		if (status != -EINVAL || !strstr(s->error, wrong[i][1]))
			fail_msg("\"%s\": %d, %s", wrong[i][0], status, s->error);
	}
	free(s);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_test),  cmocka_unit_test(text_test),
		cmocka_unit_test(stages_test), cmocka_unit_test(clients_test),
		cmocka_unit_test(wrong_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
