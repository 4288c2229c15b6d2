/* SPDX-License-Identifier: BSD-2-Clause */
/* helpers.h - processes that wait for the disk in the place of a reactor: each is given
 * a path over a socket, brings the file into the cache that all share, and answers with
 * no more than a notice.  One that dies is replaced, and its request made again. */
#ifndef DUALITY_HELPERS_H
#define DUALITY_HELPERS_H

#include "reactor.h"

/* What a load by a helper may come to, besides 0 (it is in the cache) and -errno. */
enum { HELPER_TOUCHED = 1 /* it cannot be cached; its pages are in memory now */ };

/* A helper that is alive has one job at a time, of HELPER_TRIES attempts at most. */
enum { HELPER_TRIES = 3 };

struct helper {
	struct watch watch; /* our end of its socket */
	struct helpers *pool;
	pid_t pid;              /* 0: it died; a successor is started when needed */
	unsigned tries;         /* left for this job */
	int notice;             /* -EAGAIN: it died over the job */
	struct connection *job; /* whose file it loads; NULL: none */
	struct helper *next;    /* in one of the lists */
};

struct helpers {
	struct server *server;
	struct reactor *reactor;
	struct helper *all;
	struct helper *idle;
	struct helper *done; /* whose notices came: for the owner, after each turn */
	unsigned deaths;     /* the counter of those */
};

/* Start server->workers of them, before there is any connection. */
void helpers_start(struct helpers *pool, struct reactor *r, unsigned deaths);

/* When no job is left. */
void helpers_end(struct helpers *pool);

/* Give the helper this connection's path; or the path of the job it has, once more.
 * False: that was tried often enough, or no successor of a dead one is to be had; the
 * job is still its own. */
bool helper_employ(struct helper *h, struct connection *c);
bool helper_ask(struct helper *h);
#endif
