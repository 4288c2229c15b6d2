/* SPDX-License-Identifier: BSD-2-Clause */
/* net-http.c - net.c with the web server on top: the same graphs and modules, but the
 * client has, in place of UDP echo, the service over lwIP's TCP.  What epoll.c asks of
 * the kernel is here a library in the same loop (LionsOS's web server; Heiser, COMP9242
 * 2025, lecture 2b). */
#include "config.h"

#include "network/program.h"

static const struct about processes = {
	.name = "net-http-processes",
	.family = "module",
	.style = "event",
	.summary = "HTTP over lwIP: each module of the network a process",
	.own_stack = true,
	.needs = "lwIP",
	.lock = &lock_none, /* each client has a cache, and accounts, of its own */
	.accounts = ACCOUNTS_FREE,
	.own = network_options,
	.own_counters = network_counters,
	.flag = "processes",
};

static const struct about cores = {
	.name = "net-http-2cores",
	.family = "module",
	.style = "event",
	.summary = "HTTP over lwIP: the modules of the network on two cores",
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
	.name = "net-http-1core",
	.family = "module",
	.style = "event",
	.summary = "HTTP over lwIP: the modules of the network on one thread",
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
	return network_main(&server, &http_application);
}
