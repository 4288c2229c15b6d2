/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.c - from readings to the columns of a row. */
#include "config.h"

#include "harness/bench/measure.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "harness/sample/canary.h"
#include "harness/sample/cpulist.h"

int measure_cpus(const char *list)
{
	cpu_set_t set;
	int n = cpulist_parse(list, &set);
	return n > 0 ? n : 0;
}

void measure_cpus_first(char list[RUN_CPUS], const char *all, int n)
{
	size_t length = 0;
	for (int i = 0; i < n && all[length]; i++) {
		length += i > 0;
		length += strcspn(all + length, ",");
	}
	snprintf(list, RUN_CPUS, "%.*s", (int)length, all);
}

/* Metrics that become "per request", and by how much a unit is scaled. */
static const struct {
	enum metric metric;
	enum column column;
	double scale;
} per_request[] = {
	{METRIC_CPU_USER_S, COLUMN_CPU_USER_US, 1e6},
	{METRIC_CPU_SYSTEM_S, COLUMN_CPU_SYSTEM_US, 1e6},
	{METRIC_CPU_S, COLUMN_CPU_US, 1e6},
	{METRIC_SWITCHES, COLUMN_CTX, 1},
	{METRIC_SWITCHES_VOLUNTARY, COLUMN_CTX_VOLUNTARY, 1},
	{METRIC_SWITCHES_INVOLUNTARY, COLUMN_CTX_INVOLUNTARY, 1},
	{METRIC_FAULTS_MINOR, COLUMN_FAULTS_MINOR, 1},
	{METRIC_FAULTS_MAJOR, COLUMN_FAULTS_MAJOR, 1},
};

static const struct {
	enum reading_counter counter;
	enum column column;
} counts[] = {
	{READING_REQUESTS, COLUMN_REQUESTS},
	{READING_LOADS, COLUMN_LOADS},
	{READING_DEFERRED, COLUMN_DEFERRED},
	{READING_CLOSED_NO_FD, COLUMN_CLOSED_NO_FD},
	{READING_REFUSED, COLUMN_REFUSED},
	{READING_OPENED, COLUMN_ACCEPTED},
	{READING_PEAK, COLUMN_CONNECTIONS_PEAK},
	{READING_SOCKET_DROPS, COLUMN_SOCKET_DROPS},
	{READING_DEVICE, COLUMN_DEVICE_DROPS},
};

/* Whose time a side's CPUs spent, in seconds. */
struct cpu_time {
	double wall, used; /* in all; by the one that is to be there */
	double tasks, idle, steal, uncharged;
};

/* The share that somebody else had, by two accounts of which either may err upward.
 * What tasks had beyond what was used is sampled by ticks; what is left of the wall's
 * time also holds that of interrupts in the idle task, which nobody is charged with: an
 * eighth of the CPU of a client that sleeps 100,000 times a second. */
static double stranger_share(const struct cpu_time *t)
{
	double tasks_s = t->tasks - t->used;
	double left_s = t->wall - t->used - t->idle - t->steal - t->uncharged;
	bool by_tasks = isnan(tasks_s) || tasks_s < left_s;
	double share = (by_tasks ? tasks_s : left_s) / t->wall;
	return share < 0 ? 0 : share;
}

static void measure_server(struct row *row, const double *kernel, double wall_s)
{
	const struct cpu_time t = {.wall = wall_s,
				   .used = kernel[METRIC_CPU_S],
				   .tasks = kernel[METRIC_TASKS_S],
				   .idle = kernel[METRIC_IDLE_S],
				   .steal = kernel[METRIC_STEAL_S],
				   .uncharged = kernel[METRIC_UNCHARGED_S]};
	row_set(row, COLUMN_SOFTIRQ_SHARE, kernel[METRIC_SOFTIRQ_S] / wall_s);
	row_set(row, COLUMN_IDLE_SHARE, t.idle / wall_s);
	row_set(row, COLUMN_STEAL_SHARE, t.steal / wall_s);
	row_set(row, COLUMN_STRANGER_SHARE, stranger_share(&t));
}

static void measure_client(struct row *row, const double *kernel, double wall_s)
{
	const double *v = row->number;
	const struct cpu_time t = {.wall = wall_s,
				   .used = v[COLUMN_CLIENT_CPU_SHARE] *
					   v[COLUMN_WINDOW_S],
				   .tasks = kernel[METRIC_CLIENT_TASKS_S],
				   .idle = kernel[METRIC_CLIENT_IDLE_S],
				   .steal = kernel[METRIC_CLIENT_STEAL_S],
				   .uncharged = kernel[METRIC_CLIENT_UNCHARGED_S]};
	row_set(row, COLUMN_CLIENT_IDLE_SHARE, t.idle / wall_s);
	row_set(row, COLUMN_CLIENT_STEAL_SHARE, t.steal / wall_s);
	row_set(row, COLUMN_CLIENT_STRANGER_SHARE, stranger_share(&t));
}

