/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber_wait.c - fibers with another way to wait than usual (FIBER_WAIT; epoll is
 * fiber.c's): a program of `duality micro` for each. */
#include "config.h"

#include "harness/micro/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fiber/fiber.h"

static const struct micro_case cases[] = {
	BUSYWAIT_CASES,
	{0},
};

struct arguments {
	int argc;
	char **argv;
};

static int inside(void *arg)
{
	const struct arguments *a = arg;
	const struct micro m = {"fiber-" FIBER_WAIT, cases};

	return micro_main(a->argc, a->argv, &m);
}

int main(int argc, char **argv)
{
	const struct fiber_options options = {.wait = FIBER_WAIT};
	struct arguments a = {argc, argv};
	int status = fiber_run(&options, inside, &a);

	if (status >= 0)
		return status;
	fprintf(stderr, "micro-fiber-%s: fiber_run: %s\n", FIBER_WAIT,
		strerror(-status));
	return EXIT_FAILURE;
}
