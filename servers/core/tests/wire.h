/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.h - a scripted peer, for tests that compare the two styles: its input comes in
 * pieces and the replies are taken in pieces, of seeded sizes. */
#ifndef DUALITY_WIRE_H
#define DUALITY_WIRE_H

#include "service.h"

struct wire {
	const char *input;
	size_t input_len;
	size_t piece_max;  /* of a read or a write: 1 to this many bytes */
	size_t output_max; /* replies of more break the connection there */
	bool interrupts;   /* some calls end early, with EINTR or EAGAIN */
	unsigned seed;     /* where the pieces are cut */
};

/* Serve the whole input as session.c does, or as machine.c does.  Returns the replies,
 * NUL-terminated and their dates blanked, for the caller to free; *len their bytes.
 * NULL: out of memory.  One call at a time. */
char *wire_direct(const struct service *s, const struct wire *w, size_t *len);
char *wire_event(const struct service *s, const struct wire *w, size_t *len);
#endif
