/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the one clock of the harness: CLOCK_MONOTONIC, as the servers' timers have.
 */
#ifndef DUALITY_CLOCK_H
#define DUALITY_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline int64_t clock_now_ms(void)
{
	return (int64_t)(clock_now_ns() / 1000000);
}

static inline double clock_now_s(void)
{
	return (double)clock_now_ns() / 1e9;
}
#endif
