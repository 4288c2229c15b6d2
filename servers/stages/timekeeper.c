/* SPDX-License-Identifier: BSD-2-Clause */
/* timekeeper.c - timers beside the stages. */
#include "config.h"

#include "timekeeper.h"

#include "fan_runs.h"

#include <pthread.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static pthread_cond_t changed; /* an earlier timer, or stopping */
static struct timer_heap timers;
static bool stopping;
static pthread_t thread;

static struct connection *timed(struct timer *t)
{
	return (struct connection *)((char *)t - offsetof(struct connection, timer));
}

/* With the lock held, as all that expires here; no stage waits for it with its own. */
static void finish(void *arg, int result)
{
	struct connection *c = arg;

	machine_done(&c->machine, result);
	connection_pass(c);
}

static void on_waited(struct timer *t)
{
	finish(timed(t), 0);
}

/* The read stage has the connection: it is told by a socket that has ended.  Open it
 * is, since it would be cancelled first. */
static void on_lingered(struct timer *t)
{
	shutdown(timed(t)->fd, SHUT_RD);
}

/* Returns 0 or -errno. */
static int arm(struct connection *c, uint64_t due_ns, void (*expired)(struct timer *t))
{
	int err;

	c->timer.expired = expired;
	pthread_mutex_lock(&lock);
	err = timer_arm(&timers, &c->timer, due_ns);
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return err;
}

void timekeeper_wait(struct connection *c)
{
	uint64_t due_ns = timer_now() + machine_timeout_ns(&c->machine);
	int err = arm(c, due_ns, on_waited);

	if (err < 0)
		finish(c, err);
}

void timekeeper_fan(struct connection *c)
{
	struct fan_timers *fan;

	pthread_mutex_lock(&lock);
	fan = fan_timers_begin(&timers, machine_fan(&c->machine), finish, c);
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	if (!fan)
		finish(c, -ENOMEM);
}

void timekeeper_linger(struct connection *c)
{
	c->drop_ns = timer_now() + machine_timeout_ns(&c->machine);
	if (arm(c, c->drop_ns, on_lingered) < 0)
		shutdown(c->fd, SHUT_RD);
}

void timekeeper_cancel(struct connection *c)
{
	pthread_mutex_lock(&lock);
	timer_cancel(&timers, &c->timer);
	pthread_mutex_unlock(&lock);
}

/* Wait for the next timer, or a change. */
static void wait_changed(void)
{
	uint64_t due_ns = timer_next(&timers);
	struct timespec due = {(time_t)(due_ns / 1000000000),
			       (long)(due_ns % 1000000000)};

	if (due_ns == UINT64_MAX)
		pthread_cond_wait(&changed, &lock);
	else
		pthread_cond_timedwait(&changed, &lock, &due);
}

static void *keep_time(void *arg)
{
	struct timer *t;

	pthread_mutex_lock(&lock);
	while (!stopping) {
		wait_changed();
		while ((t = timer_expired(&timers, timer_now())))
			t->expired(t);
	}
	pthread_mutex_unlock(&lock);
	return arg;
}

int timekeeper_start(void)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
	return -pthread_create(&thread, NULL, keep_time, NULL);
}

void timekeeper_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	timer_heap_free(&timers);
}
