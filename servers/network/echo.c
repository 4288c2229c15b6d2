/* SPDX-License-Identifier: BSD-2-Clause */
/* echo.c - UDP echo (RFC 862) over lwIP: what comes goes back, and is not copied. */
#include "config.h"

#include "client.h"

#include <errno.h>
#include <lwip/udp.h>

enum { ECHO_PORT = 1235 };

static void echo(void *network, struct udp_pcb *pcb, struct pbuf *p,
		 const ip_addr_t *address, u16_t port)
{
	const struct network *n = network;
	u16_t bytes = p->tot_len;
	err_t err = udp_sendto(pcb, p, address, port);

	pbuf_free(p);
	counter_add(n->counters, COUNTER_REQUESTS, 1);
	counter_add(n->counters, COUNTER_BYTES_IN, bytes);
	counter_add(n->counters, COUNTER_BYTES_OUT, err == ERR_OK ? bytes : 0);
	counter_add(n->counters, COUNTER_ERRORS, err != ERR_OK);
}

static int echo_begin(struct module *m, uint32_t client)
{
	const struct network *n = m->program;
	struct udp_pcb *pcb = udp_new();

	(void)client;
	if (!pcb)
		return -ENOMEM;
	if (udp_bind(pcb, IP4_ADDR_ANY, n->port) != ERR_OK)
		return -EADDRINUSE;
	udp_recv(pcb, echo, (void *)(uintptr_t)n);
	return 0;
}

const struct application echo_application = {
	.port = ECHO_PORT,
	.begin = echo_begin,
};
