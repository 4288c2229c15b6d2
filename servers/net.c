/* SPDX-License-Identifier: BSD-2-Clause */
/* net.c - the networking subsystem of LionsOS on Linux: driver, virtualisers, copier
 * and a client with an IP stack (in network/), joined by rings as a file in graphs/
 * says, between an interface and UDP echo (Heiser, COMP9242 2025, lecture 2b;
 * docs/network.md). */
#include "config.h"

#include "network/driver.h"
#include "runtimes/graph/graph.h"
#include "setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ECHO_PORT = 1235, PREFIX = 24 };

static struct network network = {
	.mac = {0x02, 0, 0, 0, 0, 0x01}, /* locally administered (IEEE 802) */
	.mask = UINT32_MAX << (32 - PREFIX),
	.port = ECHO_PORT,
	.way = &packet_way,
};
static const char *graph_file; /* instead of the variant's own */

static bool interface_set(const char *value)
{
	network.interface = value;
	return *value && strlen(value) < IF_NAMESIZE;
}

static bool prefix_set(const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n < 1 || n > 30)
		return false;
	network.mask = UINT32_MAX << (32 - n);
	return true;
}

static bool mac_set(const char *value)
{
	unsigned char *m = network.mac;
	int end = 0;

	return sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &m[0], &m[1],
		      &m[2], &m[3], &m[4], &m[5], &end) == NET_MAC &&
	       !value[end] && !(m[0] & 1) && m[NET_MAC - 1] <= UINT8_MAX - NET_CLIENTS;
}

static bool driver_set(const char *value)
{
	static const struct driver_way *const ways[] = {&packet_way, &xdp_way, &tap_way,
							NULL};

	for (int i = 0; ways[i]; i++)
		if (!strcmp(ways[i]->name, value)) {
			network.way = ways[i];
			return true;
		}
	return false;
}

static bool graph_set(const char *value)
{
	graph_file = value;
	return *value;
}

static const struct own_option options[] = {
	{"interface", "IF", "whose frames it takes; they need CAP_NET_RAW",
	 interface_set},
	{"prefix", "N", "bits of the address that are the network's (24)", prefix_set},
	{"mac", "MAC", "the client's address (02:00:00:00:00:01); others follow it",
	 mac_set},
	{"driver", "KIND", "packet, xdp or tap", driver_set},
	{"graph", "FILE", "another graph of the same modules", graph_set},
	{.name = NULL},
};

static const char *const own_counters[] = {
	[NET_FRAMES_IN] = "frames_in",
	[NET_FRAMES_OUT] = "frames_out",
	[NET_BROADCASTS] = "broadcasts",
	[NET_DROPS_NO_BUFFER] = "drops_no_buffer",
	[NET_DROPS_NOBODYS] = "drops_nobodys",
	[NET_DROPS_CLIENT_FULL] = "drops_client_full",
	[NET_DROPS_MALFORMED] = "drops_malformed",
	[NET_DROPS_NO_TX_BUFFER] = "drops_no_tx_buffer",
	[NET_DROPS_DEVICE] = "drops_device",
	[NET_SIGNALS_SENT] = "signals_sent",
	[NET_SIGNALS_ELIDED] = "signals_elided",
	[NET_COUNTERS] = NULL,
};

static const struct about processes = {
	.name = "net-processes",
	.family = "module",
	.style = "event",
	.summary = "UDP echo over lwIP: each module of the network a process",
	.udp = "udp",
	.echo = true,
	.own_stack = true,
	.needs = "lwIP",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own = options,
	.own_counters = own_counters,
	.flag = "processes",
};

static const struct about cores = {
	.name = "net-2cores",
	.family = "module",
	.style = "event",
	.summary = "UDP echo over lwIP: the modules of the network on two cores",
	.udp = "udp",
	.echo = true,
	.own_stack = true,
	.needs = "lwIP",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own = options,
	.own_counters = own_counters,
	.flag = "2cores",
	.also = &processes,
};

static const struct about about = {
	.name = "net-1core",
	.family = "module",
	.style = "event",
	.summary = "UDP echo over lwIP: the modules of the network on one thread",
	.udp = "udp",
	.echo = true,
	.own_stack = true,
	.needs = "lwIP",
	.lock = &lock_none,
	.accounts = ACCOUNTS_FREE,
	.own = options,
	.own_counters = own_counters,
	.also = &cores,
};

static struct server server;
static bool is_ready;

/* graphs/net-*.graph; network/graphs.S. */
extern const char net_1core[], net_2cores[], net_processes[];

/* The graph of this variant.  Returns 0 or -errno. */
static int graph_load(struct graph **out, struct graph_error *error)
{
	static const struct module_type *const types[] = {&driver_module,
							  &virt_rx_module,
							  &virt_tx_round_robin_module,
							  &virt_tx_priority_module,
							  &copier_module,
							  &client_module,
							  NULL};
	const char *text = net_1core, *name = "net-1core.graph";
	FILE *file;

	if (graph_file)
		return graph_read(out, graph_file, types, error);
	if (server.about == &cores)
		text = net_2cores, name = "net-2cores.graph";
	else if (server.about == &processes)
		text = net_processes, name = "net-processes.graph";
	file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	if (!file)
		server_cannot("read the graph", errno);
	return graph_read_from(out, file, name, types, error);
}

static void network_setup(void)
{
	network.counters = server.counters;
	network.address = ntohl(server.address.sin_addr.s_addr);
	if (server.address.sin_port)
		network.port = ntohs(server.address.sin_port);
	if (server.address.sin_family != AF_INET) {
		fprintf(stderr, "--address: the clients have IPv4 addresses\n");
		exit(2);
	}
	if (!network.interface) {
		fprintf(stderr, "--interface: whose frames?\n");
		exit(2);
	}
	if (!if_nametoindex(network.interface) && network.way != &tap_way) {
		fprintf(stderr, "--interface %s: %s\n", network.interface,
			strerror(errno));
		exit(2);
	}
}

static void ready(void *program)
{
	char name[INET_ADDRSTRLEN];

	(void)program;
	is_ready = true;
	inet_ntop(AF_INET, &server.address.sin_addr, name, sizeof name);
	printf("ready %s:%u\n", name, network.port);
	fflush(stdout);
}

static void restarts(void *program, const char *text)
{
	(void)program;
	fprintf(stderr, "%s; it begins anew\n", text);
}

/* Signals between threads, or processes: those of one thread need none. */
static void signals_count(const struct graph *g)
{
	const struct module_counts *c;
	const char *name;

	for (int i = 0; (name = graph_module(g, i)); i++) {
		c = graph_counts(g, name);
		counter_add(server.counters, COUNTERS + NET_SIGNALS_SENT, c->sent);
		counter_add(server.counters, COUNTERS + NET_SIGNALS_ELIDED, c->elided);
	}
}

int main(int argc, char **argv)
{
	static const struct graph_settings settings = {.program = &network,
						       .cores_counted = true,
						       .stopping = server_stopping,
						       .restarts = restarts,
						       .ready = ready};
	struct graph_error error;
	struct graph *graph;
	int err;

	server_setup(&server, argc, argv, &about);
	network_setup();
	err = graph_load(&graph, &error);
	if (err == 0)
		err = graph_run(graph, &settings, &error);
	if (err < 0) {
		fprintf(stderr, "%s\n", error.text);
		_exit(is_ready ? 1 : 2); /* a module may still run */
	}
	signals_count(graph);
	graph_free(graph);
	return server_finish(&server);
}
