/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_test.c - stacks: more of them than mappings, memory that goes back, addresses
 * that are used again. */
#include "config.h"

#include "context.h"
#include "stack.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 64 << 10, MANY = 100000 };

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The first number of a file. */
static long file_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long number = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &number), 1);
	fclose(f);
	return number;
}

static long maps_count(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	long lines = 0;

	assert_non_null(f);
	for (int c = getc(f); c != EOF; c = getc(f))
		lines += c == '\n';
	fclose(f);
	return lines;
}

static long resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * (long)page_bytes();
}

static int by_low(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

/* All at once, none in another's way; returns how many have that guard. */
static unsigned many_check(enum stack_guard first, enum stack_guard counted)
{
	struct stack *s = calloc(MANY, sizeof *s);
	struct stack_pool pool;
	unsigned with = 0;

	assert_non_null(s);
	stack_pool_init(&pool, SIZE, 16);
	pool.guard = first;
	for (int i = 0; i < MANY; i++)
		assert_int_equal(stack_get(&pool, SIZE, &s[i]), 0);
	assert_int_equal(pool.mapped, MANY);
	assert_true(maps_count() < file_number("/proc/sys/vm/max_map_count"));
	qsort(s, MANY, sizeof *s, by_low);
	for (int i = 0; i < MANY; i++) {
		assert_true(i == 0 || s[i].low >= s[i - 1].low + SIZE + page_bytes());
		assert_true(stack_is_whole(&s[i]));
		with += s[i].guard == counted;
	}
	stack_pool_free(&pool);
	free(s);
	return with;
}

static void test_many(void **state)
{
	const unsigned with = many_check(stack_guard_best(), stack_guard_best());

	(void)state;
	if (stack_guard_best() == STACK_GUARD_ADVICE)
		assert_int_equal(with, MANY);
}

/* mprotect's mappings come to an end; the next pool has as many again. */
static void test_many_mprotect(void **state)
{
	const long most = file_number("/proc/sys/vm/max_map_count") / 2;
	const unsigned with = many_check(STACK_GUARD_MPROTECT, STACK_GUARD_MPROTECT);

	(void)state;
	assert_true(with <= most);
	assert_true(with == MANY || with > most / 2);
	assert_int_equal(many_check(STACK_GUARD_MPROTECT, STACK_GUARD_CANARY),
			 MANY - with);
}

enum { FEW = 64, BIG = 256 << 10 };

static void test_memory_back(void **state)
{
	struct stack_pool pool;
	struct stack s[FEW];
	unsigned warm = 0;
	long before;

	(void)state;
	stack_pool_init(&pool, BIG, 8);
	for (int i = 0; i < FEW; i++) {
		assert_int_equal(stack_get(&pool, BIG, &s[i]), 0);
		memset(s[i].low, 1, BIG);
	}
	before = resident_bytes();
	for (int i = 0; i < FEW; i++)
		stack_put(&pool, &s[i]);
	assert_true(before - resident_bytes() > (FEW - 8) / 2 * (long)BIG);
	for (int i = 0; i < FEW; i++) {
		assert_int_equal(stack_get(&pool, BIG, &s[i]), 0);
		warm += stack_high_water(&s[i]) == BIG;
	}
	assert_int_equal(warm, 8);
	assert_int_equal(pool.mapped, FEW);
	stack_pool_free(&pool);
}

/* The last that was given is the next to be had: it is in the caches. */
static void test_reuse(void **state)
{
	struct stack_pool pool;
	struct stack a, b;

	(void)state;
	stack_pool_init(&pool, SIZE, 4);
	assert_int_equal(stack_get(&pool, SIZE, &a), 0);
	assert_int_equal(stack_get(&pool, SIZE, &b), 0);
	for (int i = 0; i < 1000; i++) {
		struct stack again;

		stack_put(&pool, &b);
		assert_int_equal(stack_get(&pool, SIZE, &again), 0);
		assert_ptr_equal(again.low, b.low);
	}
	assert_int_equal(pool.mapped, 2);
	stack_pool_free(&pool);
}

/* One worker creates what another ends. */
static void test_share(void **state)
{
	struct stack_pool home, other;
	struct stack s[FEW];

	(void)state;
	stack_pool_init(&home, SIZE, 8);
	stack_pool_init(&other, SIZE, 8);
	stack_pool_share(&other, &home);
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < FEW; i++)
			assert_int_equal(stack_get(&home, SIZE, &s[i]), 0);
		for (int i = 0; i < FEW; i++)
			stack_put(&other, &s[i]);
	}
	assert_true(home.mapped + other.mapped <= FEW + 16);
	assert_true(home.store->full_count > 0);
	stack_pool_free(&home);
	stack_pool_free(&other);
}

