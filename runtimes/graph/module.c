/* SPDX-License-Identifier: BSD-2-Clause */
/* module.c - what a module may do beside moving messages. */
#include "config.h"

#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct graph_module *row_of(const struct resident *s)
{
	return &s->executor->runner->g->module[s->index];
}

const char *module_option(const struct module *m, const char *name)
{
	const struct graph_module *row = row_of((const struct resident *)m);

	for (int i = 0; i < row->options; i++)
		if (!strcmp(row->option[i].name, name))
			return row->option[i].value;
	return NULL;
}

int module_number(struct module *m, const char *name, uint64_t low, uint64_t high,
		  uint64_t *number)
{
	const char *text = module_option(m, name);
	char what[128], *end;
	uint64_t n;

	if (!text)
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !errno && !*end && n >= low && n <= high) {
		*number = n;
		return 0;
	}
	snprintf(what, sizeof what, "%s=%.32s is not a number from %llu to %llu", name,
		 text, (unsigned long long)low, (unsigned long long)high);
	module_fail(m, -EINVAL, what);
	return -EINVAL;
}

static bool is_ring(const struct port *p)
{
	return p->kind == PORT_IN || p->kind == PORT_OUT;
}

bool port_ended(const struct module *m, unsigned channel)
{
	struct resident *s = (struct resident *)m;
	struct port *p = &m->ports[channel];

	/* pairs with the release in module_done: messages before the end of them */
	if (!is_ring(p) ||
	    !atomic_load_explicit(s->peers[channel].peer_ended, memory_order_acquire))
		return false;
	return p->kind == PORT_OUT ||
	       atomic_load_explicit(p->end.others, memory_order_acquire) == p->end.at;
}

void *port_memory(const struct module *m, unsigned channel, uint64_t *bytes)
{
	*bytes = m->ports[channel].bytes;
	return m->ports[channel].memory;
}

bool port_takes(struct module *m, unsigned channel, const struct ring_item *items,
		uint32_t n)
{
	const struct pool *pool = m->ports[channel].pool;

	for (uint32_t i = 0; i < n; i++)
		if (!pool_holds(pool, &items[i])) {
			module_fail(m, -EPROTO, "it was given what is no buffer");
			return false;
		}
	if (pool_pass(pool, items, n, POOL_ON_ITS_WAY, m->number) == 0)
		return true;
	module_fail(m, -EPROTO, "it was given a buffer that belongs to another");
	return false;
}

bool port_gives(struct module *m, unsigned channel, const struct ring_item *items,
		uint32_t n)
{
	const struct pool *pool = m->ports[channel].pool;

	for (uint32_t i = 0; i < n; i++)
		if (!pool_holds(pool, &items[i])) {
			module_fail(m, -EINVAL, "it gives what is no buffer");
			return false;
		}
	if (pool_pass(pool, items, n, m->number, POOL_ON_ITS_WAY) == 0)
		return true;
	module_fail(m, -EPERM, "it gives a buffer that is not its own");
	return false;
}

void port_stock(struct module *m, unsigned channel, uint32_t first, uint32_t n)
{
	const struct pool *pool = m->ports[channel].pool;

	for (uint32_t i = 0; i < n && pool; i++) {
		struct ring_item item = {.offset = (first + i) * pool->buffer_bytes};

		if (first + i < pool->count &&
		    pool_pass(pool, &item, 1, POOL_ON_ITS_WAY, m->number) == 0)
			continue;
		module_fail(m, -EPERM, "it takes a buffer twice, or that there is not");
		return;
	}
}

void port_signal(struct module *m, unsigned channel)
{
	struct resident *s = resident_of(m);

	if (m->ports[channel].kind == PORT_CHANNEL)
		peer_signal(s, &s->peers[channel]);
}

void module_again(struct module *m, unsigned channel)
{
	resident_of(m)->pending |= UINT64_C(1) << channel;
}

void module_deadline(struct module *m, uint64_t due_ns)
{
	resident_of(m)->due_ns = due_ns;
}

/* A place for fd in the table, which grows.  Returns NULL when out of memory. */
static struct watched *watched_place(struct executor *e, int fd)
{
	int most = e->watched_most ? e->watched_most : 64;
	struct watched *grown;

	while (most <= fd)
		most *= 2;
	if (most > e->watched_most) {
		grown = realloc(e->watched, (size_t)most * sizeof *grown);
		if (!grown)
			return NULL;
		memset(grown + e->watched_most, 0,
		       (size_t)(most - e->watched_most) * sizeof *grown);
		e->watched = grown;
		e->watched_most = most;
	}
	return &e->watched[fd];
}

int module_watch(struct module *m, int fd, uint32_t events, void *pointer)
{
	struct executor *e = resident_of(m)->executor;
	struct watched *w = fd >= 0 && e->epfd >= 0 ? watched_place(e, fd) : NULL;
	struct epoll_event event = {.events = events};
	bool is_new;

	if (!w)
		return fd < 0 || e->epfd < 0 ? -EBADF : -ENOMEM;
	is_new = !w->resident;
	if (is_new)
		w->generation++;
	event.data.u64 = (uint64_t)w->generation << 32 | (uint32_t)fd;
	if (epoll_ctl(e->epfd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0)
		return -errno;
	w->resident = resident_of(m);
	w->pointer = pointer;
	return 0;
}

void module_unwatch(struct module *m, int fd)
{
	struct executor *e = resident_of(m)->executor;

	if (fd < 0 || fd >= e->watched_most || !e->watched[fd].resident)
		return;
	epoll_ctl(e->epfd, EPOLL_CTL_DEL, fd, NULL);
	e->watched[fd].resident = NULL;
}

/* It is not called any more. */
static void resident_end(struct resident *s, enum module_stage stage)
{
	if (s->done)
		return;
	s->done = true;
	s->executor->living--;
	/* pairs with the acquire in run.c: the text is there */
	atomic_store_explicit(&s->status->stage, stage, memory_order_release);
	runner_news(s->executor->runner);
}

void module_done(struct module *m)
{
	struct resident *s = resident_of(m);

	if (s->done)
		return;
	resident_end(s, MODULE_DONE);
	for (int i = 0; i < s->channels; i++) {
		if (!is_ring(&m->ports[i]))
			continue;
		/* pairs with the acquire in port_ended */
		atomic_store_explicit(s->peers[i].ended, true, memory_order_release);
		peer_signal(s, &s->peers[i]);
	}
}

void module_fail(struct module *m, int error, const char *text)
{
	struct resident *s = resident_of(m);

	if (s->done)
		return;
	s->status->error = error;
	snprintf(s->status->text, sizeof s->status->text, "%s", text);
	for (char *at = s->status->text; (at = strpbrk(at, "\r\n"));)
		*at = ' '; /* an error is one line */
	resident_end(s, MODULE_FAILED);
}
