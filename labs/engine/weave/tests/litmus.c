/* SPDX-License-Identifier: BSD-2-Clause */
/* litmus.c - small programs whose outcomes are known for each model; named as in the
 * literature (Alglave, Maranget and Tautschnig, Herding Cats, TOPLAS 2014).  What they
 * read they observe as a, b, c, d. */
#include "weave.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { RLX = memory_order_relaxed, ACQ = memory_order_acquire };
enum { REL = memory_order_release, SC = memory_order_seq_cst };

static _Atomic uint32_t x, y, z;

static void put(_Atomic uint32_t *at, uint32_t value, int order)
{
	switch (order) {
	case REL:
		atomic_store_explicit(at, value, memory_order_release);
		break;
	case SC:
		atomic_store_explicit(at, value, memory_order_seq_cst);
		break;
	default:
		atomic_store_explicit(at, value, memory_order_relaxed);
	}
}

static uint32_t get(const char *name, _Atomic uint32_t *at, int order)
{
	uint32_t value;

	switch (order) {
	case ACQ:
		value = atomic_load_explicit(at, memory_order_acquire);
		break;
	case SC:
		value = atomic_load_explicit(at, memory_order_seq_cst);
		break;
	default:
		value = atomic_load_explicit(at, memory_order_relaxed);
	}
	if (name)
		weave_observe(name, value);
	return value;
}

static void fence(int order)
{
	switch (order) {
	case ACQ:
		atomic_thread_fence(memory_order_acquire);
		break;
	case REL:
		atomic_thread_fence(memory_order_release);
		break;
	case SC:
		atomic_thread_fence(memory_order_seq_cst);
		break;
	default:
		break;
	}
}

/* What the threads of the chosen test do it with. */
static int stores, loads, fence_left, fence_right;

static void sb_left(void)
{
	put(&x, 1, stores);
	fence(fence_left);
	get("a", &y, loads);
}

static void sb_right(void)
{
	put(&y, 1, stores);
	fence(fence_right);
	get("b", &x, loads);
}

static void mp_left(void)
{
	put(&x, 1, RLX);
	fence(fence_left);
	put(&y, 1, stores);
}

static void mp_right(void)
{
	get("a", &y, loads);
	fence(fence_right);
	get("b", &x, RLX);
}

static void lb_left(void)
{
	get("a", &x, loads);
	put(&y, 1, stores);
}

static void lb_right(void)
{
	get("b", &y, loads);
	put(&x, 1, stores);
}

static void write_x(void)
{
	put(&x, 1, stores);
}

static void write_y(void)
{
	put(&y, 1, stores);
}

static void read_xy(void)
{
	get("a", &x, loads);
	get("b", &y, loads);
}

static void read_yx(void)
{
	get("c", &y, loads);
	get("d", &x, loads);
}

static void read_xx(void)
{
	get("a", &x, RLX);
	get("b", &x, RLX);
}

static void ww_left(void)
{
	put(&x, 1, stores);
	put(&y, 2, stores);
}

static void ww_right(void)
{
	put(&y, 1, stores);
	put(&x, 2, stores);
}

static void ww_finish(void)
{
	get("a", &x, RLX);
	get("b", &y, RLX);
}

static void wrc_middle(void)
{
	get("a", &x, loads);
	put(&y, 1, stores);
}

static void wrc_right(void)
{
	get("b", &y, loads);
	get("c", &x, RLX);
}

/* A release, and what is read and written after it by who does not acquire. */
static void sequence_left(void)
{
	put(&x, 1, RLX);
	put(&y, 1, REL);
}

static void sequence_middle(void)
{
	atomic_fetch_add_explicit(&y, 1, memory_order_relaxed);
}

static void sequence_right(void)
{
	get("a", &y, ACQ);
	get("b", &x, RLX);
}

static void add_one(void)
{
	atomic_fetch_add_explicit(&x, 1, memory_order_relaxed);
}

static void add_finish(void)
{
	get("a", &x, RLX);
}

static void swap_left(void)
{
	uint32_t expect = 0;

	weave_observe("a", atomic_compare_exchange_strong(&x, &expect, 1));
}

