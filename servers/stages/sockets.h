/* SPDX-License-Identifier: BSD-2-Clause */
/* sockets.h - the asynchronous sockets: the three stages at the graph's border, whose
 * events come from the kernel.  SEDA's asynchronous socket layer is the same: stages
 * that others need not tell from theirs. */
#ifndef DUALITY_STAGED_SOCKETS_H
#define DUALITY_STAGED_SOCKETS_H

#include "connection.h"
#include "poller.h"
#include "setup.h"

#include <stdbool.h>

extern struct poller listening, reading, writing; /* the sources of the three */

/* Before the stages start; returns 0 or -errno.  Accept: once they have. */
int sockets_open(struct server *s);
void sockets_accept(void);
void sockets_close(void);

/* Handlers. */
void socket_listen(struct stage_event **batch, unsigned n);
void socket_read(struct stage_event **batch, unsigned n);
void socket_write(struct stage_event **batch, unsigned n);

/* Let it wait in the read stage's poller, or end it. */
void connection_await(struct connection *c);
void connection_close(struct connection *c);

/* Whether connections may still come. */
bool sockets_accepting(void);
#endif
