/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c - what every live fiber does, and what it waits for, for people.  Written
 * line by line with write(2): stdio would want more stack than a small fiber has. */
#include "config.h"

#include "report.h"

#include "descriptor.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { LINES_MOST = 50, LINE = 320, NAME = 64, NS_PER_MS = 1000000 };

struct name {
	char text[NAME];
};

static struct name name_of(const struct fiber *f)
{
	struct name n;

	if (f->name)
		snprintf(n.text, sizeof n.text, "%s", f->name);
	else
		snprintf(n.text, sizeof n.text, "#%u", f->number);
	return n;
}

static void line_write(const char *line, int len)
{
	(void)!write(STDERR_FILENO, line, len < LINE ? (size_t)len : LINE - 1);
}

static enum fiber_state state_of(const struct fiber *f)
{
	return atomic_load_explicit(&f->state, memory_order_acquire);
}

static bool runs(const struct fiber *f)
{
	if (several_workers())
		return state_of(f) == FIBER_RUNNING;
	return f == fiber_current();
}

static bool is_live(const struct fiber *f)
{
	const enum fiber_state state = state_of(f);

	return state != FIBER_FREE && state != FIBER_ENDED;
}

/* Whoever could end f's wait, if that is one fiber: the owner of its mutex, or whom it
 * joins.  What it waits for is on nobody knows whose stack: to be looked at only while
 * no fiber runs but the caller. */
static const struct fiber *waits_for(const struct fiber *f)
{
	const struct fiber_mutex *m = f->object;

	if (state_of(f) != FIBER_BLOCKED)
		return NULL;
	if (f->kind == WAIT_JOIN)
		return f->object;
	if (f->kind == WAIT_MUTEX)
		return atomic_load_explicit(&m->owner, memory_order_relaxed);
	return NULL;
}

static bool others_rest(void)
{
	struct runtime *r = &fiber_runtime;

	return r->worker_count == 1 || atomic_load(&r->asleep) == r->worker_count;
}

static const char *events_of(const struct fiber *f, int fd)
{
	struct descriptor *d = descriptor_find(fd);
	short events = 0;

	if (!d)
		return "";
	guard_take(&d->guard);
	for (const struct waiter *w = d->waiting; w; w = w->next)
		if (w->fiber == f)
			events = w->events;
	guard_drop(&d->guard);
	if (events & POLLIN)
		return events & POLLOUT ? " to be ready" : " to be readable";
	return events & POLLOUT ? " to be writable" : "";
}

static int mutex_say(char *line, size_t most, const struct fiber *f)
{
	const struct fiber *owner = others_rest() ? waits_for(f) : NULL;

	if (!owner)
		return snprintf(line, most, "waits for mutex %p", f->object);
	return snprintf(line, most, "waits for mutex %p held by %s", f->object,
			name_of(owner).text);
}

static int wait_say(char *line, size_t most, const struct fiber *f)
{
	const int fd = (int)(intptr_t)f->object;

	switch (f->kind) {
	case WAIT_MUTEX:
		return mutex_say(line, most, f);
	case WAIT_COND:
		return snprintf(line, most, "waits for condition %p", f->object);
	case WAIT_SEM:
		return snprintf(line, most, "waits for semaphore %p", f->object);
	case WAIT_JOIN:
		return snprintf(line, most, "joins %s", name_of(f->object).text);
	case WAIT_SLEEP:
		return snprintf(line, most, "sleeps");
	case WAIT_FD:
		return snprintf(line, most, "waits for descriptor %d%s", fd,
				events_of(f, fd));
	case WAIT_CALL:
		return snprintf(line, most, "waits for call %p on a helper thread",
				f->object);
	case WAIT_NONE:
		break;
	}
	return snprintf(line, most, "waits");
}

static int timer_say(char *line, size_t most, const struct fiber *f)
{
	const uint64_t now_ns = fiber_now_ns(), due_ns = f->timer.due_ns;

	if (!f->timer.link)
		return 0;
	return snprintf(
		line, most, ", %ju ms more",
		(uintmax_t)(due_ns > now_ns ? (due_ns - now_ns) / NS_PER_MS : 0));
}

static int state_say(char *line, size_t most, const struct fiber *f)
{
	int len;

	switch (state_of(f)) {
	case FIBER_READY:
	case FIBER_RUNNING:
		return snprintf(line, most, runs(f) ? "running" : "ready");
	case FIBER_BLOCKED:
		len = wait_say(line, most, f);
		return len + timer_say(line + len, most - (size_t)len, f);
	case FIBER_FREE:
	case FIBER_ENDED:
		break;
	}
	return snprintf(line, most, "ended");
}

/* Under f's guard, so that it cannot end meanwhile and its stack go. */
static void fiber_say(const struct fiber *f)
{
	char line[LINE];
	int len = snprintf(line, LINE, "fiber: %s: ", name_of(f).text);

	len += state_say(line + len, LINE - (size_t)len, f);
	len += snprintf(line + len, LINE - (size_t)len, "; stack: %zu of %zu bytes\n",
			stack_high_water(&f->stack), f->stack.size);
	line_write(line, len);
}

static struct fiber *all_first(void)
{
	return atomic_load_explicit(&fiber_runtime.all, memory_order_acquire);
}

static void cycle_say(const struct fiber *first)
{
	const struct fiber *f = first;
	char line[LINE];
	unsigned lines = 0;

	do {
		int len = snprintf(line, LINE, "fiber: cycle: %s ", name_of(f).text);

		len += wait_say(line + len, LINE - (size_t)len, f);
		len += snprintf(line + len, LINE - (size_t)len, "\n");
		line_write(line, len);
		f = waits_for(f);
	} while (f != first && ++lines < LINES_MOST);
}

/* Each fiber waits for one other at most: follow that, once over each, and tell the
 * first cycle. */
static void cycle_find(void)
{
	unsigned walk = 0;

	for (struct fiber *f = all_first(); f; f = f->all_next)
		f->mark = 0;
	for (struct fiber *f = all_first(); f; f = f->all_next) {
		struct fiber *at = f;

		walk++;
		while (at && at->mark == 0) {
			at->mark = walk;
			at = (struct fiber *)(uintptr_t)waits_for(at);
		}
		/* an owner of an earlier runtime keeps its mark, and waits for none */
		if (at && at->mark == walk && waits_for(at)) {
			cycle_say(at);
			return;
		}
	}
}

static void totals_say(unsigned live, unsigned ended)
{
	char line[LINE];
	int len = 0;

	if (live > LINES_MOST)
		len = snprintf(line, LINE, "fiber: and %u more\n", live - LINES_MOST);
	len += snprintf(line + len, LINE - (size_t)len,
			"fiber: %u live, %u ended that nobody joined\n", live, ended);
	line_write(line, len);
}

void fiber_report(void)
{
	unsigned live = 0, ended = 0;

	for (struct fiber *f = all_first(); f; f = f->all_next) {
		guard_take(&f->guard);
		ended += state_of(f) == FIBER_ENDED;
		if (is_live(f) && ++live <= LINES_MOST)
			fiber_say(f);
		guard_drop(&f->guard);
	}
	totals_say(live, ended);
	if (others_rest())
		cycle_find();
}

size_t report_high_water(void)
{
	size_t most = 0;

	for (struct fiber *f = all_first(); f; f = f->all_next) {
		guard_take(&f->guard);
		if (is_live(f)) {
			const size_t bytes = stack_high_water(&f->stack);

			most = bytes > most ? bytes : most;
		}
		guard_drop(&f->guard);
	}
	return most;
}
