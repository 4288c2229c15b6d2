/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_st.c - many threads of the State Threads library.  It has no call to yield: to
 * sleep for no time is the nearest, and costs a heap's log n. */
#include "config.h"

#include <errno.h>
#include <st.h>
#include <stdlib.h>

#include "harness/micro/crowd.h"

enum { STACK_SIZE = 16 << 10, JOINABLE = 0 };

static st_netfd_t *wrapped; /* by the descriptor's number */
static int wrapped_n;

static int start(void *(*begin)(void *arg), void *arg)
{
	return st_thread_create(begin, arg, JOINABLE, STACK_SIZE) ? 0 : -ENOMEM;
}

static void yield(void)
{
	st_usleep(0);
}

static void sleep_ns(uint64_t ns)
{
	st_usleep((ns + 999) / 1000);
}

static int open_wrapped(int fd)
{
	void *grown = wrapped;

	if (fd >= wrapped_n) {
		grown = realloc(wrapped, (size_t)(2 * fd + 1) * sizeof *wrapped);
		if (!grown)
			return -ENOMEM;
		wrapped = grown;
		wrapped_n = 2 * fd + 1;
	}
	wrapped[fd] = st_netfd_open(fd);
	return wrapped[fd] ? fd : -errno;
}

static ssize_t read_waiting(int fd, void *buffer, size_t len)
{
	return st_read(wrapped[fd], buffer, len, ST_UTIME_NO_TIMEOUT);
}

static ssize_t write_waiting(int fd, const void *buffer, size_t len)
{
	return st_write(wrapped[fd], buffer, len, ST_UTIME_NO_TIMEOUT);
}

static void close_wrapped(int fd)
{
	st_netfd_close(wrapped[fd]);
}

const struct crowd crowd = {
	.start = start,
	.yield = yield,
	.sleep = sleep_ns,
	.open = open_wrapped,
	.read = read_waiting,
	.write = write_waiting,
	.close = close_wrapped,
	.kib_each = 6,
};
