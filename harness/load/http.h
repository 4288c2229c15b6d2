/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an HTTP/1.x reply, read strictly (RFC 9112): what a correct server never
 * sends is -EPROTO here, never a guess.  Bodies are not looked at; the caller streams
 * them. */
#ifndef LOAD_HTTP_H
#define LOAD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_HEAD_MAX = 8192 };

struct http_head {
	bool done;
	bool closes;    /* the server will close after this reply */
	bool until_eof; /* no length given: the body ends with the connection */
	int status;
	uint64_t length; /* of the body */
	size_t carried;  /* bytes of an unfinished head in `carry` */
	char *carry; /* HTTP_HEAD_MAX bytes, allocated when a head first comes in parts
		      */
};

/* Before a reply; keeps the carry buffer. */
void http_begin(struct http_head *head);

/* Frees the carry buffer. */
void http_release(struct http_head *head);

/* Reads the next bytes of a head.  Returns how many belong to it: all of them while
 * `done` is false; or -EPROTO, -EMSGSIZE (more than HTTP_HEAD_MAX), -ENOMEM. */
ssize_t http_feed(struct http_head *head, const char *bytes, size_t count);

#endif
