/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_fiber.c - many fibers (runtimes/fiber), with the smallest stacks. */
#include "config.h"

#include "fiber/fiber.h"
#include "harness/micro/crowd.h"

static int start(void *(*begin)(void *arg), void *arg)
{
	static const struct fiber_attr attr = {.stack_size = FIBER_STACK_MIN,
					       .detached = true};

	return fiber_create(NULL, &attr, begin, arg);
}

static void close_one(int fd)
{
	fiber_close(fd);
}

const struct crowd crowd = {
	.start = start,
	.yield = fiber_yield,
	.sleep = fiber_sleep_ns,
	.open = crowd_unblock,
	.read = fiber_read,
	.write = fiber_write,
	.close = close_one,
	.kib_each = 6,
};
