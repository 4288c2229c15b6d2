/* SPDX-License-Identifier: BSD-2-Clause */
/* relay.h - a module between two rings: takes items from one, works on each, puts them
 * into the other.  It is an event handler: called when its bell rang, it does what
 * there is to do, never waits, and returns.  It does not know on which thread, or in
 * which process, its neighbours run.  This file is given; relay.c is yours. */
#ifndef RELAY_H
#define RELAY_H

#include "doorbell.h"

#include "given/bell.h"

enum { RELAY_BATCH = 8 };

/* One end of a ring, as a module has it. */
struct end {
	struct ring *ring;
	struct flag *mine;   /* I want a signal when I can go on here */
	struct flag *theirs; /* the module at the other end wants one */
	struct bell *bell;   /* reaches that module */
};

struct relay {
	struct end in, out;
	uint64_t key; /* for relay_work() */
};

/* What is to be done to an item's tag; given. */
uint64_t relay_work(uint64_t key, uint64_t tag);

/* Until there is nothing to take, or no room to put it, and whoever changes that will
 * ring our bell.  At most RELAY_BATCH items at a time; after each batch the modules at
 * the other ends are signalled if they asked for it, and only then.  No item is lost.
 */
void relay_notified(struct relay *m);

#endif
