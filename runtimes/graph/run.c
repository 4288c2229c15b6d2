/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - begin all modules, watch over them, end: the supervisor.  It sleeps unless
 * there are news. */
#include "config.h"

#include "supervisor.h"
#include "timer_heap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A thread that is told to abandon its modules has so long, beyond which it is left. */
enum { STOPPING_MS = 5000, ABANDON_MS = 1000, NS_IN_MS = 1000000, SIGNALS = 3 };

static volatile sig_atomic_t signalled;

static void on_signal(int signum)
{
	(void)signum;
	signalled = 1;
}

static enum module_stage stage_of(const struct runner *r, int module)
{
	/* pairs with the release in module.c and executor.c */
	return atomic_load_explicit(&r->seen[module]->stage, memory_order_acquire);
}

static bool all_reached(const struct runner *r, enum module_stage stage)
{
	for (int i = 0; i < r->g->modules; i++)
		if (stage_of(r, i) < stage)
			return false;
	return true;
}

int module_refuse(struct runner *r, int module, int error, const char *what)
{
	const struct graph_module *m = &r->g->module[module];

	graph_refuse(r->g, m->line, "module '%s' (a %s) %s", m->name, m->type->name,
		     what);
	return error;
}

/* Has one failed?  Returns 0, or its error. */
static int failure_look(struct runner *r)
{
	char what[GRAPH_ERROR];

	for (int i = 0; i < r->g->modules; i++) {
		const struct status *s = r->seen[i];

		if (stage_of(r, i) != MODULE_FAILED)
			continue;
		snprintf(what, sizeof what, "failed: %s: %s", s->text,
			 strerror(-s->error));
		return module_refuse(r, i, s->error, what);
	}
	return 0;
}

static bool is_told_to_stop(const struct runner *r)
{
	return atomic_load(&r->stop) || (r->settings.signals && signalled) ||
	       (r->settings.stopping && r->settings.stopping());
}

static uint64_t stopping_ns(const struct runner *r)
{
	uint64_t ms = r->settings.stopping_ms ? r->settings.stopping_ms : STOPPING_MS;

	return ms * NS_IN_MS;
}

/* Will nothing more come of a module?  A process that is done has still to end. */
static bool is_over(const struct runner *r, int module)
{
	return stage_of(r, module) >= MODULE_DONE &&
	       !r->executor[r->executor_of[module]].pid;
}

static void stop_tell(struct runner *r)
{
	r->stop_told = true;
	r->stop_until_ns = timer_now() + stopping_ns(r);
	for (int i = 0; i < r->g->modules; i++)
		runner_signal(r, i, CHANNEL_STOP);
}

/* Modules that are not done when they should: their names. */
static int stop_refuse(struct runner *r)
{
	char what[GRAPH_ERROR / 2];
	int first = NONE, others = 0;

	for (int i = 0; i < r->g->modules; i++) {
		if (is_over(r, i))
			continue;
		others += first != NONE;
		first = first == NONE ? i : first;
	}
	if (first == NONE)
		return 0;
	snprintf(what, sizeof what, "was told to stop, and is not done in time%s",
		 others ? ", nor are others" : "");
	return module_refuse(r, first, -ETIME, what);
}

static uint32_t turn_of(const struct runner *r, int module)
{
	return atomic_load_explicit(&r->seen[module]->turn, memory_order_relaxed);
}

int budget_refuse(struct runner *r, int module)
{
	char what[128];

	snprintf(what, sizeof what, "did not return within its budget of %llu ms",
		 (unsigned long long)r->g->module[module].budget_ms);
	return module_refuse(r, module, -ETIME, what);
}

/* A module found in one turn for as long as its budget.  A look is enough that is up to
 * a budget late: what is promised is that twice the budget is noticed. */
static int watchdog_look(struct runner *r, int module, uint64_t now_ns)
{
	const struct graph_module *m = &r->g->module[module];
	struct watch *w = &r->watch[module];
	uint32_t turn = turn_of(r, module);

	if (!m->budget_ms || is_over(r, module))
		return 0;
	if (turn % 2 == 0 || turn != w->turn) {
		w->turn = turn;
		w->until_ns = now_ns + m->budget_ms * NS_IN_MS;
		return 0;
	}
	if (now_ns < w->until_ns)
		return 0;
	w->turn = 0;
	return process_kill(r, module) ? 0 : budget_refuse(r, module);
}

