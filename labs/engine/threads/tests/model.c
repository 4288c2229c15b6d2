/* SPDX-License-Identifier: BSD-2-Clause */
/* model.c - does the model run who has to run, are random plays plays, and is a play
 * that is no play refused? */
#include "config.h"

/* cmocka.h wants these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "threads.h"

#include <cmocka.h>
#include <string.h>

enum { SEEDS = 300 };

static struct script scripts[SCRIPT_THREADS];
static struct model model;

static unsigned play_read(const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(file);
	unsigned wrong = script_read(file, scripts);

	fclose(file);
	return wrong;
}

/* Who does something, one letter each: m for main(), then digits. */
static void who_runs(char *text, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < model.count && n + 1 < room; i++)
		if (model.events[i].kind == EVENT_OP)
			text[n++] = model.events[i].who
					    ? (char)('0' + model.events[i].who)
					    : 'm';
	text[n] = '\0';
}

static void played(const char *play, const char *expected, unsigned end)
{
	char who[100];

	assert_int_equal(play_read(play), 0);
	assert_true(model_play(&model, scripts));
	who_runs(who, sizeof who);
	assert_string_equal(who, expected);
	assert_int_equal(model.events[model.count - 1].kind, end);
}

static void ready_threads_take_turns(void **state)
{
	(void)state;
	played("main: create 1, create 2, yield, yield, join 1, join 2\n"
	       "1: yield\n2: yield\n",
	       "mmm12m12mmm", EVENT_END);
}

static void the_woken_go_last(void **state)
{
	(void)state;
	played("main: create 1, create 2, yield, wake 1, wake 1, yield, join 2, join "
	       "1\n"
	       "1: block\n2: yield, yield, yield\n",
	       "mmm12mmm21m22mm", EVENT_END);
}

static void joiners_are_not_woken(void **state)
{
	(void)state;
	played("main: create 1, join 1\n1: wake main, yield, exit\n", "mm111m",
	       EVENT_END);
}

static void nobody_left_is_stuck(void **state)
{
	(void)state;
	played("main: create 1, join 1\n1: block\n", "mm1", EVENT_STUCK);
}

static void stacks_are_of_the_living(void **state)
{
	(void)state;
	played("main: create 1, create 2, yield, stacks, join 1, join 2\n1:\n2: "
	       "yield\n",
	       "mmm12mmm2m", EVENT_END);
	assert_int_equal(model.events[5].op.verb, SCRIPT_STACKS);
	assert_int_equal(model.events[5].alive, 1);
}

static void what_is_no_play_is_refused(void **state)
{
	(void)state;
	assert_int_equal(play_read("# a play\nmain: yield\n1: dance\n"), 3);
	assert_int_equal(play_read("main: create\n"), 1);
	assert_int_equal(play_read("main: create 24\n"), 1);
	assert_int_equal(play_read("main: yield 1\n"), 1);
	assert_int_equal(play_read("main: yield\nmain: yield\n"), 2);
	assert_int_equal(play_read("yield\n"), 1);
	assert_int_equal(play_read("main: join 1\n"), 0);
	assert_false(model_play(&model, scripts));
	assert_int_equal(play_read("main: create 1, join 1, join 1\n"), 0);
	assert_false(model_play(&model, scripts));
	assert_int_equal(play_read("main: exit\n"), 0);
	assert_false(model_play(&model, scripts));
}

/* Each of them ends, with everybody created also joined. */
static void random_plays_end(void **state)
{
	unsigned blocked = 0, joined = 0;

	(void)state;
	for (unsigned i = 1; i <= SEEDS; i++) {
		generate(i % 7, i, scripts);
		assert_true(model_play(&model, scripts));
		assert_int_equal(model.events[model.count - 1].kind, EVENT_END);
		assert_true(model.count < MODEL_EVENTS);
		for (size_t e = 0; e < model.count; e++) {
			joined += model.events[e].kind == EVENT_JOINED;
			blocked += model.events[e].kind == EVENT_OP &&
				   model.events[e].op.verb == SCRIPT_BLOCK;
		}
	}
	assert_true(blocked > SEEDS && joined > SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_threads_take_turns),
		cmocka_unit_test(the_woken_go_last),
		cmocka_unit_test(joiners_are_not_woken),
		cmocka_unit_test(nobody_left_is_stuck),
		cmocka_unit_test(stacks_are_of_the_living),
		cmocka_unit_test(what_is_no_play_is_refused),
		cmocka_unit_test(random_plays_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
