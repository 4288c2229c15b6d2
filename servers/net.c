/* SPDX-License-Identifier: BSD-2-Clause */
/* net.c - the networking subsystem of LionsOS on Linux: driver, virtualisers, copier
 * and a client with an IP stack (in network/), joined by rings as a file in graphs/
 * says, between an interface and UDP echo (Heiser, COMP9242 2025, lecture 2b;
 * docs/network.md). */
#include "config.h"

#include "network/program.h"

static const struct about processes = {
	NETWORK_ABOUT,
	.name = "net-processes",
	.summary = "UDP echo over lwIP: each module of the network a process",
	.udp = "udp",
	.echo = true,
	.flag = "processes",
};

static const struct about cores = {
	NETWORK_ABOUT,
	.name = "net-2cores",
	.summary = "UDP echo over lwIP: the modules of the network on two cores",
	.udp = "udp",
	.echo = true,
	.flag = "2cores",
	.also = &processes,
};

static const struct about about = {
	NETWORK_ABOUT,
	.name = "net-1core",
	.summary = "UDP echo over lwIP: the modules of the network on one thread",
	.udp = "udp",
	.echo = true,
	.also = &cores,
};

static struct server server;

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	return network_main(&server, &echo_application);
}
