/* SPDX-License-Identifier: BSD-2-Clause */
/* stream.h - a recorded byte stream and the replies it must get (see streams/README).
 */
#ifndef DUALITY_STREAM_H
#define DUALITY_STREAM_H

#include <stdbool.h>
#include <stddef.h>

enum { STREAM_DATE = 29 }; /* bytes of an IMF-fixdate, RFC 9110 section 5.6.7 */

struct stream {
	char name[64];
	unsigned char *in, *out;
	bool *date; /* per byte of out: it belongs to a date */
	size_t in_size, out_size;
	unsigned replies, errors; /* errors: replies of status 400 and above */
	bool closes;              /* the last reply says so */
	bool half;                /* ends within a message: can only be half-closed */
};

struct streams {
	struct stream *list;
	size_t count;
};

/* Read all streams of a folder, sorted by name.  Returns 0 or -errno; on error *where
 * names the stream. */
int streams_read(struct streams *s, const char *folder, char where[64]);
const struct stream *streams_find(const struct streams *s, const char *name);
void streams_free(struct streams *s);

/* Make a stream of a request and a template of its replies.  Returns 0 or -errno. */
int stream_make(struct stream *s, const char *name, const void *in, size_t in_size,
		const char *out, size_t out_size);
void stream_free(struct stream *s);
#endif
