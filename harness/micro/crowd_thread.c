/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_thread.c - as many threads of the kernel as it gives. */
#include "config.h"

#include <pthread.h>

#include "harness/micro/crowd_kernel.h"

enum { STACK_SIZE = 32 << 10 };

/* Without a guard, which is a mapping of its own: vm.max_map_count would end it early.
 */
static int start(void *(*begin)(void *arg), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setguardsize(&attr, 0);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	return -pthread_create(&thread, &attr, begin, arg);
}

const struct crowd crowd = {
	.start = start,
	.yield = kernel_yield,
	.sleep = kernel_sleep,
	.open = kernel_open,
	.read = kernel_read,
	.write = kernel_write,
	.close = kernel_close,
	.kib_each = 40, /* 16 of a kernel stack, 10 of its task, two pages, tables */
	.preempts = 1,
};
