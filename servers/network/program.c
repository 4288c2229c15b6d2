/* SPDX-License-Identifier: BSD-2-Clause */
/* program.c - from options to the network's graph, and to its end. */
#include "config.h"

#include "driver.h"
#include "program.h"
#include "runtimes/graph/graph.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	PREFIX = 24,
	STOPPING_MS = 60000 /* the server's own alarm ends it before (setup.h) */
};

static struct network network = {
	.mac = {0x02, 0, 0, 0, 0, 0x01}, /* locally administered (IEEE 802) */
	.mask = UINT32_MAX << (32 - PREFIX),
	.way = &packet_way,
};
static struct server *server;
static const char *graph_file; /* instead of the variant's own */
static bool is_ready, fences;

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

static const struct module_type *const types[] = {&driver_module,
						  &virt_rx_module,
						  &virt_tx_round_robin_module,
						  &virt_tx_priority_module,
						  &copier_module,
						  &client_module,
						  NULL};

/* As --help does: it prints, and that is all. */
static bool draw_set(const char *value)
{
	struct graph_error error;

	if (graph_draw_file(value, types, stdout, &error) == 0)
		exit(EXIT_SUCCESS);
	fprintf(stderr, "%s\n", error.text);
	exit(2);
}

static bool fences_set(const char *value)
{
	fences = !strcmp(value, "all");
	return fences || !strcmp(value, "needed");
}

const struct own_option network_options[] = {
	{"interface", "IF", "whose frames it takes; they need CAP_NET_RAW",
	 interface_set},
	{"prefix", "N", "bits of the address that are the network's (24)", prefix_set},
	{"mac", "MAC", "the client's address (02:00:00:00:00:01); others follow it",
	 mac_set},
	{"driver", "KIND", "packet, xdp or tap", driver_set},
	{"graph", "FILE", "another graph of the same modules", graph_set},
	{"draw", "FILE", "print this graph for dot(1), and end", draw_set},
	{"fences", "WHICH", "needed, or all: within a thread too, where none is needed",
	 fences_set},
	{.name = NULL},
};

const char *const network_counters[] = {
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
	[NET_FENCES] = "fences",
	[NET_COUNTERS] = NULL,
};

/* ../graphs/net-*.graph; graphs.S. */
extern const char net_1core[], net_2cores[], net_processes[];

/* The graph of this variant.  Returns 0 or -errno. */
static int graph_load(struct graph **out, struct graph_error *error)
{
	const char *flag = server->about->flag;

	if (graph_file)
		return graph_read(out, graph_file, types, error);
	if (!flag)
		return graph_read_text(out, net_1core, "net-1core.graph", types, error);
	if (!strcmp(flag, "2cores"))
		return graph_read_text(out, net_2cores, "net-2cores.graph", types,
				       error);
	return graph_read_text(out, net_processes, "net-processes.graph", types, error);
}

__attribute__((noreturn)) static void refuse(const char *option, const char *value,
					     const char *why)
{
	fprintf(stderr, "--%s%s%s: %s\n", option, *value ? " " : "", value, why);
	exit(2);
}

/* Of tunnels, what comes are no frames. */
static bool is_ethernet(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {0};
	int err;

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", interface);
	err = ioctl(fd, SIOCGIFHWADDR, &r);
	close(fd);
	return err < 0 || r.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
	       r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
}

static void network_setup(const struct application *application)
{
	network.server = server;
	network.application = application;
	network.counters = server->counters;
	network.address = ntohl(server->address.sin_addr.s_addr);
	network.port = application->port;
	if (server->address.sin_port)
		network.port = ntohs(server->address.sin_port);
	if (server->address.sin_family != AF_INET)
		refuse("address", "", "the clients have IPv4 addresses");
	if (!network.interface)
		refuse("interface", "", "whose frames?");
	if (!if_nametoindex(network.interface) && network.way != &tap_way)
		refuse("interface", network.interface, strerror(errno));
	if (!is_ethernet(network.interface))
		refuse("interface", network.interface, "it has no Ethernet frames");
	network.open = mmap(NULL, 2 * NET_CLIENTS * sizeof *network.open,
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(network.open == MAP_FAILED ? -1 : 0);
	network.holder = network.open + NET_CLIENTS;
}

static void ready(void *program)
{
	char name[INET_ADDRSTRLEN];

	(void)program;
	is_ready = true;
	inet_ntop(AF_INET, &server->address.sin_addr, name, sizeof name);
	printf("ready %s:%u\n", name, network.port);
	fflush(stdout);
}

static void restarts(void *program, const char *text)
{
	(void)program;
	fprintf(stderr, "%s; it begins anew\n", text);
}

/* Signals between threads, or processes: those of one thread need none, nor fences. */
static void signals_count(const struct graph *g)
{
	const struct module_counts *c;
	const char *name;

	for (int i = 0; (name = graph_module(g, i)); i++) {
		c = graph_counts(g, name);
		counter_add(server->counters, COUNTERS + NET_SIGNALS_SENT, c->sent);
		counter_add(server->counters, COUNTERS + NET_SIGNALS_ELIDED, c->elided);
		counter_add(server->counters, COUNTERS + NET_FENCES, c->fences);
	}
}

int network_main(struct server *s, const struct application *application)
{
	const struct graph_settings settings = {.program = &network,
						.stopping_ms = STOPPING_MS,
						.cores_counted = true,
						.fences = fences,
						.stopping = server_stopping,
						.restarts = restarts,
						.ready = ready};
	struct graph_error error;
	struct graph *graph;
	int err;

	server = s;
	network_setup(application);
	err = graph_load(&graph, &error);
	if (err == 0)
		err = graph_run(graph, &settings, &error);
	if (err < 0) {
		fprintf(stderr, "%s\n", error.text);
		_exit(is_ready ? 1 : 2); /* a module may still run */
	}
	signals_count(graph);
	graph_free(graph);
	return server_finish(s);
}
