/* SPDX-License-Identifier: BSD-2-Clause */
/* threads_control.c - one more for a long queue, one fewer for a long rest. */
#include "config.h"

#include "threads_control.h"

int threads_decide(const struct threads_seen *seen)
{
	if (seen->queue > seen->long_queue)
		return seen->threads < THREADS_MAX ? 1 : 0;
	if (seen->idle_ns > THREADS_IDLE_NS && seen->threads > 1)
		return -1;
	return 0;
}
