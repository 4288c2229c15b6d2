/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_test.c - what comes out is the same in every placement, nothing is lost where
 * rings are full, and nobody is called to no purpose. */
#include "config.h"

#include "parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

static const char line_graph[] = "module a source messages=" TEXT(
	MESSAGES) " core=0\n"
		  "module b transform priority=1 core=0\n"
		  "module c sink priority=2\n"
		  "region result 4K\n"
		  "grant result c.result write\n"
		  "ring x a.out b.in slots=256\n"
		  "ring y b.out c.in slots=64\n";

static uint64_t notified(const struct graph *g, const char *module)
{
	return atomic_load(&graph_counts(g, module)->notified);
}

/* Placed otherwise the same comes out as on one thread. */
static void same_everywhere(const char *text, struct result *first)
{
	struct result result;

	graph_free(graph_done(text, GRAPH_ONE, first));
	for (int i = GRAPH_CORES; i <= GRAPH_PROCESSES; i++) {
		graph_free(graph_done(text, (enum graph_placement)i, &result));
		assert_memory_equal(&result, first, sizeof result);
	}
}

static void line_is_the_same(void **state)
{
	struct result result;

	(void)state;
	same_everywhere(line_graph, &result);
	assert_int_equal(result.count[0], MESSAGES);
	assert_int_equal(result.disorder, 0);
}

/* The order between two inputs may be any; that within each may not. */
static void merge_keeps_order(void **state)
{
	static const char text[] = "module a source messages=50000 mark=1\n"
				   "module b source messages=70000 mark=2\n"
				   "module m merge\n"
				   "module c sink\n"
				   "region result 4K\n"
				   "grant result c.result write\n"
				   "ring x a.out m.in.0 slots=16\n"
				   "ring y b.out m.in.1 slots=128\n"
				   "ring z m.out c.in slots=64\n";
	struct result result;

	(void)state;
	same_everywhere(text, &result);
	assert_int_equal(result.count[1], 50000);
	assert_int_equal(result.count[2], 70000);
	assert_int_equal(result.disorder, 0);
}

/* A sink that takes one from time to time, behind rings of 16 that are full: a module
 * is called when half a ring is free again, not for each slot, and not meanwhile. */
static void full_rings_wait(void **state)
{
	enum { N = 2000, SLOTS = 16, CALLS = N / (SLOTS / 2) };
	static const char text[] = "module a source messages=2000\n"
				   "module b transform\n"
				   "module c sink every=20\n"
				   "region result 4K\n"
				   "grant result c.result write\n"
				   "ring x a.out b.in slots=16\n"
				   "ring y b.out c.in slots=16\n";
	struct result result;
	struct graph *g;

	(void)state;
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		g = graph_done(text, (enum graph_placement)i, &result);
		assert_int_equal(result.count[0], N);
		assert_int_equal(result.disorder, 0);
		assert_in_range(notified(g, "a"), 1, CALLS + CALLS / 2);
		assert_in_range(notified(g, "b"), CALLS / 2, 5 * CALLS);
		assert_in_range(notified(g, "c"), N, 3 * N);
		graph_free(g);
	}
}

/* One message a turn, one slot: the most turns there can be, and yet an end. */
static void one_slot_is_enough(void **state)
{
	static const char text[] = "module a source messages=3000\n"
				   "module b transform\n"
				   "module c sink one=1\n"
				   "region result 4K\n"
				   "grant result c.result write\n"
				   "ring x a.out b.in slots=1\n"
				   "ring y b.out c.in slots=1\n";
	struct result result;

	(void)state;
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		graph_free(graph_done(text, (enum graph_placement)i, &result));
		assert_int_equal(result.count[0], 3000);
		assert_int_equal(result.disorder, 0);
	}
}

static void buffers_come_back(void **state)
{
	static const char text[] =
		"module a lender messages=20000\n"
		"module b borrower\n"
		"region memory 4K buffer=64\n"
		"region result 4K\n"
		"grant memory a.memory write\n"
		"grant memory b.memory read\n"
		"grant result b.result write\n"
		"ring x a.out b.in slots=16 carries=memory\n"
		"ring y b.back a.back slots=64 carries=memory answers=x\n";
	struct result result;

	(void)state;
	same_everywhere(text, &result);
	assert_int_equal(result.count[0], 20000);
	assert_int_equal(result.disorder, 0);
}

