/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.c - from options to a listener, and from SIGTERM to the counters.  What happens
 * to connections in between is in connections.c. */
#include "config.h"

#include "setup.h"
#include "setup_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,      /* matched over all variants */
	CONNECTIONS = 65536, /* the default bound of --max-connections */
	DRAIN_S = 5,         /* what is in flight may take this long after SIGTERM */
	SPARE_PINS = 64,     /* loads that outlive their connection */
	HEAP_KEPT = 4 << 20, /* bytes */
	ADDRESS_TEXT = INET6_ADDRSTRLEN + 8,
};

static _Atomic bool stopping; /* lock-free, so a signal handler may (C11 7.14.1.1) */
static struct server *served; /* for the signal handlers */
static int counters_fd = -1;

/* Not exit: nothing has been begun that would have to be ended. */
void server_cannot(const char *what, int error)
{
	fprintf(stderr, "cannot %s: %s\n", what, strerror(error));
	_exit(1);
}

int must(int result, const char *call)
{
	if (result < 0) {
		fprintf(stderr, "%s: %s\n", call, strerror(errno));
		_exit(1);
	}
	return result;
}

bool server_stopping(void)
{
	return stopping;
}

/* Both handlers call only what signal-safety(7) lists. */
static void on_stop(int signal_number)
{
	int saved = errno;

	(void)signal_number;
	if (!stopping) {
		stopping = 1;
		alarm(DRAIN_S);
		shutdown(served->listener, SHUT_RD);
		connections_shut();
	}
	errno = saved;
}

void server_stop(void)
{
	sigset_t stop;

	if (stopping)
		return;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	raise(SIGTERM);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
	if (counters_fd >= 0)
		counters_write(served->counters, counters_fd);
	_exit(0);
}

static void signals_setup(struct server *s)
{
	struct sigaction stop = {.sa_handler = on_stop};
	struct sigaction late = {.sa_handler = on_alarm};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	served = s;
	MUST(sigaction(SIGTERM, &stop, NULL));
	MUST(sigaction(SIGINT, &stop, NULL));
	MUST(sigaction(SIGALRM, &late, NULL));
	MUST(sigaction(SIGPIPE, &ignore,
		       NULL)); /* a reply to a peer that left: EPIPE */
}

/* As many descriptors as may be had.  Returns their number. */
static unsigned descriptors_raise(void)
{
	struct rlimit limit;

	MUST(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	return limit.rlim_cur > 1048576 ? 1048576 : (unsigned)limit.rlim_cur;
}

static unsigned connections_default(unsigned descriptors, unsigned own_limit)
{
	unsigned n = descriptors > 128 ? descriptors - 64 : descriptors / 2;

	if (n > CONNECTIONS)
		n = CONNECTIONS;
	return own_limit && n > own_limit ? own_limit : n;
}

/* As in a URL: an IPv6 address stands in brackets. */
static const char *address_text(const union address *a, char text[static ADDRESS_TEXT])
{
	bool ipv6 = a->any.sa_family == AF_INET6;
	const void *bytes = ipv6 ? (const void *)&a->in6.sin6_addr : &a->in.sin_addr;
	char name[INET6_ADDRSTRLEN];

	inet_ntop(a->any.sa_family, bytes, name, sizeof name);
	snprintf(text, ADDRESS_TEXT, ipv6 ? "[%s]:%u" : "%s:%u", name,
		 ntohs(a->in.sin_port));
	return text;
}

static int bind_to(int fd, const union address *address)
{
	char text[ADDRESS_TEXT];

	if (bind(fd, &address->any, sizeof *address) == 0)
		return fd;
	fprintf(stderr, "cannot listen on %s: %s\n", address_text(address, text),
		strerror(errno));
	exit(1);
}

/* A socket bound to the address; `shared`: more than one may be. */
static int listener_bind(const union address *address, bool shared)
{
	int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	int on = 1, share = shared;

	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof share));
	/* Connections inherit it (tcp(7)): one call instead of one each. */
	MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
	return bind_to(fd, address);
}

/* Without SO_REUSEADDR: for UDP it would let another server bind the same port
 * (socket(7)). */
static int datagrams_bind(const union address *address, bool shared)
{
	int fd = MUST(socket(address->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int share = shared;

	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof share));
	return bind_to(fd, address);
}

int listener_another(int listener)
{
	union address bound;
	socklen_t len = sizeof bound;
	int fd, type;
	socklen_t type_len = sizeof type;

	MUST(getsockname(listener, &bound.any, &len));
	MUST(getsockopt(listener, SOL_SOCKET, SO_TYPE, &type, &type_len));
	if (type == SOCK_DGRAM)
		return datagrams_bind(&bound, true);
	fd = listener_bind(&bound, true);
	MUST(listen(fd, BACKLOG));
	return fd;
}

