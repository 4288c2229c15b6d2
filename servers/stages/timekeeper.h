/* SPDX-License-Identifier: BSD-2-Clause */
/* timekeeper.h - what a stage cannot wait for, lest its thread is lost: a thread with a
 * heap of timers that hands connections back when their time has come. */
#ifndef DUALITY_TIMEKEEPER_H
#define DUALITY_TIMEKEEPER_H

#include "connection.h"

/* Returns 0 or -errno. */
int timekeeper_start(void);
void timekeeper_stop(void);

/* WANT_WAIT and WANT_FAN: perform them, then pass the connection on. */
void timekeeper_wait(struct connection *c);
void timekeeper_fan(struct connection *c);

/* Its peer is drained until then: after that its socket reads as ended.  Cancel it
 * before the connection is closed. */
void timekeeper_linger(struct connection *c);
void timekeeper_cancel(struct connection *c);
#endif