/* No more is asked than answers have room, though the way there has more. */
static void circles_of_answers(void **state)
{
	static const char text[] = "module a asker messages=20000\n"
				   "module b answerer\n"
				   "region result 4K\n"
				   "grant result a.result write\n"
				   "ring x a.out b.in slots=64\n"
				   "ring y b.out a.answers slots=8 answers=x\n";
	struct result first, result;

	(void)state;
	graph_free(graph_done(text, GRAPH_ONE, &first));
	assert_int_equal(first.count[0], 20000);
	assert_int_equal(first.count[1], 8);
	for (int i = GRAPH_CORES; i <= GRAPH_PROCESSES; i++) {
		graph_free(graph_done(text, (enum graph_placement)i, &result));
		assert_int_equal(result.hash[0], first.hash[0]);
		assert_int_equal(result.count[0], 20000);
		assert_in_range(result.count[1], 1, 8);
	}
}

/* Signals without messages, and a descriptor beside them on the same thread. */
static void descriptors_and_channels(void **state)
{
	static const char text[] = "module a bell rings=2000 first=yes\n"
				   "module b bell rings=2000\n"
				   "module c pipe messages=300\n"
				   "module d pipe messages=500\n"
				   "region result 4K\n"
				   "region other 4K\n"
				   "grant result c.result write\n"
				   "grant other d.result write\n"
				   "channel w a.peer b.peer\n";
	struct result result;
	struct graph *g;
	uint64_t bytes;

	(void)state;
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		g = graph_done(text, (enum graph_placement)i, &result);
		assert_int_equal(result.count[0], 300);
		assert_int_equal(
			((const struct result *)graph_region(g, "other", &bytes))
				->count[0],
			500);
		assert_int_equal(notified(g, "b"), 2000);
		graph_free(g);
	}
}

/* What is counted by ring is what is counted by module. */
static void signals_add_up(const struct graph *g)
{
	static const char *const modules[] = {"a", "b", "c"};
	uint64_t sent = 0, elided = 0;
	struct ring_signals one;

	for (int i = 0; i < 3; i++) {
		sent += atomic_load(&graph_counts(g, modules[i])->sent);
		elided += atomic_load(&graph_counts(g, modules[i])->elided);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(graph_signals(g, i ? "y" : "x", &one));
		assert_true(one.sent > 0);
		sent -= one.sent;
		elided -= one.elided;
	}
	assert_int_equal(sent, 0);
	assert_int_equal(elided, 0);
	assert_false(graph_signals(g, "z", &one));
}

/* Between modules of one thread no signal is sent at all. */
static void signals_are_elided(void **state)
{
	struct result result;
	struct graph *g = graph_done(line_graph, GRAPH_ONE, &result);

	(void)state;
	assert_int_equal(atomic_load(&graph_counts(g, "b")->sent), 0);
	graph_free(g);
	g = graph_done(line_graph, GRAPH_THREADS, &result);
	assert_true(atomic_load(&graph_counts(g, "b")->sent) > 0);
	signals_add_up(g);
	graph_free(g);
}

static uint64_t fences(const struct graph *g)
{
	return atomic_load(&graph_counts(g, "a")->fences) +
	       atomic_load(&graph_counts(g, "b")->fences) +
	       atomic_load(&graph_counts(g, "c")->fences);
}

/* Modules of one thread need no fence, and have some where that is asked for. */
static void fences_are_elided(void **state)
{
	const struct graph_settings fenced = {.placement = GRAPH_ONE, .fences = true};
	struct result result;
	struct graph *g = graph_done(line_graph, GRAPH_ONE, &result);

	(void)state;
	assert_int_equal(fences(g), 0);
	graph_free(g);
	g = graph_done(line_graph, GRAPH_THREADS, &result);
	assert_true(fences(g) > 0);
	graph_free(g);
	g = graph_done_by(line_graph, &fenced, &result);
	assert_true(fences(g) > 0);
	assert_int_equal(atomic_load(&graph_counts(g, "b")->sent), 0);
	graph_free(g);
}

/* Of those that have something to do on one thread. */
static void priorities_are_kept(void **state)
{
	static const char text[] = "module a teller priority=1\n"
				   "module b teller priority=3\n"
				   "module c teller\n"
				   "module d teller priority=2\n"
				   "region result 4K\n"
				   "grant result a.result write\n"
				   "grant result b.result write\n"
				   "grant result c.result write\n"
				   "grant result d.result write\n";
	static const uint64_t order[] = {2, 4, 1, 3};
	struct result result;

	(void)state;
	graph_free(graph_done(text, GRAPH_ONE, &result));
	assert_memory_equal(result.hash, order, sizeof order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_the_same),
		cmocka_unit_test(merge_keeps_order),
		cmocka_unit_test(full_rings_wait),
		cmocka_unit_test(one_slot_is_enough),
		cmocka_unit_test(buffers_come_back),
		cmocka_unit_test(circles_of_answers),
		cmocka_unit_test(descriptors_and_channels),
		cmocka_unit_test(signals_are_elided),
		cmocka_unit_test(fences_are_elided),
		cmocka_unit_test(priorities_are_kept),
	};

	alarm(600); /* a wake-up that is lost is for ever */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