static void test_high_water(void **state)
{
	const size_t page = page_bytes();
	struct stack_pool pool;
	struct stack s;

	(void)state;
	stack_pool_init(&pool, 100 * page, 0);
	for (size_t deep = 1; deep <= pool.size; deep += 3 * page + 17) {
		assert_int_equal(stack_get(&pool, pool.size, &s), 0);
		assert_int_equal(stack_high_water(&s), 0);
		s.low[pool.size - deep] = 1;
		assert_in_range(stack_high_water(&s), deep, deep + page);
		stack_put(&pool, &s);
	}
	stack_pool_free(&pool);
}

/* mincore(2) tells what is not mapped. */
static bool mapped_at(char *low)
{
	unsigned char resident;

	return mincore(low, 1, &resident) == 0 || errno != ENOMEM;
}

static void test_other_sizes(void **state)
{
	const size_t page = page_bytes();
	struct stack_pool pool;
	struct stack odd, s;

	(void)state;
	stack_pool_init(&pool, SIZE, 4);
	for (size_t size = 2 * page; size < 4096 * page; size *= 3) {
		assert_int_equal(stack_get(&pool, size, &odd), 0);
		assert_int_equal(odd.size, size);
		memset(odd.low, 1, size);
		assert_int_equal(stack_high_water(&odd), size);
		assert_int_equal(pool.mapped, size == 2 * page ? 1 : 2);
		stack_put(&pool, &odd);
		odd.low[0] = 2; /* it may still be in use */
		assert_int_equal(stack_get(&pool, SIZE, &s), 0);
		assert_false(mapped_at(odd.low));
		stack_put(&pool, &s);
	}
	assert_int_equal(pool.mapped, 1);
	stack_pool_free(&pool);
}

static void test_rounding(void **state)
{
	struct stack_pool pool;
	struct stack a, b;

	(void)state;
	stack_pool_init(&pool, SIZE - 1, 4);
	assert_int_equal(stack_get(&pool, SIZE - 2, &a), 0);
	assert_int_equal(a.size, SIZE);
	assert_non_null(a.place);
	assert_int_equal(stack_get(&pool, SIZE + 1, &b), 0);
	assert_int_equal(b.size, SIZE + page_bytes());
	stack_put(&pool, &b);
	stack_pool_free(&pool);
}

static void test_no_memory(void **state)
{
	struct stack_pool pool;
	struct stack s;

	(void)state;
	stack_pool_init(&pool, (size_t)1 << 60, 4);
	assert_int_equal(stack_get(&pool, pool.size, &s), -ENOMEM);
	assert_int_equal(stack_get(&pool, pool.size / 2, &s), -ENOMEM);
	assert_int_equal(stack_get(&pool, SIZE_MAX, &s), -ENOMEM);
	assert_int_equal(stack_get(&pool, SIZE_MAX - page_bytes() + 1, &s), -ENOMEM);
	assert_int_equal(pool.mapped, 0);
	stack_pool_free(&pool);
}

static void test_tops(void **state)
{
	struct stack_pool pool;
	struct stack s[FEW];

	(void)state;
	stack_pool_init(&pool, SIZE, FEW);
	for (int i = 0; i < FEW; i++) {
		char *top;

		assert_int_equal(stack_get(&pool, SIZE, &s[i]), 0);
		top = stack_top(&s[i]);
		assert_int_equal((uintptr_t)top % 64, 0);
		assert_in_range((uintptr_t)top, (uintptr_t)s[i].low + SIZE - 1024,
				(uintptr_t)s[i].low + SIZE);
		if (i > 0)
			assert_int_not_equal(s[i].low + SIZE - top,
					     s[i - 1].low + SIZE -
						     (char *)stack_top(&s[i - 1]));
	}
	stack_pool_free(&pool);
}

/* --- a stack that gives itself back ----------------------------------------------- */

static struct context outside, inside;

struct leaver {
	struct stack_pool *pool;
	struct stack stack;
	volatile int sum;
};

/* Noticeably below the top, and read again after the stack is given back. */
static void leaver_run(void *arg)
{
	struct leaver *l = arg;
	volatile int numbers[1000];

	for (int i = 0; i < 1000; i++)
		numbers[i] = i;
	stack_put(l->pool, &l->stack);
	for (int i = 0; i < 1000; i++)
		l->sum += numbers[i];
	context_switch(&inside, &outside);
}

static void test_put_in_use(void **state)
{
	const size_t sizes[] = {SIZE, 2 * SIZE};
	struct stack_pool pool;

	(void)state;
	stack_pool_init(&pool, SIZE, 0);
	for (int i = 0; i < 6; i++) {
		struct leaver l = {.pool = &pool};

		assert_int_equal(stack_get(&pool, sizes[i % 2], &l.stack), 0);
		context_make(&inside, stack_top(&l.stack), leaver_run, &l);
		context_switch(&outside, &inside);
		assert_int_equal(l.sum, 1000 * 999 / 2);
	}
	stack_pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_mprotect),
		cmocka_unit_test(test_memory_back),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_high_water),
		cmocka_unit_test(test_other_sizes),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_tops),
		cmocka_unit_test(test_put_in_use),
	};

	return cmocka_run_group_tests_name("stacks", tests, NULL, NULL);
}
