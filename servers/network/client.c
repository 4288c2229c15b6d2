/* SPDX-License-Identifier: BSD-2-Clause */
/* client.c - the module with an IP stack: lwIP, which runs here as it does without an
 * operating system - nothing but this module calls it.  Frames that come are not
 * copied: lwIP reads them, and writes into them, where they lie; those that go are
 * copied out into the region. */
#include "config.h"

#include "client.h"
#include "keep.h"
#include "timer_heap.h"

#include <errno.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <stdlib.h>

enum { RX_ACTIVE, RX_FREE, TX_ACTIVE, TX_FREE, RX, TX, KEEP };

static const struct port_rule ports[] = {
	[RX_ACTIVE] = {.kind = PORT_IN, .name = "rx_active"},
	[RX_FREE] = {.kind = PORT_OUT, .name = "rx_free"},
	[TX_ACTIVE] = {.kind = PORT_OUT, .name = "tx_active"},
	[TX_FREE] = {.kind = PORT_IN, .name = "tx_free"},
	[RX] = {PORT_REGION, "rx", 0, false, true, NET_REGION_BYTES, true, false},
	[TX] = {PORT_REGION, "tx", 0, false, true, NET_REGION_BYTES, true, false},
	[KEEP] = {PORT_REGION, "keep", 0, false, true, 2 * sizeof(struct keep), true,
		  false},
	{.kind = PORT_NONE},
};

static const char *const options[] = {"client", NULL};

/* What lwIP keeps of frames (unread, out of order) is beyond so many copied into memory
 * of its own: few connections could keep all buffers, and all others from theirs. */
enum { LENT_MOST = NET_BUFFERS / NET_CLIENTS / 2, MTU = 1500, NS_IN_MS = 1000000 };

/* A frame that came, as lwIP has it. */
struct loan {
	struct pbuf_custom pbuf; /* the first: pbuf_free is told of it */
	struct client *client;
	uint32_t offset;
};

/* Frames, or empty buffers, that wait for the end of the turn. */
struct tray {
	struct ring_item item[NET_BUFFERS];
	uint32_t n;
};

struct client {
	struct module *module;
	struct netif netif;
	unsigned char *rx, *tx;
	struct keep *keep_rx, *keep_tx;
	struct tray sends, returns, spares;
	struct loan loan[NET_BUFFERS];
	uint32_t lent;
	bool starved; /* a frame had no buffer to go with */
};

static void loan_end(struct pbuf *p)
{
	struct loan *l = (struct loan *)p;
	struct tray *t = &l->client->returns;

	l->client->lent--;
	t->item[t->n++] = (struct ring_item){.offset = l->offset};
}

/* lwIP sends: one pbuf or a chain of them. */
static err_t frame_send(struct netif *netif, struct pbuf *p)
{
	struct client *c = netif->state;
	struct ring_item *item = &c->sends.item[c->sends.n];

	if (p->tot_len > NET_FRAME_MOST || c->spares.n == 0) {
		network_count(c->module, NET_DROPS_NO_TX_BUFFER, 1);
		c->starved = true;
		return ERR_MEM;
	}
	*item = c->spares.item[--c->spares.n];
	item->length = pbuf_copy_partial(p, c->tx + item->offset, p->tot_len, 0);
	item->tag = 0;
	c->sends.n++;
	return ERR_OK;
}

static struct pbuf *frame_lend(struct client *c, const struct ring_item *item)
{
	struct loan *l = &c->loan[frame_buffer(item)];

	*l = (struct loan){.client = c, .offset = item->offset};
	l->pbuf.custom_free_function = loan_end;
	c->lent++;
	return pbuf_alloced_custom(PBUF_RAW, (u16_t)item->length, PBUF_REF, &l->pbuf,
				   c->rx + item->offset + frame_head(item),
				   (u16_t)item->length);
}

/* NULL: out of memory. */
static struct pbuf *frame_copy(struct client *c, const struct ring_item *item)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)item->length, PBUF_RAM);

	if (p)
		pbuf_take(p, c->rx + item->offset + frame_head(item),
			  (u16_t)item->length);
	c->returns.item[c->returns.n++] = (struct ring_item){.offset = item->offset};
	return p;
}

static void frame_receive(struct client *c, const struct ring_item *item)
{
	struct pbuf *p =
		c->lent < LENT_MOST ? frame_lend(c, item) : frame_copy(c, item);

	if (!p)
		network_count(c->module, NET_DROPS_NO_BUFFER, 1);
	else if (ethernet_input(p, &c->netif) != ERR_OK)
		pbuf_free(p);
}

