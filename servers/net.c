/* SPDX-License-Identifier: BSD-2-Clause */
/* net.c - the networking subsystem of LionsOS on Linux: driver, virtualisers, copier
 * and a client with an IP stack (in network/), joined by rings as a file in graphs/
 * says, between an interface and UDP echo (Heiser, COMP9242 2025, lecture 2b;
 * docs/network.md). */
#include "config.h"

#include "network/program.h"

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
	.own = network_options,
	.own_counters = network_counters,
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
	.own = network_options,
	.own_counters = network_counters,
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
	.own = network_options,
	.own_counters = network_counters,
	.also = &cores,
};

static struct server server;

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	return network_main(&server, &echo_application);
}
