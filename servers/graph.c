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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *graph_file; /* instead of the variant's own */

static bool graph_set(const char *value)
{
	graph_file = value;
	return *value;
}

static const struct module_type *const types[] = {&netin_module, &http_module,
						  &file_module, &netout_module, NULL};

/* As --help does: it prints, and that is all. */
static bool draw_set(const char *file)
{
	struct graph_error error;

	if (graph_draw_file(file, types, stdout, &error) == 0)
		exit(EXIT_SUCCESS);
	fprintf(stderr, "%s\n", error.text);
	exit(2);
}

static const struct own_option options[] = {
	{"graph", "FILE", "another graph of the same modules", graph_set},
	{"draw", "FILE", "print this graph for dot(1), and end", draw_set},
	{.name = NULL},
};

/* Of each ring: signals over it, and those that nobody had asked for. */
static const char *const rings[] = {"empty", "filled", "verdict", "write",
				    "sent",  "load",   "loaded",  NULL};
static const char *const own_counters[] = {
	"signals_empty",  "elided_empty",    "signals_filled",
	"elided_filled",  "signals_verdict", "elided_verdict",
	"signals_write",  "elided_write",    "signals_sent",
	"elided_sent",    "signals_load",    "elided_load",
	"signals_loaded", "elided_loaded",   NULL,
};

static const struct about processes = {
	.name = "graph-processes",
	.family = "module",
	.style = "event",
	.summary = "four modules, each in a process of its own",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_MONITOR, /* not for others: its owner may be killed */
	.own = options,
	.own_counters = own_counters,
	.flag = "processes",
};

static const struct about cores = {
	.name = "graph-2cores",
	.family = "module",
	.style = "event",
	.summary = "four modules on two cores",
	.lock = &lock_robust,
	.accounts = ACCOUNTS_FREE,
	.own = options,
	.own_counters = own_counters,
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
	.own = options,
	.own_counters = own_counters,
	.also = &cores,
};

/* The modules may wait for each other until the server's own alarm ends it (setup.h).
 */
enum { STOPPING_MS = 60000 };

static struct server server;
static struct web web = {.server = &server};

/* graphs/web-*.graph; modules/graphs.S. */
extern const char web_1core[], web_2cores[], web_processes[];

/* The graph of this variant.  Returns 0 or -errno. */
static int graph_load(struct graph **out, struct graph_error *error)
{
	if (graph_file)
		return graph_read(out, graph_file, types, error);
	if (server.about == &cores)
		return graph_read_text(out, web_2cores, "web-2cores.graph", types,
				       error);
	if (server.about == &processes)
		return graph_read_text(out, web_processes, "web-processes.graph", types,
				       error);
	return graph_read_text(out, web_1core, "web-1core.graph", types, error);
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

static void signals_count(const struct graph *graph)
{
	struct ring_signals signals;

	for (unsigned i = 0; rings[i]; i++) {
		graph_signals(graph, rings[i], &signals);
		counter_add(server.counters, COUNTERS + 2 * i, signals.sent);
		counter_add(server.counters, COUNTERS + 2 * i + 1, signals.elided);
	}
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
		signals_count(graph);
		passing_close(&web.passing);
		if (err != -ECHILD || server_stopping())
			return err;
		fprintf(stderr, "%s; all begin anew\n", error->text);
		bury();
	}
}

int main(int argc, char **argv)
{
	struct graph_error error;
	struct graph *graph;
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
	err = graph_load(&graph, &error);
	if (err < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 2;
	}
	err = run(graph, &error);
	if (err < 0) {
		fprintf(stderr, "%s\n", error.text);
		_exit(1); /* a module may still run */
	}
	graph_free(graph);
	return server_finish(&server);
}
