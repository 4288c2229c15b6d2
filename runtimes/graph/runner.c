/* SPDX-License-Identifier: BSD-2-Clause */
/* runner.c - who runs what, and the memory for it; made before anything runs. */
#include "config.h"

#include "runner.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int core_counted(const cpu_set_t *set, int n)
{
	size_t core = 0;

	for (n %= CPU_COUNT(set); !CPU_ISSET(core, set) || n-- > 0;)
		core++;
	return (int)core;
}

/* The core a module is for, or NONE.  -ENODEV: there is none such, for us. */
static int core_find(struct runner *r, const struct graph_module *m)
{
	struct graph *g = r->g;
	cpu_set_t set;

	if (m->core == NONE || r->placement == GRAPH_ONE)
		return NONE;
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return m->core;
	if (r->settings.cores_counted)
		return core_counted(&set, m->core);
	if (m->core < CPU_SETSIZE && CPU_ISSET((size_t)m->core, &set))
		return m->core;
	graph_refuse(g, m->line,
		     "module '%s': there is no core %d, or not for this process",
		     m->name, m->core);
	return -ENODEV;
}

/* The executor that a module shares with one further up; or NONE. */
static int executor_shared(const struct runner *r, int module)
{
	if (r->placement == GRAPH_ONE)
		return module > 0 ? 0 : NONE;
	for (int i = 0; r->placement == GRAPH_CORES && i < module; i++)
		if (r->g->module[i].core == r->g->module[module].core)
			return r->executor_of[i];
	return NONE;
}

static int executors_make(struct runner *r)
{
	struct graph *g = r->g;

	for (int i = 0; i < g->modules; i++) {
		const struct graph_module *m = &g->module[i];
		int shared = executor_shared(r, i);
		struct executor *e =
			&r->executor[shared == NONE ? r->executors : shared];
		int core = core_find(r, m);

		if (core == -ENODEV)
			return core;
		r->executor_of[i] = shared == NONE ? r->executors++ : shared;
		e->runner = r;
		e->index = r->executor_of[i];
		e->core = core;
		e->watches |= m->type->ready != NULL;
	}
	for (int i = 0; i < r->executors; i++) {
		struct executor *e = &r->executor[i];

		e->eventfd = e->watches ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
		if (e->watches && e->eventfd < 0)
			return -errno;
	}
	return 0;
}

static int ring_make(struct runner *r, int i)
{
	const struct graph_ring *row = &r->g->ring[i];
	size_t bytes = ring_bytes(row->slots, sizeof(struct ring_item));
	struct wire *wire;
	int err = memory_make(&r->ring[i], row->name, sizeof *wire + bytes);

	if (err < 0)
		return err;
	wire = memory_map(&r->ring[i], true);
	if (!wire)
		return -errno;
	err = ring_init(wire->ring, bytes, row->slots, sizeof(struct ring_item));
	memory_unmap(&r->ring[i]);
	return err;
}

static int region_make(struct runner *r, int i)
{
	const struct graph_region *row = &r->g->region[i];
	int err = memory_make(&r->region[i], row->name, row->bytes);

	if (err == 0 && !memory_map(&r->region[i], false))
		err = -errno;
	if (err == 0 && row->buffer_bytes && pool_checks())
		err = memory_make(&r->owners[i], "owners",
				  row->bytes / row->buffer_bytes *
					  sizeof(_Atomic uint32_t));
	return err;
}

static int memory_make_all(struct runner *r)
{
	struct graph *g = r->g;
	int err = 0;

	for (int i = 0; i < g->rings && err == 0; i++)
		err = ring_make(r, i);
	for (int i = 0; i < g->regions && err == 0; i++)
		err = region_make(r, i);
	for (int i = 0; i < g->modules && err == 0; i++) {
		err = memory_make(&r->status[i], g->module[i].name,
				  sizeof(struct status));
		if (err == 0 && !(r->seen[i] = memory_map(&r->status[i], false)))
			err = -errno;
	}
	for (int i = 0; i < r->executors && err == 0; i++) {
		err = memory_make(&r->station[i], "station", sizeof(struct station));
		if (err == 0 && !memory_map(&r->station[i], true))
			err = -errno;
	}
	return err;
}

int runner_make(struct runner **out, struct graph *g,
		const struct graph_settings *settings)
{
	struct runner *r = calloc(1, sizeof *r);
	int err;

	*out = r;
	if (!r)
		return -ENOMEM;
	r->g = g;
	r->settings = *settings;
	r->placement = settings->placement ? settings->placement : g->placement;
	if (!r->placement)
		r->placement = GRAPH_ONE;
	for (int i = 0; i < GRAPH_MODULES; i++) {
		struct memory *const parts[] = {&r->region[i], &r->owners[i],
						&r->status[i], &r->station[i]};

		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
			parts[k]->fd = parts[k]->fd_read = -1;
		r->executor[i].eventfd = r->executor[i].epfd = -1;
	}
	for (int i = 0; i < GRAPH_RINGS; i++)
		r->ring[i].fd = r->ring[i].fd_read = -1;
	r->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->news < 0)
		return -errno;
	err = executors_make(r);
	return err < 0 ? err : memory_make_all(r);
}

bool runner_free(struct runner *r)
{
	if (!r)
		return true;
	for (int i = 0; i < r->executors; i++)
		if (r->executor[i].started)
			return false;
	for (int i = 0; i < GRAPH_MODULES; i++) {
		struct executor *e = &r->executor[i];

		resident_free(r->resident[i]);
		free(e->watched);
		if (e->epfd >= 0)
			close(e->epfd);
		if (e->eventfd >= 0)
			close(e->eventfd);
		memory_free(&r->region[i]);
		memory_free(&r->owners[i]);
		memory_free(&r->status[i]);
		memory_free(&r->station[i]);
	}
	for (int i = 0; i < GRAPH_RINGS; i++)
		memory_free(&r->ring[i]);
	if (r->news >= 0)
		close(r->news);
	free(r);
	return true;
}

void runner_news(const struct runner *r)
{
	uint64_t one = 1;

	/* full: it has enough to wake for */
	if (write(r->news, &one, sizeof one) < 0)
		return;
}

static void station_wake(struct runner *r, int executor)
{
	struct station *station = r->station[executor].writable;
	struct doorbell_caller caller = {.bell = &station->bell,
					 .eventfd = r->executor[executor].eventfd};

	doorbell_ring(&caller);
}

void runner_signal(struct runner *r, int module, unsigned channel)
{
	struct station *station = r->station[r->executor_of[module]].writable;

	/* pairs with the exchange in executor.c */
	atomic_fetch_or_explicit(&station->pending[module], UINT64_C(1) << channel,
				 memory_order_release);
	station_wake(r, r->executor_of[module]);
}

void runner_abandon(struct runner *r)
{
	for (int i = 0; i < r->executors; i++) {
		struct station *station = r->station[i].writable;

		atomic_store_explicit(&station->abandon, true, memory_order_release);
		station_wake(r, i);
	}
}
