/* SPDX-License-Identifier: BSD-2-Clause */
/* keep_test.c - a borrower that is killed, at any instruction, over and over: in its
 * last life it gives back all it was lent, each buffer once. */
#include "config.h"

#include "runtimes/graph/graph.h"
#include "servers/network/keep.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum { LIVES = 300, LIFE_NS = 2000000, BATCH = 32 };

static const char wiring[] =
	"placement processes\n"
	"module lender lender\n"
	"module borrower borrower restart=100000\n"
	"region keep 4K\n"
	"grant keep borrower.keep write\n"
	"ring lend lender.lend borrower.lend slots=512\n"
	"ring back borrower.back lender.back slots=512 answers=lend\n";

/* The lender knows who has what. */
enum { LEND, BACK };

struct lender {
	bool lent[NET_BUFFERS];
	uint32_t lents;
	bool stopping;
};

static const struct port_rule lender_ports[] = {
	[LEND] = {.kind = PORT_OUT, .name = "lend"},
	[BACK] = {.kind = PORT_IN, .name = "back"},
	{.kind = PORT_NONE},
};

static void buffer_return(struct module *m, const struct ring_item *item)
{
	struct lender *l = m->state;
	bool *lent = &l->lent[frame_buffer(item) % NET_BUFFERS];

	if (!*lent)
		module_fail(m, -EPERM, "a buffer came back twice");
	*lent = false;
	l->lents--;
}

/* Not at once, or one that came back twice could be taken for one lent again. */
static void buffers_lend(struct module *m)
{
	struct lender *l = m->state;

	if (l->lents > NET_BUFFERS / 4)
		return;
	for (uint32_t i = 0; i < NET_BUFFERS && !l->stopping; i++) {
		struct ring_item item = {.offset = i * NET_BUFFER_BYTES};

		if (l->lent[i] || !port_room(m, LEND, 1))
			continue;
		port_put(m, LEND, &item, 1);
		l->lent[i] = true;
		l->lents++;
	}
}

/* It ends when all is back: else graph_run says that it did not. */
static void lender_notified(struct module *m, unsigned channel)
{
	struct lender *l = m->state;
	struct ring_item item;

	l->stopping |= channel == CHANNEL_STOP;
	while (port_get(m, BACK, &item, 1))
		buffer_return(m, &item);
	buffers_lend(m);
	if (l->stopping && l->lents == 0)
		module_done(m);
}

static int lender_init(struct module *m)
{
	buffers_lend(m);
	return 0;
}

static const struct module_type lender_module = {
	.name = "lender",
	.ports = lender_ports,
	.state_bytes = sizeof(struct lender),
	.init = lender_init,
	.notified = lender_notified,
};

/* The borrower: takes some, and gives back some that it took before. */
enum { TAKE, GIVE, KEEP };

struct borrower {
	struct ring_item has[NET_BUFFERS];
	uint32_t n;
	bool stopping;
};

static const struct port_rule borrower_ports[] = {
	[TAKE] = {.kind = PORT_IN, .name = "lend"},
	[GIVE] = {.kind = PORT_OUT, .name = "back"},
	[KEEP] = {PORT_REGION, "keep", 0, false, true, sizeof(struct keep), false,
		  false},
	{.kind = PORT_NONE},
};

static struct keep *keep_of(struct module *m)
{
	uint64_t bytes;

	return port_memory(m, KEEP, &bytes);
}

/* No signal reaches a module, but this one. */
static void death_arm(unsigned lives)
{
	struct sigevent kill = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	struct itimerspec in = {
		.it_value = {.tv_nsec = 100000 + lives * 7919L * 997 % LIFE_NS}};
	timer_t timer;

	if (lives < LIVES && timer_create(CLOCK_MONOTONIC, &kill, &timer) == 0)
		timer_settime(timer, 0, &in, NULL);
}

static int borrower_init(struct module *m)
{
	struct borrower *b = m->state;
	struct keep *k = keep_of(m);

	k->begun = true; /* at first it has none */
	keep_revive(m, TAKE, GIVE, k);
	for (uint32_t i = 0; i < NET_BUFFERS; i++)
		if (k->has[i])
			b->has[b->n++] =
				(struct ring_item){.offset = i * NET_BUFFER_BYTES};
	death_arm(m->lives);
	return 0;
}

static void borrower_notified(struct module *m, unsigned channel)
{
	struct borrower *b = m->state;
	uint32_t n;

	b->stopping |= channel == CHANNEL_STOP;
	n = NET_BUFFERS - b->n;
	n = keep_take(m, TAKE, keep_of(m), b->has + b->n, n < BATCH ? n : BATCH);
	b->n += n;
	n = b->stopping ? b->n : b->n / 2;
	n = n ? port_room(m, GIVE, n) : 0;
	b->n -= n;
	keep_give(m, GIVE, keep_of(m), b->has + b->n, n);
	if (b->stopping && port_ended(m, TAKE))
		module_done(m);
	else if (!b->stopping)
		module_again(m, TAKE);
}

static const struct module_type borrower_module = {
	.name = "borrower",
	.restarts = true,
	.ports = borrower_ports,
	.state_bytes = sizeof(struct borrower),
	.init = borrower_init,
	.notified = borrower_notified,
};

static struct graph *graph;
static int deaths;

static void died(void *program, const char *text)
{
	(void)program;
	if (!strstr(text, "SIGKILL"))
		fail_msg("%s", text);
	if (++deaths == LIVES)
		graph_stop(graph);
}

static void buffers_outlive_their_borrower(void **state)
{
	static const struct module_type *const types[] = {&lender_module,
							  &borrower_module, NULL};
	struct network network = {.counters = counters_map(NULL)};
	struct graph_settings settings = {.program = &network, .restarts = died};
	struct graph_error error = {.text = ""};
	FILE *file = fmemopen((void *)(uintptr_t)wiring, strlen(wiring), "r");
	int result;

	(void)state;
	assert_non_null(network.counters);
	assert_int_equal(graph_read_from(&graph, file, "keep", types, &error), 0);
	result = graph_run(graph, &settings, &error);
	if (result < 0)
		fail_msg("after %d deaths: %s", deaths, error.text);
	assert_int_equal(deaths, LIVES);
	assert_int_equal(counter_read(network.counters, COUNTERS + NET_DROPS_MALFORMED),
			 0);
	graph_free(graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_outlive_their_borrower),
	};

	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
