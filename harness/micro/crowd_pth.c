/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_pth.c - many threads of GNU Pth.  Its ready queue is a sorted list that each
 * insertion walks along: threads cost their number. */
#include "config.h"

#include <errno.h>
#include <pth.h>
#include <unistd.h>

#include "harness/micro/crowd.h"

enum { STACK_SIZE = 16 << 10, US_PER_S = 1000000 };

static int start(void *(*begin)(void *arg), void *arg)
{
	static pth_attr_t attr;

	if (!attr) {
		attr = pth_attr_new();
		pth_attr_set(attr, PTH_ATTR_STACK_SIZE, (unsigned)STACK_SIZE);
		pth_attr_set(attr, PTH_ATTR_JOINABLE, FALSE);
	}
	return pth_spawn(attr, begin, arg) ? 0 : -errno;
}

static void yield(void)
{
	pth_yield(NULL);
}

static void sleep_ns(uint64_t ns)
{
	uint64_t us = (ns + 999) / 1000;

	pth_nap(pth_time((long)(us / US_PER_S), (long)(us % US_PER_S)));
}

/* Pth asks select(2), which corrupts memory where a descriptor is too large. */
static int open_small(int fd)
{
	return fd < FD_SETSIZE ? fd : -EMFILE;
}

static void close_one(int fd)
{
	close(fd);
}

const struct crowd crowd = {
	.start = start,
	.yield = yield,
	.sleep = sleep_ns,
	.open = open_small,
	.read = pth_read,
	.write = pth_write,
	.close = close_one,
	.kib_each = 8,
	.most = 8192,
};
