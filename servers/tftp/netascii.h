/* SPDX-License-Identifier: BSD-2-Clause */
/* netascii.h - text on the wire (RFC 764, as RFC 1350 has it): a newline is CR LF, a CR
 * is CR NUL.  Blocks may end between the two. */
#ifndef DUALITY_NETASCII_H
#define DUALITY_NETASCII_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed: at the start.  For one direction. */
struct netascii {
	bool pending; /* encoding: `second` is due; decoding: a CR came */
	char second;
};

/* Text into netascii, as much as has room.  Returns the bytes written; *used: of those
 * read.  With len 0: what is due from before. */
size_t netascii_encode(struct netascii *n, char *to, size_t room, const char *from,
		       size_t len, size_t *used);

/* Netascii into text, all of it.  Returns the bytes written, len + 1 at most. */
size_t netascii_decode(struct netascii *n, char *to, const char *from, size_t len);

/* The text is at its end.  Returns the bytes written: 1 for a CR that nothing came
 * after. */
size_t netascii_end(struct netascii *n, char *to);
#endif
