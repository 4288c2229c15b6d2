/* SPDX-License-Identifier: BSD-2-Clause */
/* live.h - read a running server's counters from the file it has mapped
 * (servers/core/counters.h). */
#ifndef DUALITY_SAMPLE_LIVE_H
#define DUALITY_SAMPLE_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "servers/core/counters.h"

struct live_value {
	char name[COUNTER_NAME];
	uint64_t value;
};

struct live {
	const struct counters *map;
	size_t size;
	int fd;
	uint32_t shards, used;
};

/* Map FILE.live of a server that has said `ready`.  Returns 0; -EBADMSG if it is not a
 * whole file of counters; -EPROTONOSUPPORT if it is one of another version; or -errno.
 */
int live_open(struct live *l, const char *path);

/* All counters, each summed over its shards, into `out` of COUNTER_SLOTS. Microseconds.
 * A server that has died leaves its last values.  Returns how many there are, or
 * -ESTALE if the file was cut short meanwhile. */
int live_read(const struct live *l, struct live_value *out);

/* One of the values by its name; NAN if there is none such. */
double live_value(const struct live_value *values, int n, const char *name);

/* Fine on one that failed to open. */
void live_close(struct live *l);
#endif
