/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.h - what every server program does before, beside and after its own way of
 * being concurrent: options, listener, --about, the ready line, counters, stopping. */
#ifndef DUALITY_SETUP_H
#define DUALITY_SETUP_H

#include "service.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>

/* An option only this program has: --NAME VALUE. */
struct own_option {
	const char *name;
	const char *value; /* what VALUE is, for --help */
	const char *help;
	bool (*set)(const char *value); /* false: refused */
};

/* A variant, as --about tells it. */
struct about {
	const char *name;
	const char *family; /* process, thread, user-thread, event, staged, module */
	const char *style;  /* direct or event */
	const char *summary;
	const char *overload; /* what it does about it: refuse, 503; NULL: defer */
	const char *udp;      /* what it speaks instead, over UDP; NULL: HTTP */
	bool echo; /* over UDP, and that is all: no files and no connections, but IPv6
		    */
	bool own_stack;    /* over an interface's frames: nothing is bound for it, and
			    * server_service is its own to call */
	const char *needs; /* the library it stands on, or NULL */
	const struct lock *lock; /* of the cache */
	enum accounts_policy accounts;
	unsigned workers;   /* the default of --workers; 0: it has no such option */
	bool workers_a_cpu; /* that default for each CPU it may run on */
	bool listeners;     /* it opens further listeners: server_listener */
	unsigned connections_max; /* what it can hold at all; 0: no limit of its own */
	const char *const *lacks; /* paths of the service it does not have, NULL at
				     the end; or NULL */
	const struct own_option *own;    /* up to the one without a name; or NULL */
	const char *const *own_counters; /* as counters_own has them; or NULL */
	const char *flag;                /* --FLAG makes the program this variant */
	const struct about *also; /* a further variant of this program, with a flag */
};

struct server {
	const struct about *about; /* the variant chosen */
	const char *root;
	struct sockaddr_in address; /* as the options say, where it is IPv4 */
	int listener;
	unsigned workers;
	unsigned max_connections;
	size_t cache_bytes;
	unsigned descriptors; /* how many the process may have */
	struct service service;
	struct counters *counters;
	_Atomic(int) reserve;   /* a descriptor kept back: accept and close with it */
	_Atomic(unsigned) live; /* connections open */
};

/* Read the options, bind and listen, make cache and counters; for a server of
 * datagrams, bind and make the counters: it has no cache.  Prints and exits on
 * --about, --help, --version; on a bad option exits with 2, naming it. */
void server_setup(struct server *s, int argc, char **argv, const struct about *about);

/* Make cache and accounts: server_setup has, but for who has a stack of its own, in the
 * process that serves.  Returns 0, or -errno and which option it was. */
enum { SERVER_WHAT = 128 };
int server_service(struct server *s, char what[SERVER_WHAT]);

/* Print the ready line: connections are accepted from now on. */
void server_ready(const struct server *s);

/* A further listener on the same port, for a loop of its own (SO_REUSEPORT, socket(7):
 * the kernel spreads connections over them).  Returns its descriptor. */
int server_listener(struct server *s);

/* Accept a connection (flags as of accept4(2)).  Returns a descriptor; -EAGAIN: none
 * waits; -EINTR: a signal came, or there is a shortage: ask again; -ECANCELED: the
 * server is stopping.  Out of descriptors, the client is accepted and closed. */
int server_accept(struct server *s, int flags);
int server_accept_from(struct server *s, int listener, int flags);

/* Take up a connection accepted elsewhere (a library).  Returns fd. */
int server_opened(struct server *s, int fd);

/* For a server of datagrams.  Begin: what is in flight on fd counts as a connection,
 * but stopping does not shut its receiving side.  Idle: from now on it does. */
void server_begin(struct server *s);
void server_idle(int fd);

/* The connection ended: close fd.  Forget: the same, but its library closes fd; call it
 * before that. */
void server_closed(struct server *s, int fd);
void server_forget(struct server *s, int fd);

/* For a process per connection.  The child serves fd: the parent lets go of it, but the
 * connection goes on.  Ended: the child was reaped, and with it the connection. */
void server_handed_over(int fd);
void server_ended(struct server *s);

/* It cannot be served, for want of a thread, a process or memory: close it, and count.
 */
void server_refused(struct server *s, int fd);

/* At --max-connections: accept no more until one ends.  Ask before accepting; counting
 * a pause is the variant's, by server_deferred. */
bool server_full(const struct server *s);
void server_deferred(struct server *s);

/* In a child that serves one connection: let go of what is the parent's. */
void server_child(struct server *s, int fd);

/* Set by SIGTERM and SIGINT.  The handler also shuts the listener and the receiving
 * side of every connection down (shutdown(2)), which wakes whoever waits for input:
 * idle connections end at once, what is in flight is finished.  After 5 s the process
 * ends as it is, counters written. */
bool server_stopping(void);

/* This process, or thread, is told to stop by who had the signal: as if it had come
 * here.  For modules, whose signals are held back. */
void server_stop(void);

/* Write the counters.  Returns main's exit status. */
int server_finish(struct server *s);

/* End the program with 1: "cannot WHAT: " and the error (an errno value). */
__attribute__((noreturn)) void server_cannot(const char *what, int error);

/* While setting up, a failure ends the program: errno and the call that failed. */
#define MUST(call) must((call), #call)
int must(int result, const char *call);
#endif
