/* SPDX-License-Identifier: BSD-2-Clause */
/* fetch.h - one of many clients at once: a request sent, and its reply taken as it
 * comes, without blocking, compared with what may come. */
#ifndef DUALITY_FETCH_H
#define DUALITY_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a reply's body may be, wholly. */
struct fetch_bytes {
	const unsigned char *bytes;
	size_t size;
};

enum { FETCH_HEAD = 1024, FETCH_BODY = 64, FETCH_CHOICES = 2 };

struct fetch {
	int fd;     /* -1: no connection */
	int status; /* of the reply; 0: its head is not whole */
	bool asked; /* a reply is due */
	size_t head_size, body_size, body_done;
	struct fetch_bytes choice[FETCH_CHOICES]; /* none: any body will do */
	unsigned fits; /* a bit for each choice that what came agrees with */
	char head[FETCH_HEAD];
	char body[FETCH_BODY]; /* its beginning, NUL-terminated */
};

enum fetch_end {
	FETCH_MORE,  /* to come */
	FETCH_DONE,  /* a whole reply: ask again */
	FETCH_ENDED, /* the connection, with nothing of the reply */
	FETCH_CUT,   /* the connection, in the middle of the reply */
	FETCH_WRONG, /* no reply, or not these bytes */
};

/* Connect, patiently: all ports may be taken for a moment.  Returns whether it is. */
bool fetch_open(struct fetch *f, uint16_t port);
void fetch_close(struct fetch *f);

/* Send a request without a body.  Returns false if the connection has ended. */
bool fetch_ask(struct fetch *f, const char *method, const char *path);

/* Take what has come, at most `most` bytes. */
enum fetch_end fetch_take(struct fetch *f, size_t most);

/* Ends of fetches, for diagnostics. */
const char *fetch_end_name(enum fetch_end end);
#endif
