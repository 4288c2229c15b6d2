/* SPDX-License-Identifier: BSD-2-Clause */
/* service.h - what a request means.  One exchange is one request and its reply.  The
 * service does no I/O and keeps no globals (it reads the clock): when a request needs
 * something that takes time it says which, the variant performs that in its own way,
 * and hands the result back.
 *
 *	parse -> service_begin -> effect -> [LOAD, WAIT, SPIN, FAN performed]
 *	      -> service_finish -> exchange_output, exchange_sent until done
 *	      -> exchange_end
 *
 * No file here knows who runs when. */
#ifndef DUALITY_SERVICE_H
#define DUALITY_SERVICE_H

#include "accounts.h"
#include "cache.h"
#include "counters.h"
#include "fan.h"
#include "http.h"

#include <stdatomic.h>

enum effect {
	EFFECT_NONE, /* the reply is made */
	EFFECT_LOAD, /* a cache miss: service_load blocks on the disk */
	EFFECT_WAIT, /* wait for effect_ns */
	EFFECT_SPIN, /* burn effect_ns of CPU: service_spin */
	EFFECT_FAN,  /* the parallel waits of fan; the first failure is the result */
};

struct service {
	struct cache *cache;
	struct accounts *accounts;
	struct counters *counters;
	const _Atomic(bool) *stopping; /* set: the connection closes after this reply */
};

/* Where the reply to a request comes from. */
enum route {
	ROUTE_REPLIED, /* it is an error, and made */
	ROUTE_FILE,    /* service_lookup */
	ROUTE_PAGE,    /* service_page: not a file */
};

struct operation;

struct exchange {
	struct request request;
	const struct operation *operation; /* of ROUTE_PAGE */
	enum effect effect;
	uint64_t effect_ns;
	struct fan fan;
	struct body body;  /* pinned until exchange_end */
	bool close;        /* the connection closes after this reply */
	uint32_t head_len; /* of the bytes in head[]: the head, and a short body */
	uint64_t body_len, sent;
	char head[HTTP_REPLY_HEAD_MAX + 64];
};

/* Take a parsed request up.  Returns the effect it needs; EFFECT_NONE: the reply is
 * ready. */
enum effect service_begin(const struct service *s, struct exchange *x);

/* The same in steps.  Route first; lookup then returns 0 or -errno, for service_finish,
 * or -EAGAIN: it needs EFFECT_LOAD.  Page returns as service_begin does. */
enum route service_route(const struct service *s, struct exchange *x);
int service_lookup(const struct service *s, struct exchange *x);
enum effect service_page(const struct service *s, struct exchange *x);

/* Make the reply to what http_parse refused with -status, and close after it. */
void service_reject(const struct service *s, struct exchange *x, int status);

/* Perform EFFECT_LOAD, blocking; from any thread or process.  Returns 0 or -errno. */
int service_load(const struct service *s, struct exchange *x);

/* Or in steps: cache_load_begin, of cache.h; its end goes to service_finish. */
int service_load_begin(const struct service *s, struct exchange *x,
		       struct cache_load **load, bool resident);

/* Perform EFFECT_SPIN, or ns of it: CPU time of the calling thread, so that being
 * preempted or stolen from makes it no cheaper. */
void service_spin(uint64_t ns);

/* The effect was performed with this result: make the reply. */
void service_finish(const struct service *s, struct exchange *x, int result);

enum { EXCHANGE_PIECES = 64 }; /* of one writev */

/* What is left to send, at most EXCHANGE_PIECES pieces.  Returns their number; 0: done.
 */
int exchange_output(const struct exchange *x, struct iovec *iov);
void exchange_sent(struct exchange *x, size_t n);
uint64_t exchange_left(const struct exchange *x); /* bytes */

/* The reply is sent or given up: unpin. */
void exchange_end(struct exchange *x);

/* A connection's input: at most a buffer's worth of requests waits. */
enum { BUFFER_SIZE = 16384 };
struct buffer {
	size_t start, end;
	char data[BUFFER_SIZE];
};

/* Where input goes; never empty, since a head that fills the buffer is refused. */
char *buffer_room(struct buffer *b, size_t *len);

/* Before the server closes it shuts its sending side and drains the peer, at most this
 * long: closing with input unread, or yet to come, would reset the connection, and the
 * reset could overtake the reply (RFC 9112 section 9.6). */
enum { LINGER_NS = 1000000000 };
#endif
