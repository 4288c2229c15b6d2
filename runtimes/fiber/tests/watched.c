/* SPDX-License-Identifier: BSD-2-Clause */
/* watched.c - what sanitizers and Valgrind are to see through fibers, or not to see:
 * watched WHAT WORKERS.  Run by watched.sh. */
#include "config.h"

#include "fiber.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLES = 10000, ADDITIONS = 1000, AT_ONCE = 50 };

static struct fiber_mutex mutex;
static int shared;
static volatile int beyond = 40; /* of 40 bytes */

static struct fiber_id create(void *(*run)(void *arg), void *arg)
{
	struct fiber_id id;

	if (fiber_create(&id, NULL, run, arg) < 0)
		abort();
	return id;
}

/* --- an error that is to be found ------------------------------------------------- */

__attribute__((noinline)) static void writes_beyond(char *array)
{
	array[beyond] = 1;
}

static void *has_array(void *arg)
{
	char array[40];

	fiber_yield();
	writes_beyond(array);
	return array[0] ? arg : NULL;
}

static int array(void *arg)
{
	fiber_join(create(has_array, NULL), NULL);
	return arg != NULL;
}

static void *adds(void *arg)
{
	for (int i = 0; i < ADDITIONS; i++) {
		shared++;
		fiber_yield();
	}
	return arg;
}

static int two(void *(*run)(void *arg))
{
	struct fiber_id a = create(run, NULL), b = create(run, NULL);

	fiber_join(a, NULL);
	fiber_join(b, NULL);
	return 0;
}

static int race(void *arg)
{
	return two(adds) + (arg != NULL);
}

/* --- none to be found --------------------------------------------------------------
 */

static void *adds_locked(void *arg)
{
	for (int i = 0; i < ADDITIONS; i++) {
		fiber_mutex_lock(&mutex);
		shared++;
		fiber_mutex_unlock(&mutex);
		fiber_yield();
	}
	return arg;
}

static int locked(void *arg)
{
	two(adds_locked);
	return shared != 2 * ADDITIONS || arg != NULL;
}

static volatile int beyond_all; /* so that frames stay: never reached */

/* A deep frame, left by fiber_exit and never returned from: the next on this stack is
 * not to find it forbidden. */
__attribute__((noinline)) static void ends_deep(int n)
{
	char frame[200];

	memset(frame, n, sizeof frame);
	if (n > 0)
		ends_deep(n - 1);
	else if (!beyond_all)
		fiber_exit(frame[0] ? NULL : malloc(1));
	beyond_all = frame[n];
}

static void *ends(void *arg)
{
	fiber_yield();
	if (arg)
		ends_deep(10);
	return NULL;
}

static int cycles(void *arg)
{
	struct fiber_id id[AT_ONCE];
	void *result;

	for (int n = 0; n < CYCLES; n += AT_ONCE) {
		for (int i = 0; i < AT_ONCE; i++)
			id[i] = create(ends, i % 2 ? "deep" : NULL);
		for (int i = 0; i < AT_ONCE; i++) {
			fiber_join(id[i], &result);
			free(result);
		}
	}
	return arg != NULL;
}

static int leak(void *arg)
{
	static char *volatile kept;

	kept = malloc(100);
	kept = arg;
	return kept != NULL;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void *arg);
	} whats[] = {{"array", array},
		     {"race", race},
		     {"locked", locked},
		     {"cycles", cycles},
		     {"leak", leak}};
	struct fiber_options options = {.stacks_pooled = 20};

	if (argc != 3)
		return 2;
	options.workers = (unsigned)atoi(argv[2]);
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		if (strcmp(argv[1], whats[i].name) == 0)
			return fiber_run(&options, whats[i].run, NULL);
	fprintf(stderr, "watched: %s: unknown\n", argv[1]);
	return 2;
}