static int watchdogs_look(struct runner *r)
{
	uint64_t now_ns = timer_now();
	int err = 0;

	for (int i = 0; i < r->g->modules && err == 0; i++)
		err = watchdog_look(r, i, now_ns);
	if (err == 0 && r->stop_told && now_ns >= r->stop_until_ns)
		err = stop_refuse(r);
	return err;
}

/* Until when the supervisor may sleep without news. */
static const struct timespec *patience(const struct runner *r, struct timespec *t)
{
	uint64_t ms = 0;

	for (int i = 0; i < r->g->modules; i++) {
		uint64_t budget_ms = r->g->module[i].budget_ms;

		if (budget_ms && (!ms || budget_ms < ms))
			ms = budget_ms;
	}
	if (r->stop_told && (!ms || ms > 100))
		ms = 100;
	*t = (struct timespec){.tv_sec = (time_t)(ms / 1000),
			       .tv_nsec = (long)(ms % 1000 * NS_IN_MS)};
	return ms ? t : NULL;
}

/* Sleep until there are news; a signal comes in no other time. */
static void news_wait(struct runner *r, const sigset_t *mask)
{
	struct pollfd fds[GRAPH_MODULES + 1] = {{.fd = r->news, .events = POLLIN}};
	struct timespec t;
	nfds_t n = 1;
	uint64_t count;

	for (int i = 0; i < r->executors; i++)
		if (r->executor[i].pid)
			fds[n++] = (struct pollfd){.fd = r->executor[i].pidfd,
						   .events = POLLIN};
	if (ppoll(fds, n, patience(r, &t), mask) > 0 && fds[0].revents &&
	    read(r->news, &count, sizeof count) < 0)
		return;
}

static int supervise(struct runner *r, const sigset_t *mask)
{
	bool begun, done;
	int err;

	for (;;) {
		err = processes_look(r);
		/* before the look for failures: one that fails between them has reached
		 * these stages too */
		begun = all_reached(r, MODULE_BEGUN);
		done = all_reached(r, MODULE_DONE);
		if (err == 0)
			err = failure_look(r);
		if (err < 0)
			return err;
		if (!r->ready_told && begun) {
			r->ready_told = true;
			if (r->settings.ready)
				r->settings.ready(r->settings.program);
		}
		if (done && !processes_live(r))
			return 0;
		if (!r->stop_told && is_told_to_stop(r))
			stop_tell(r);
		err = watchdogs_look(r);
		if (err < 0)
			return err;
		news_wait(r, mask);
	}
}

static void *thread_main(void *arg)
{
	struct executor *e = arg;

	executor_begin(e);
	executor_run(e);
	atomic_store(&e->ended, true);
	runner_news(e->runner);
	return NULL;
}

static int threads_begin(struct runner *r)
{
	int err = runner_enter(r, NULL);

	for (int i = 0; i < r->executors && err == 0; i++) {
		err = -pthread_create(&r->executor[i].thread, NULL, thread_main,
				      &r->executor[i]);
		r->executor[i].started = err == 0;
	}
	return err;
}

static bool all_ended(struct runner *r)
{
	for (int i = 0; i < r->executors; i++)
		if (r->executor[i].started && !atomic_load(&r->executor[i].ended))
			return false;
	return true;
}

/* An executor's module that is in a turn. */
static int module_in_turn(const struct runner *r, int executor)
{
	int module = NONE;

	for (int i = 0; i < r->g->modules; i++)
		if (r->executor_of[i] == executor &&
		    (module == NONE || turn_of(r, i) % 2))
			module = i;
	return module;
}

/* They end after the turn they are in.  A module that does not return cannot be ended.
 */
