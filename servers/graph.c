/* SPDX-License-Identifier: BSD-2-Clause */
/* graph.c - the server as modules: netin, http, file and netout (in modules/), each
 * sequential and with a state of its own, joined by rings as a file in graphs/ says -
 * Heiser's answer to threads and to events (Threads vs Events, COMP9242, 2025;
 * LionsOS). The modules do not know on how many cores they are, nor in how many
 * processes. */
#include "config.h"

#include "modules/web.h"
#include "runtimes/graph/graph.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct about processes = {
	.name = "graph-processes",
	.family = "module",
	.style = "event",
	.summary = "four modules, each in a process of its own",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR, /* not for others: its owner may be killed */
	.flag = "processes",
};

static const struct about cores = {
	.name = "graph-2cores",
	.family = "module",
	.style = "event",
	.summary = "four modules on two cores",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_FREE,
	.flag = "2cores",
	.also = &processes,
};

static const struct about about = {
	.name = "graph-1core",
	.family = "module",
	.style = "event",
	.summary = "four modules, joined by rings, on one thread",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.also = &cores,
};

/* The modules may wait for each other until the server's own alarm ends it (setup.h).
 */
enum { STOPPING_MS = 60000 };

static struct server server;
static struct web web = {.server = &server};

/* graphs/web-1core.graph and so on, beside the program. */
static void graph_find(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	const char *placement = strchr(server.about->name, '-');
	size_t left;
	char *name;

	path[n < 0 ? 0 : n] = '\0';
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	left = size - (size_t)(name - path);
	if ((size_t)snprintf(name, left, "graphs/web%s.graph", placement) >= left)
		server_cannot("name the graph", ENAMETOOLONG);
}

/* Where modules are processes the listener is netin's, but for its address. */
static void ready(void *program)
{
	static bool told;

	(void)program;
	if (web.apart)
		server.listener = web.listener;
	if (!told)
		server_ready(&server);
	if (web.apart)
		server.listener = -1;
	told = true;
}

/* All modules have ended, and some connections with them. */
static void bury(void)
{
	uint64_t opened = counter_read(server.counters, COUNTER_OPENED);
	uint64_t closed = counter_read(server.counters, COUNTER_CLOSED);

	counter_add(server.counters, COUNTER_CLOSED, opened - closed);
	cache_owner_died(server.service.cache, web.holders->http);
	cache_owner_died(server.service.cache, web.holders->file);
}

/* A process that dies takes the others with it, for a connection may be in any of them.
 * Listener, cache, accounts and counters are the supervisor's, and last. */
static int run(struct graph *graph, struct graph_error *error)
{
	static const struct graph_settings settings = {.program = &web,
						       .stopping_ms = STOPPING_MS,
						       .cores_counted = true,
						       .stopping = server_stopping,
						       .ready = ready};
	int err;

	for (;;) {
		err = passing_open(&web.passing, server.descriptors);
		if (err < 0)
			server_cannot("make the socket that passes descriptors", -err);
		err = graph_run(graph, &settings, error);
		passing_close(&web.passing);
		if (err != -ECHILD || server_stopping())
			return err;
		fprintf(stderr, "%s; all begin anew\n", error->text);
		bury();
	}
}

int main(int argc, char **argv)
{
	static const struct module_type *const types[] = {
		&netin_module, &http_module, &file_module, &netout_module, NULL};
	struct graph_error error;
	struct graph *graph;
	char path[PATH_MAX];
	int err;

	server_setup(&server, argc, argv, &about);
	MUST(fcntl(server.listener, F_SETFL, O_NONBLOCK));
	web.apart = server.about == &processes;
	web.listener = server.listener;
	if (web.apart)
		server.listener = -1;
	web.holders = mmap(NULL, sizeof *web.holders, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(web.holders == MAP_FAILED ? -1 : 0);
	graph_find(path, sizeof path);
	err = graph_read(&graph, path, types, &error);
	if (err == 0)
		err = run(graph, &error);
	if (err < 0) {
		fprintf(stderr, "%s\n", error.text);
		_exit(1); /* a module may still run */
	}
	graph_free(graph);
	return server_finish(&server);
}
