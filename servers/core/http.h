/* SPDX-License-Identifier: BSD-2-Clause */
/* http.h - bytes <-> request and reply head (RFC 9110, RFC 9112).  The parser is
 * http-parser; what it lets through and the standard does not is checked before it. */
#ifndef DUALITY_HTTP_H
#define DUALITY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { HTTP_HEAD_MAX = 8192, HTTP_REPLY_HEAD_MAX = 384 };

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

struct request {
	enum method method;
	bool http10;
	bool keep_alive; /* the client wants the connection kept (RFC 9112 section 9.3)
			  */
	bool has_body;
	char *path;  /* decoded, without dot segments, NUL-terminated; lies in the input
		      */
	char *query; /* after the '?', NUL-terminated; NULL without one */
	int path_status; /* 0, or the status a bad target earns: 400 */
};

/* Parse the first request of the len bytes at in.  A head ends at the first empty line
 * and is parsed once, when it is whole: where the stream was cut cannot matter.  The
 * head is decoded in place, so *out points into it: keep it until the reply is made.
 * Returns the bytes taken, 0 if the head is not whole yet, or -status: answer with that
 * status and close, since where the next request starts is unknown. */
ssize_t http_parse(char *in, size_t len, struct request *out);

struct reply_head {
	int status;
	const char *type;       /* Content-Type */
	uint64_t length;        /* Content-Length */
	const char *allow;      /* Allow, of a 405; or NULL */
	bool close;             /* say so */
	bool keep_alive_http10; /* say that it is kept, to a 1.0 client that asked */
	time_t date;
};

/* Write a reply head into out (HTTP_REPLY_HEAD_MAX bytes suffice).  Returns its length.
 */
size_t http_head(char *out, const struct reply_head *head);

/* RFC 9110 section 15: "Not Found" for 404. */
const char *http_reason(int status);

/* The media type by the path's extension. */
const char *http_type(const char *path);
#endif
