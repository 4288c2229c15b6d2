/* SPDX-License-Identifier: BSD-2-Clause */
/* poller.h - readiness as a stage's source: an epoll(7) set whose ready descriptors
 * become events of the stage.  One watch, one event: until it is watched again, a
 * connection belongs to whoever handles it. */
#ifndef DUALITY_POLLER_H
#define DUALITY_POLLER_H

#include "stage.h"

struct poller {
	struct stage_source source; /* for struct stage_plan */
	int epfd, wakefd;
};

/* Returns 0 or -errno. */
int poller_open(struct poller *p);
void poller_close(struct poller *p);

/* When fd is ready for these (epoll_ctl(2)), e becomes an event, once.  `again`: fd is
 * in the set already; close(2) takes it out.  From here on another thread may have e.
 * Returns 0 or -errno. */
int poller_watch(struct poller *p, int fd, uint32_t events, struct stage_event *e,
		 bool again);
#endif