static void swap_right(void)
{
	uint32_t expect = 0;

	weave_observe("b", atomic_compare_exchange_strong(&x, &expect, 2));
}

/* All that reads and writes at once, in each size; z is not used otherwise. */
static void kinds(void)
{
	static _Atomic uint8_t byte = 250;
	static _Atomic uint16_t half = 1;
	static _Atomic uint64_t whole = 1;

	weave_observe("a", atomic_fetch_add(&byte, 10) + atomic_load(&byte));
	weave_observe("b", atomic_fetch_sub(&half, 2) + atomic_load(&half));
	weave_observe("c", atomic_fetch_or(&whole, 6) + atomic_fetch_and(&whole, 3));
	weave_observe("d", atomic_fetch_xor(&whole, 1) + atomic_exchange(&whole, 9));
	atomic_store(&z, 3);
	z++;
	weave_observe("e", z);
}

/* Waits until the other has written, without a semaphore. */
static void pause_left(void)
{
	while (!get(NULL, &y, ACQ))
		weave_pause();
	get("a", &x, RLX);
}

static const struct test {
	const char *name;
	void (*left)(void), (*middle)(void), (*right)(void), (*other)(void);
	void (*finish)(void);
	int stores, loads, fence_left, fence_right;
} tests[] = {
	{"SB", sb_left, sb_right, .stores = RLX, .loads = RLX},
	{"SB+rel+acq", sb_left, sb_right, .stores = REL, .loads = ACQ},
	{"SB+fences", sb_left, sb_right, .fence_left = SC, .fence_right = SC},
	{"SB+fence", sb_left, sb_right, .fence_left = SC},
	{"SB+sc", sb_left, sb_right, .stores = SC, .loads = SC},
	{"SB+sc+acq", sb_left, sb_right, .stores = SC, .loads = ACQ},
	{"MP", mp_left, mp_right, .stores = RLX, .loads = RLX},
	{"MP+rel+acq", mp_left, mp_right, .stores = REL, .loads = ACQ},
	{"MP+rel+rlx", mp_left, mp_right, .stores = REL, .loads = RLX},
	{"MP+rlx+acq", mp_left, mp_right, .stores = RLX, .loads = ACQ},
	{"MP+fences", mp_left, mp_right, .fence_left = REL, .fence_right = ACQ},
	{"MP+fence", mp_left, mp_right, .fence_left = REL},
	{"LB", lb_left, lb_right, .stores = RLX, .loads = RLX},
	{"IRIW", write_x, read_xy, read_yx, write_y, .stores = REL, .loads = ACQ},
	{"IRIW+sc", write_x, read_xy, read_yx, write_y, .stores = SC, .loads = SC},
	{"CoRR", write_x, read_xx},
	{"2+2W", ww_left, ww_right, .finish = ww_finish, .stores = REL},
	{"WRC", write_x, wrc_middle, wrc_right, .stores = RLX, .loads = RLX},
	{"WRC+rel+acq", write_x, wrc_middle, wrc_right, .stores = REL, .loads = ACQ},
	{"sequence", sequence_left, sequence_middle, sequence_right},
	{"add", add_one, add_one, .finish = add_finish},
	{"swap", swap_left, swap_right},
	{"kinds", kinds},
	{"pause", mp_left, pause_left, .stores = REL},
};

static int run(const struct test *test)
{
	const struct weave_thread threads[] = {
		{.name = "left", .body = test->left},
		{.name = test->middle ? "middle" : NULL, .body = test->middle},
		{.name = test->right ? "right" : NULL, .body = test->right},
		{.name = test->other ? "other" : NULL, .body = test->other},
		{.name = NULL},
	};
	const struct weave_model model = {.threads = threads, .finish = test->finish};

	stores = test->stores;
	loads = test->loads;
	fence_left = test->fence_left;
	fence_right = test->fence_right;
	return weave_main(&model);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof tests / sizeof tests[0]; i++)
		if (strcmp(tests[i].name, argv[1]) == 0)
			return run(&tests[i]);
	fprintf(stderr, "litmus: no such test\n");
	return 2;
}
