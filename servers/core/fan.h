/* SPDX-License-Identifier: BSD-2-Clause */
/* fan.h - parallel calls and a join: n waits at once, one result when all have ended.
 * How they run at once is the variant's. */
#ifndef DUALITY_FAN_H
#define DUALITY_FAN_H

#include <errno.h>
#include <stdint.h>

enum {
	FAN_MAX = 64,       /* parts */
	FAN_FAIL_EARLY = 64 /* a failing part fails after this fraction of its time */
};

struct fan {
	unsigned n;
	unsigned fail; /* this part fails, counted from 1; 0: none.  Then the others
			  are given up: nobody waits for them, nothing of them stays */
	uint64_t ns;   /* a part takes so long */
};

/* How long part i, counted from 0, takes; and what it then comes to, 0 or -errno. */
static inline uint64_t fan_part_ns(const struct fan *f, unsigned i)
{
	return i + 1 == f->fail ? f->ns / FAN_FAIL_EARLY : f->ns;
}

static inline int fan_part_result(const struct fan *f, unsigned i)
{
	return i + 1 == f->fail ? -EREMOTEIO : 0;
}
#endif