/* CPUs that were busy with whatever, interrupts included. */
static void measure_busy(struct row *row, int server_cpus, int client_cpus)
{
	const double *v = row->number;
	double server =
		server_cpus * (1 - v[COLUMN_IDLE_SHARE] - v[COLUMN_STEAL_SHARE]);
	double client = client_cpus * (1 - v[COLUMN_CLIENT_IDLE_SHARE] -
				       v[COLUMN_CLIENT_STEAL_SHARE]);
	row_set(row, COLUMN_SERVER_BUSY, server);
	row_set(row, COLUMN_MACHINE_BUSY, server + client);
}

void measure_fill(struct row *row, const struct reading *window, double window_ns,
		  int server_cpus, int client_cpus)
{
	const double *kernel = window->kernel.value;
	double requests = window->counter[READING_REQUESTS];
	/* A server that keeps no counters: what the client received must do. */
	if (isnan(requests))
		requests =
			row->number[COLUMN_RECEIVED_RPS] * row->number[COLUMN_WINDOW_S];
	double per = requests > 0 ? 1 / requests : NAN;
	for (size_t i = 0; i < sizeof per_request / sizeof per_request[0]; i++)
		row_set(row, per_request[i].column,
			kernel[per_request[i].metric] * per_request[i].scale * per);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		row_set(row, counts[i].column, window->counter[counts[i].counter]);
	row_set(row, COLUMN_CTX_USER, window->counter[READING_USER_SWITCHES] * per);
	row_set(row, COLUMN_LOCK_WAITS, window->counter[READING_LOCK_WAITS] * per);
	row_set(row, COLUMN_CROSSINGS, window->counter[READING_CROSSINGS] * per);
	row_set(row, COLUMN_RSS_PEAK_KIB, kernel[METRIC_RSS_PEAK_KIB]);
	measure_server(row, kernel, window_ns / 1e9 * server_cpus);
	measure_client(row, kernel, window_ns / 1e9 * client_cpus);
	measure_busy(row, server_cpus, client_cpus);
	row_set(row, COLUMN_INSIDE_DROPS,
		window->counter[READING_CLIENT_FULL] +
			window->counter[READING_NO_TX_BUFFER] +
			window->counter[READING_MALFORMED]);
	row_set(row, COLUMN_LISTEN_OVERFLOWS, kernel[METRIC_LISTEN_OVERFLOWS]);
	row_set(row, COLUMN_LISTEN_DROPS, kernel[METRIC_LISTEN_DROPS]);
}

void measure_shared(struct row *row, bool all)
{
	const double *v = row->number;
	row_set(row, COLUMN_STRANGER_SHARE, NAN);
	row_set(row, COLUMN_CLIENT_STRANGER_SHARE, NAN);
	row_set(row, COLUMN_MACHINE_BUSY, v[COLUMN_SERVER_BUSY]);
	row_set(row, COLUMN_SERVER_BUSY, all ? v[COLUMN_SERVER_BUSY] : NAN);
}

void measure_sources(struct run *r)
{
	for (enum metric m = 0; m < METRICS; m++) {
		/* The trial that counts switches apart knows more than the first did.
		 */
		if (!*r->source[m] || strncmp(r->source[m], "n/a", 3) == 0)
			snprintf(r->source[m], RUN_NOTE, "%s",
				 r->target->source(r->target, m));
	}
}

int measure_quiet(struct run *r)
{
	const struct suite *suite = &r->suite;
	/* Of what is left a twentieth at most: the budget stands above the wait. */
	double most_ns = fmin(suite->canary_wait_s, r->left_s / 20) * 1e9;
	double waited_ns = 0;
	if (suite->canary_every == 0 || --r->until_canary > 0)
		return 0;
	r->until_canary = suite->canary_every;
	char both[2 * RUN_CPUS + 1];
	snprintf(both, sizeof both, "%s,%s", r->client_cpus, r->server_cpus);
	for (;;) {
		struct canary_report report;
		struct pollfd wait = {.fd = r->interrupt_fd, .events = POLLIN};
		if (canary_run(&r->canary, both, &report) < 0)
			return 0; /* it cannot run here: the void rules still hold */
		if (poll(&wait, 1, 0) > 0)
			return -EINTR;
		waited_ns += (double)report.wall_ns;
		if (!(report.steal_share > suite->canary_steal) || waited_ns > most_ns)
			return 0;
	}
}
