/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections that are only there: each makes one request before the run, so that the
 * server is known to hold it, and then nothing until the run is over. */
#ifndef LOAD_IDLERS_H
#define LOAD_IDLERS_H

#include <stdint.h>

#include "harness/load/connection.h"

struct idlers {
	struct dialer dialer; /* with an epoll set of its own, for the check alone */
	struct connection *connections;
	uint64_t asked, opened, alive;
};

/* Opens `asked` connections, fewer if one fails: then errno's negative is in *why, else
 * 0. Returns 0, or -errno if it cannot even begin.  Blocks. */
int idlers_open(struct idlers *idlers, uint64_t asked, const struct sockaddr_in *to,
		struct target *target, int *why);

/* Counts in `alive` those that the server has not closed; nothing was to come on them.
 */
void idlers_check(struct idlers *idlers);

void idlers_close(struct idlers *idlers);

#endif
