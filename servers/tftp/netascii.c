/* SPDX-License-Identifier: BSD-2-Clause */
/* netascii.c - line ends as TFTP has them on the wire. */
#include "config.h"

#include "netascii.h"

size_t netascii_encode(struct netascii *n, char *to, size_t room, const char *from,
		       size_t len, size_t *used)
{
	size_t at = 0, written = 0;

	while (written < room && (n->pending || at < len)) {
		char c = n->pending ? n->second : from[at++];

		if (!n->pending && (c == '\n' || c == '\r')) {
			n->second = c == '\n' ? '\n' : '\0';
			n->pending = true;
			c = '\r';
		} else {
			n->pending = false;
		}
		to[written++] = c;
	}
	*used = at;
	return written;
}

size_t netascii_decode(struct netascii *n, char *to, const char *from, size_t len)
{
	size_t written = 0;

	for (size_t i = 0; i < len; i++) {
		char c = from[i];

		if (n->pending && c == '\0') {
			c = '\r';
			n->pending = false;
		} else if (n->pending && c == '\n') {
			n->pending = false;
		} else {
			if (n->pending) /* a bare CR, which RFC 764 does not have */
				to[written++] = '\r';
			n->pending = c == '\r';
		}
		if (!n->pending)
			to[written++] = c;
	}
	return written;
}

size_t netascii_end(struct netascii *n, char *to)
{
	if (!n->pending)
		return 0;
	*to = '\r';
	n->pending = false;
	return 1;
}