static err_t netif_begin(struct netif *netif)
{
	netif->name[0] = 'd';
	netif->name[1] = 'u';
	netif->output = etharp_output;
	netif->linkoutput = frame_send;
	netif->mtu = MTU;
	netif->hwaddr_len = NET_MAC;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
		       NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

/* Not its network's own address, nor broadcast, nor of what is no single host elsewhere
 * (RFC 6890: 0/8, 127/8, from 224 on). */
static bool is_hosts(uint32_t address, uint32_t mask)
{
	uint32_t host = address & ~mask, first = address >> 24;

	return host != 0 && host != ~mask && first != 0 && first != 127 && first < 224;
}

/* Two of one number would have one address.  In its next life it has it already. */
static bool number_take(const struct module *m, uint32_t number)
{
	const struct network *n = m->program;
	uint32_t holder = 0;

	return !n->holder ||
	       atomic_compare_exchange_strong(&n->holder[number], &holder, m->number) ||
	       holder == m->number;
}

/* lwIP has one state a process, in its globals. */
static int stack_begin(struct client *c, uint32_t number)
{
	const struct network *n = c->module->program;
	ip4_addr_t address = {.addr = lwip_htonl(n->address + number)};
	ip4_addr_t mask = {.addr = lwip_htonl(n->mask)}, none = {.addr = 0};
	static bool begun;

	if (begun) {
		module_fail(c->module, -EBUSY,
			    "lwIP is there once a process: a second client has to be "
			    "a process of its own (placement processes)");
		return -EBUSY;
	}
	begun = true;
	if (!number_take(c->module, number)) {
		module_fail(c->module, -EEXIST, "its client= is another module's");
		return -EEXIST;
	}
	if (!is_hosts(n->address + number, n->mask)) {
		module_fail(c->module, -EADDRNOTAVAIL,
			    "its address is not one that a host can have (--address, "
			    "and those after it)");
		return -EADDRNOTAVAIL;
	}
	lwip_init();
	network_mac(n, number, c->netif.hwaddr);
	if (!netif_add(&c->netif, &address, &mask, &none, c, netif_begin,
		       ethernet_input))
		return -ENOMEM;
	netif_set_default(&c->netif);
	netif_set_up(&c->netif);
	return n->application->begin(c->module, number);
}

/* What it has: in its first life all to send with, and nothing that came. */
static void buffers_begin(struct client *c)
{
	struct module *m = c->module;

	keep_begin(c->keep_tx);
	keep_revive(m, RX_ACTIVE, RX_FREE, c->keep_rx);
	keep_revive(m, TX_FREE, TX_ACTIVE, c->keep_tx);
	for (uint32_t i = 0; i < NET_BUFFERS; i++) {
		struct ring_item item = {.offset = i * NET_BUFFER_BYTES};

		if (c->keep_rx->has[i])
			c->returns.item[c->returns.n++] = item;
		if (c->keep_tx->has[i])
			c->spares.item[c->spares.n++] = item;
	}
}

/* As many as there is room for. */
static void tray_give(struct client *c, struct tray *t, unsigned channel,
		      struct keep *k)
{
	uint32_t n = t->n ? port_room(c->module, channel, t->n) : 0;

	keep_give(c->module, channel, k, t->item, n);
	t->n -= n;
	memmove(t->item, t->item + n, t->n * sizeof *t->item);
}

/* There are buffers to send with again.  lwIP's TCP has kept what it could not send. */
static void starved_feed(struct client *c)
{
	c->starved = false;
	for (struct tcp_pcb *p = tcp_active_pcbs; p && c->spares.n > 0; p = p->next)
		tcp_output(p);
}

static void turn_over(struct client *c)
{
	const struct application *a =
		((const struct network *)c->module->program)->application;
	uint64_t due_ns = a->turn ? a->turn() : UINT64_MAX, lwip_ns;

	if (c->starved && c->spares.n > 0)
		starved_feed(c);
	lwip_ns = timer_now() + (uint64_t)sys_timeouts_sleeptime() * NS_IN_MS + 1;
	tray_give(c, &c->sends, TX_ACTIVE, c->keep_tx);
	tray_give(c, &c->returns, RX_FREE, c->keep_rx);
	module_deadline(c->module, due_ns < lwip_ns ? due_ns : lwip_ns);
}

static int client_init(struct module *m)
{
	struct client *c = m->state;
	uint64_t number = 0, bytes;
	int err;

	c->module = m;
	c->rx = port_memory(m, RX, &bytes);
	c->tx = port_memory(m, TX, &bytes);
	c->keep_rx = port_memory(m, KEEP, &bytes);
	c->keep_tx = c->keep_rx + 1;
	err = module_number(m, "client", 0, NET_CLIENTS - 1, &number);
	if (err < 0)
		return err;
	buffers_begin(c);
	err = stack_begin(c, (uint32_t)number);
	if (err == 0)
		turn_over(c);
	return err;
}

/* A frame that comes may be one that goes: it takes no more than it can answer. */
static void client_notified(struct module *m, unsigned channel)
{
	struct client *c = m->state;
	const struct application *a = ((const struct network *)m->program)->application;
	struct ring_item items[NET_BATCH];
	uint32_t n;

	if (channel == CHANNEL_STOP && a->stop)
		a->stop();
	if (channel == CHANNEL_DEADLINE)
		sys_check_timeouts();
	c->spares.n += keep_take(m, TX_FREE, c->keep_tx, c->spares.item + c->spares.n,
				 NET_BUFFERS - c->spares.n);
	n = c->spares.n < NET_BATCH ? c->spares.n : NET_BATCH;
	n = keep_take(m, RX_ACTIVE, c->keep_rx, items, n);
	for (uint32_t i = 0; i < n; i++)
		frame_receive(c, &items[i]);
	turn_over(c);
	if (n > 0 || !port_ended(m, RX_ACTIVE))
		return;
	if (a->end)
		a->end();
	module_done(m);
}

const struct module_type client_module = {
	.name = "client",
	.ports = ports,
	.options = options,
	.number = "client",
	.restarts = true,
	.state_bytes = sizeof(struct client),
	.init = client_init,
	.notified = client_notified,
};
