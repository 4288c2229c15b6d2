/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_ends.c - more than there is room for, and stopping: what came is answered, what
 * was dropped is told, and senders who go on do not hold the end up. */
#include "config.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "udp_gate.h"

/* DRAIN_S is what the server may take for the rest before it is cut off. */
enum {
	USUAL = 1472,
	BURST = 3000,
	QUEUED = 50,
	DRAIN_S = 5,
	FLOODERS = 4,
	QUEUE_MOST = 1000,
	FLOOD_US = 20000
};

/* The drops of the port's sockets as the kernel lists them (proc(5), /proc/net/udp). */
static int64_t drops_listed(uint16_t port)
{
	FILE *f = fopen("/proc/net/udp", "re");
	char line[300];
	int64_t sum = -1;

	while (f && fgets(line, sizeof line, f)) {
		unsigned local;
		uint64_t drops;

		if (sscanf(line,
			   " %*d: %*8x:%4x %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%" SCNu64,
			   &local, &drops) == 2 &&
		    local == port)
			sum = (sum < 0 ? 0 : sum) + (int64_t)drops;
	}
	if (f)
		fclose(f);
	return sum;
}

/* All that are there. */
static int64_t take_all(const struct udp_peer *p)
{
	int64_t taken = 0, got;

	while ((got = udp_peer_take(p, USUAL, 0)) != UDP_NONE) {
		if (got == UDP_WRONG)
			return UDP_WRONG;
		taken++;
	}
	return taken;
}

/* A burst at a server that cannot look: received + dropped = sent. */
static bool end_burst(struct subject *s)
{
	struct udp_peer p;
	bool good = udp_peer_open(&p, "127.0.0.1", s->port, 0) && udp_halt(s);
	int64_t listed;

	for (uint32_t i = 0; good && i < BURST; i++)
		good = udp_peer_send(&p, i, USUAL);
	listed = drops_listed(s->port);
	if (listed <= 0)
		tap_diag("/proc/net/udp lists %lld drops", (long long)listed);
	udp_go_on(s);
	good = good && listed > 0 && udp_stop(s, 10) &&
	       udp_counted(s, "socket_drops", listed) &&
	       udp_counted(s, "requests", BURST - listed) &&
	       udp_counted(s, "echoes", take_all(&p));
	udp_peer_close(&p);
	return good;
}

/* Told to stop before it has seen any of them. */
static bool end_drains(struct subject *s)
{
	struct udp_peer p;
	bool good = udp_peer_open(&p, "127.0.0.1", s->port, 0) && udp_halt(s);

	for (uint32_t i = 0; good && i < QUEUED; i++)
		good = udp_peer_send(&p, i, USUAL);
	kill(s->pid, SIGTERM);
	udp_go_on(s);
	good = good && udp_stop(s, 10) && udp_counted(s, "echoes", QUEUED) &&
	       take_all(&p) == QUEUED;
	udp_peer_close(&p);
	return good;
}

struct flood {
	struct udp_peer peer;
	pthread_t threads[FLOODERS];
	atomic_bool over;
};

static void *flood(void *arg)
{
	static const char bytes[USUAL];
	struct flood *f = arg;

	while (!f->over) /* refused, once its port is closed */
		(void)!send(f->peer.fd, bytes, sizeof bytes, 0);
	return NULL;
}

/* What is served after the signal was in the queue before it, however many go on: were
 * what comes later served too, a queue that is never empty would keep the server. */
static bool end_flooded(struct subject *s)
{
	struct flood f = {.over = false};
	bool good = udp_peer_open(&f.peer, "127.0.0.1", s->port, 0);
	int64_t before = 0, after;
	int begun = 0;

	for (; good && begun < FLOODERS; begun++)
		good = pthread_create(&f.threads[begun], NULL, flood, &f) == 0;
	setpriority(PRIO_PROCESS, (id_t)s->pid, 19); /* the senders are faster */
	good = good && udp_halt(s);
	before = subject_live(s, "requests");
	kill(s->pid, SIGTERM);
	usleep(FLOOD_US); /* until it is full */
	udp_go_on(s);
	good = udp_stop(s, 10) && good;
	f.over = true;
	for (int i = 0; i < begun; i++)
		pthread_join(f.threads[i], NULL);
	udp_peer_close(&f.peer);
	after = subject_counter(s, "requests") - before;
	if (after > QUEUE_MOST)
		tap_diag("%lld were served after the signal", (long long)after);
	return good && after <= QUEUE_MOST;
}

static bool end_idle(struct subject *s)
{
	return udp_stop(s, DRAIN_S - 0.5) && udp_counted(s, "requests", 0);
}

const struct udp_check udp_ends[] = {
	{"of a burst all is counted", end_burst, NULL},
	{"what had come is answered before it ends", end_drains, NULL},
	{"a flood does not hold it up", end_flooded, NULL},
	{"idle, it ends at once", end_idle, NULL},
	{NULL, NULL, NULL},
};
