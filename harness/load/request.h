/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a request on its connection, and what follows it in each mode. */
#ifndef LOAD_REQUEST_H
#define LOAD_REQUEST_H

#include "harness/load/load.h"

/* Sends as many waiting arrivals as there are connections for, `most` at most; a
 * session beyond the live limit is counted.  Returns how many were taken. */
uint64_t request_dispatch(struct load *load, uint64_t most);

/* Goes on with connections whose sleep is over, `most` at most.  Returns how many. */
uint64_t request_wake(struct load *load, uint64_t most);

/* Starts every connection of a closed loop. */
void request_start_closed(struct load *load);

/* A connection is ready for input or output. */
void request_event(struct load *load, struct connection *connection);

/* The drain is over: what is still unanswered is lost. */
void request_lose_rest(struct load *load);

#endif
