/* SPDX-License-Identifier: BSD-2-Clause */
/* net-http.c - net.c with the web server on top: the same graphs and modules, but the
 * client has, in place of UDP echo, the service over lwIP's TCP.  What epoll.c asks of
 * the kernel is here a library in the same loop (LionsOS's web server; Heiser, COMP9242
 * 2025, lecture 2b). */
#include "config.h"

#include "network/program.h"

static const struct about processes = {
	NETWORK_ABOUT,
	.name = "net-http-processes",
	.summary = "HTTP over lwIP: each module of the network a process",
	.flag = "processes",
};

static const struct about cores = {
	NETWORK_ABOUT,
	.name = "net-http-2cores",
	.summary = "HTTP over lwIP: the modules of the network on two cores",
	.flag = "2cores",
	.also = &processes,
};

static const struct about about = {
	NETWORK_ABOUT,
	.name = "net-http-1core",
	.summary = "HTTP over lwIP: the modules of the network on one thread",
	.also = &cores,
};

static struct server server;

int main(int argc, char **argv)
{
	server_setup(&server, argc, argv, &about);
	return network_main(&server, &http_application);
}
