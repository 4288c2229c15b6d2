/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_kernel.c - see crowd_kernel.h. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "harness/micro/crowd_kernel.h"

enum { NS_PER_S = 1000000000 };

static _Bool relinquishes;

void kernel_relinquish(void)
{
	relinquishes = 1;
}

void kernel_yield(void)
{
	sched_yield();
}

void kernel_sleep(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	nanosleep(&t, NULL);
}

int kernel_open(int fd)
{
	return relinquishes ? crowd_unblock(fd) : fd;
}

/* A descriptor that blocks never says EAGAIN. */
ssize_t kernel_read(int fd, void *buffer, size_t len)
{
	ssize_t n;

	while ((n = read(fd, buffer, len)) < 0 && errno == EAGAIN)
		sched_yield();
	return n;
}

ssize_t kernel_write(int fd, const void *buffer, size_t len)
{
	ssize_t n;

	while ((n = write(fd, buffer, len)) < 0 && errno == EAGAIN)
		sched_yield();
	return n;
}

void kernel_close(int fd)
{
	close(fd);
}