static int threads_end(struct runner *r, int err)
{
	const uint64_t abandon_ns = UINT64_C(1) * ABANDON_MS * NS_IN_MS;
	uint64_t until_ns = timer_now() + (err < 0 ? abandon_ns : stopping_ns(r));
	struct pollfd news = {.fd = r->news, .events = POLLIN};
	uint64_t count;

	if (err < 0)
		runner_abandon(r);
	while (!all_ended(r) && timer_now() < until_ns)
		if (poll(&news, 1, ABANDON_MS / 10) > 0 &&
		    read(r->news, &count, sizeof count) < 0)
			break;
	for (int i = 0; i < r->executors; i++) {
		struct executor *e = &r->executor[i];

		if (e->started && atomic_load(&e->ended))
			e->started = pthread_join(e->thread, NULL) != 0;
		if (e->started && err == 0)
			err = module_refuse(r, module_in_turn(r, i), -ETIME,
					    "is done, and does not return");
	}
	return err;
}

/* Signals are the supervisor's alone, while it waits: no module is interrupted, but by
 * what it did itself. */
static void signals_take(struct runner *r, struct sigaction old[SIGNALS],
			 sigset_t *mask)
{
	struct sigaction action = {.sa_handler = on_signal};
	const struct sigaction child = {.sa_handler = SIG_DFL};
	const int faults[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
			      SIGABRT, SIGTRAP, SIGSYS};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_BLOCK, &all, mask);
	/* where it is ignored no process can be waited for (wait(2), notes) */
	sigaction(SIGCHLD, &child, &old[2]);
	signalled = 0;
	if (!r->settings.signals)
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, &old[0]);
	sigaction(SIGINT, &action, &old[1]);
	sigdelset(mask, SIGTERM);
	sigdelset(mask, SIGINT);
}

static void signals_give_back(const struct runner *r,
			      const struct sigaction old[SIGNALS], const sigset_t *mask)
{
	sigaction(SIGCHLD, &old[2], NULL);
	if (r->settings.signals) {
		sigaction(SIGTERM, &old[0], NULL);
		sigaction(SIGINT, &old[1], NULL);
	}
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

int graph_run(struct graph *g, const struct graph_settings *settings,
	      struct graph_error *error)
{
	bool processes;
	struct sigaction old[SIGNALS];
	sigset_t mask, before;
	struct runner *r;
	int err;

	g->error = error;
	error->text[0] = '\0';
	if (!runner_free(g->runner))
		return -EBUSY;
	err = runner_make(&g->runner, g, settings);
	r = g->runner;
	if (err < 0)
		goto fail;
	processes = r->placement == GRAPH_PROCESSES;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	signals_take(r, old, &mask);
	err = processes ? processes_begin(r) : threads_begin(r);
	if (err == 0)
		err = supervise(r, &mask);
	err = processes ? processes_end(r, err) : threads_end(r, err);
	signals_give_back(r, old, &before);
fail:
	if (err < 0 && !error->text[0])
		snprintf(error->text, GRAPH_ERROR, "%s: cannot run: %s", g->path,
			 strerror(-err));
	return err;
}

void graph_stop(struct graph *g)
{
	if (!g->runner)
		return;
	atomic_store(&g->runner->stop, true);
	runner_news(g->runner);
}

const struct module_counts *graph_counts(const struct graph *g, const char *module)
{
	for (int i = 0; g->runner && i < g->modules; i++)
		if (!strcmp(g->module[i].name, module) && g->runner->seen[i])
			return &g->runner->seen[i]->counts;
	return NULL;
}

const char *graph_module(const struct graph *g, int i)
{
	return i < g->modules ? g->module[i].name : NULL;
}

static void signals_add(const struct graph *g, const struct graph_port *end,
			struct ring_signals *out)
{
	const struct status *s = g->runner->seen[end->module];

	out->sent += s ? atomic_load(&s->sent[end->channel]) : 0;
	out->elided += s ? atomic_load(&s->elided[end->channel]) : 0;
}

bool graph_signals(const struct graph *g, const char *ring, struct ring_signals *out)
{
	*out = (struct ring_signals){0};
	for (int i = 0; g->runner && i < g->rings; i++) {
		if (strcmp(g->ring[i].name, ring))
			continue;
		signals_add(g, &g->ring[i].from, out);
		signals_add(g, &g->ring[i].to, out);
		return true;
	}
	return false;
}

const void *graph_region(struct graph *g, const char *region, uint64_t *bytes)
{
	for (int i = 0; g->runner && i < g->regions; i++) {
		if (strcmp(g->region[i].name, region))
			continue;
		*bytes = g->region[i].bytes;
		return g->runner->region[i].readable;
	}
	return NULL;
}