static unsigned cpus_allowed(void)
{
	cpu_set_t set;

	MUST(sched_getaffinity(0, sizeof set, &set));
	return (unsigned)CPU_COUNT(&set);
}

static void counters_setup(struct server *s, const char *path)
{
	char live[4096];

	if (path &&
	    (size_t)snprintf(live, sizeof live, "%s.live", path) >= sizeof live) {
		fprintf(stderr, "--counters: the name is too long\n");
		exit(2);
	}
	if (path)
		counters_fd =
			open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (path && counters_fd < 0) {
		fprintf(stderr, "--counters %s: %s\n", path, strerror(errno));
		exit(2);
	}
	s->counters = counters_map(path ? live : NULL);
	if (!s->counters) {
		fprintf(stderr, "--counters %s: %s\n", path ? live : "",
			strerror(errno));
		exit(path ? 2 : 1);
	}
	if (s->about->own_counters)
		counters_own(s->counters, s->about->own_counters);
}

int server_service(struct server *s, char what[SERVER_WHAT])
{
	int err = cache_create(&s->service.cache, s->root, s->cache_bytes,
			       s->max_connections + SPARE_PINS, s->about->lock);

	if (err == -ENOMEM)
		snprintf(what, SERVER_WHAT, "--cache %zu", s->cache_bytes);
	else if (err < 0)
		snprintf(what, SERVER_WHAT, "--root %s", s->root);
	if (err < 0)
		return err;
	snprintf(what, SERVER_WHAT, "the accounts");
	s->service.counters = s->counters;
	s->service.stopping = &stopping;
	return accounts_create(&s->service.accounts, s->about->accounts, s->counters);
}

static void service_setup(struct server *s, const struct options *o)
{
	char what[SERVER_WHAT];
	int err = server_service(s, what);

	if (err < 0) {
		fprintf(stderr, "%s: %s\n", what, strerror(-err));
		exit(2);
	}
	s->reserve = MUST(open("/dev/null", O_RDONLY | O_CLOEXEC));
	s->listener = listener_bind(&o->address, s->about->listeners);
	signals_setup(s);
	MUST(listen(s->listener, BACKLOG));
}

/* The port is to be shared only with listeners yet to come: were it so when bound, the
 * kernel might pick one that another server of this user shares with its own. */
static void datagrams_setup(struct server *s, const struct options *o)
{
	int share = s->about->listeners;

	s->reserve = -1;
	s->listener = datagrams_bind(&o->address, false);
	MUST(setsockopt(s->listener, SOL_SOCKET, SO_REUSEPORT, &share, sizeof share));
	signals_setup(s);
}

void server_setup(struct server *s, int argc, char **argv, const struct about *about)
{
	struct options o;
	unsigned descriptors;

	options_read(&o, argc, argv, about);
	about = o.about;
	descriptors = descriptors_raise();
	*s = (struct server){
		.about = about,
		.root = o.root,
		.address = o.address.in,
		.listener = -1,
		.reserve = -1,
		.workers = o.workers              ? o.workers
			   : about->workers_a_cpu ? cpus_allowed() * about->workers
						  : about->workers,
		.cache_bytes = o.cache_bytes,
		.descriptors = descriptors,
		.max_connections =
			o.max_connections ? o.max_connections
					  : connections_default(descriptors,
								about->connections_max),
	};
	/* The buffers of a whole turn are held at once, and then none is.  By default
	 * malloc gives such a heap back to the kernel every time, and has it zeroed
	 * again a page at a time (M_TRIM_THRESHOLD, mallopt(3)). */
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	connections_setup(descriptors);
	counters_setup(s, o.counters);
	if (about->own_stack)
		signals_setup(s);
	else if (about->udp)
		datagrams_setup(s, &o);
	else
		service_setup(s, &o);
}

void server_ready(const struct server *s)
{
	union address bound;
	socklen_t len = sizeof bound;
	char text[ADDRESS_TEXT];

	MUST(getsockname(s->listener, &bound.any, &len));
	printf("ready %s\n", address_text(&bound, text));
	fflush(stdout);
}

void server_child(struct server *s, int fd)
{
	close(s->listener);
	close(s->reserve);
	if (counters_fd >= 0)
		close(counters_fd);
	s->listener = counters_fd = -1;
	s->reserve = -1;
	connections_only(fd);
}

int server_finish(struct server *s)
{
	int err = counters_fd < 0 ? 0 : counters_write(s->counters, counters_fd);

	if (err < 0)
		fprintf(stderr, "--counters: %s\n", strerror(-err));
	return err < 0 ? 1 : 0;
}
