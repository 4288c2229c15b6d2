/* SPDX-License-Identifier: BSD-2-Clause */
/* loops.c - epoll.c on every CPU: a loop, a listener (SO_REUSEPORT) and a pinned thread
 * each, and no state in common but cache and accounts.  Heiser's answer (Threads vs
 * Events, COMP9242, 2025) to events' "no CPU concurrency" (Ousterhout, Why Threads Are
 * A Bad Idea, 1995).  A connection stays with the loop the kernel hashed it to, however
 * busy that one is. */
#include "config.h"

#include "reactor.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static const struct about about = {
	.name = "loops",
	.family = "event",
	.style = "event",
	.summary = "an epoll loop per CPU, each with a listener of its own",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_EACH,
	.workers = 1,
	.workers_a_cpu = true,
	.listeners = true,
};

struct loop {
	struct reactor reactor;
	pthread_t thread;
};

static struct server server;

static bool block(struct connection *c, enum want want)
{
	(void)want;
	machine_block(&c->machine);
	return true;
}

static void *run(void *arg)
{
	struct loop *loop = arg;

	reactor_run(&loop->reactor);
	machine_thread_end();
	return NULL;
}

/* Only the n-th of these CPUs, counted round. */
static cpu_set_t nth_cpu(const cpu_set_t *cpus, unsigned n)
{
	size_t cpu = 0;
	cpu_set_t one;

	n %= (unsigned)CPU_COUNT(cpus);
	while (!CPU_ISSET(cpu, cpus) || n-- > 0)
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return one;
}

/* The first loop is this thread's. */
static void start(struct loop *loops, const cpu_set_t *cpus)
{
	cpu_set_t cpu = nth_cpu(cpus, 0);
	pthread_attr_t attr;

	MUST(sched_setaffinity(0, sizeof cpu, &cpu));
	pthread_attr_init(&attr);
	for (unsigned i = 1; i < server.workers; i++) {
		int error;

		cpu = nth_cpu(cpus, i);
		pthread_attr_setaffinity_np(&attr, sizeof cpu, &cpu);
		error = pthread_create(&loops[i].thread, &attr, run, &loops[i]);
		if (error)
			server_cannot("make the loops' threads", error);
	}
	pthread_attr_destroy(&attr);
}

int main(int argc, char **argv)
{
	static const struct way way = {.perform = block};
	struct loop *loops;
	cpu_set_t cpus;

	server_setup(&server, argc, argv, &about);
	MUST(sched_getaffinity(0, sizeof cpus, &cpus));
	loops = calloc(server.workers, sizeof *loops);
	MUST(loops ? 0 : -1);
	for (unsigned i = 0; i < server.workers; i++)
		reactor_setup(&loops[i].reactor, &server,
			      i == 0 ? server.listener : server_listener(&server),
			      &way);
	start(loops, &cpus);
	server_ready(&server);

	run(&loops[0]);
	for (unsigned i = 1; i < server.workers; i++)
		pthread_join(loops[i].thread, NULL);
	free(loops);
	return server_finish(&server);
}
