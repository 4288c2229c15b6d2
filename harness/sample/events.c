/* SPDX-License-Identifier: BSD-2-Clause */
/* events.c - counters through perf_event_open(2).  Nothing is ever opened with
 * exclude_kernel: switches happen in the kernel, and a counter that leaves it out reads
 * 0 without a word.  So a machine that forbids the kernel says EACCES, and the value is
 * NAN. */
#include "config.h"

#include "harness/sample/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/sample/tracepoint.h"

struct event_kind {
	uint32_t type;
	uint64_t config;
	const char *filter;
};

/* prev_state is 0 for a task that yielded and 256 (TASK_REPORT_MAX) for one preempted:
 * include/trace/events/sched.h, since Linux 4.14.  An ending task counts as voluntary.
 */
static const struct event_kind kinds[EVENTS] = {
	[EVENT_SWITCHES] = {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, NULL},
	[EVENT_FAULTS_MINOR] = {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN,
				NULL},
	[EVENT_FAULTS_MAJOR] = {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ,
				NULL},
	[EVENT_VOLUNTARY] = {PERF_TYPE_TRACEPOINT, 0,
			     "prev_state != 0 && prev_state != 256"},
	[EVENT_INVOLUNTARY] = {PERF_TYPE_TRACEPOINT, 0,
			       "prev_state == 0 || prev_state == 256"},
	[EVENT_CYCLES] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, NULL},
	[EVENT_INSTRUCTIONS] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, NULL},
};

/* What a counter counts: pid is a cgroup's directory with PERF_FLAG_PID_CGROUP. */
struct target {
	int pid, cpu;
	unsigned long flags;
	bool inherit;
	int sched_switch; /* the tracepoint's number, or -errno */
};

static int counter_open(const struct target *t, enum event which, int group)
{
	const struct event_kind *kind = &kinds[which];
	struct perf_event_attr attr = {
		.type = kind->type,
		.size = sizeof attr,
		.config = kind->config,
		.inherit = t->inherit,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING |
			       (t->inherit ? 0 : PERF_FORMAT_GROUP),
	};

	if (kind->filter && t->sched_switch < 0)
		return t->sched_switch;
	if (kind->filter)
		attr.config = (unsigned)t->sched_switch;

	int fd = (int)syscall(SYS_perf_event_open, &attr, t->pid, t->cpu, group,
			      t->flags | PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (kind->filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, kind->filter) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

/* Open the events first..last as one batch per group, or one each when inherited, as
 * kernels before 6.13 cannot read an inherited group.  An event that fails stays out.
 */
static void batch_open(struct events *e, const struct target *t, enum event first,
		       enum event last)
{
	struct events_batch *b = &e->batch[e->batches];

	b->n = 0;
	for (enum event which = first; which <= last; which++) {
		int fd = counter_open(t, which, b->n > 0 ? b->fd[0] : -1);

		if (fd < 0) {
			e->error[which] = fd;
			continue;
		}
		b->fd[b->n] = fd;
		b->event[b->n++] = which;
		if (t->inherit) {
			b = &e->batch[++e->batches];
			b->n = 0;
		}
	}
	if (b->n > 0)
		e->batches++;
}

static int events_start(struct events *e, size_t most)
{
	memset(e, 0, sizeof *e);
	e->batch = calloc(most, sizeof *e->batch);
	return e->batch ? 0 : -ENOMEM;
}

static int events_result(struct events *e)
{
	if (e->batches > 0)
		return 0;
	events_close(e);
	return e->error[EVENT_SWITCHES] < 0 ? e->error[EVENT_SWITCHES] : -ENOENT;
}

int events_open_cgroup(struct events *e, int dir, const cpu_set_t *cpus, bool split)
{
	struct target t = {.pid = dir, .flags = PERF_FLAG_PID_CGROUP};
	int rc = events_start(e, 2 * (size_t)CPU_COUNT(cpus));

	if (rc < 0)
		return rc;
	if (!split)
		e->error[EVENT_VOLUNTARY] = e->error[EVENT_INVOLUNTARY] = -ENOENT;
	t.sched_switch = split ? tracepoint_id("sched/sched_switch") : -ENOENT;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, cpus))
			continue;
		t.cpu = cpu;
		batch_open(e, &t, EVENT_SWITCHES,
			   split ? EVENT_INVOLUNTARY : EVENT_FAULTS_MAJOR);
		batch_open(e, &t, EVENT_CYCLES, EVENT_INSTRUCTIONS);
	}
	e->grouped = true;
	return events_result(e);
}

int events_open_process(struct events *e, pid_t leader)
{
	const struct target t = {
		.pid = leader, .cpu = -1, .inherit = true, .sched_switch = -ENOENT};
	int rc = events_start(e, EVENTS + 1);

	if (rc < 0)
		return rc;
	e->error[EVENT_VOLUNTARY] = e->error[EVENT_INVOLUNTARY] = -ENOENT;
	batch_open(e, &t, EVENT_SWITCHES, EVENT_FAULTS_MAJOR);
	batch_open(e, &t, EVENT_CYCLES, EVENT_INSTRUCTIONS);
	return events_result(e);
}

/* One read(2): {value, enabled, running}, or {n, enabled, running, value...} of a
 * group. */
static void batch_read(const struct events *e, const struct events_batch *b,
		       double value[EVENTS])
{
	uint64_t word[3 + EVENTS_BATCH];
	const uint64_t *values = e->grouped ? word + 3 : word;
	size_t want = (e->grouped ? 3 + b->n : 3) * sizeof *word;
	bool whole = read(b->fd[0], word, sizeof word) == (ssize_t)want;

	/* A counter that had to share the hardware was off part of the time. */
	if (whole && word[2] < word[1] - word[1] / 100)
		whole = false;
	for (unsigned i = 0; i < b->n; i++)
		value[b->event[i]] += whole ? (double)values[i] : (double)NAN;
}

void events_read(const struct events *e, double value[EVENTS])
{
	for (int i = 0; i < EVENTS; i++)
		value[i] = e->batch && e->error[i] == 0 ? 0 : (double)NAN;
	for (size_t i = 0; i < e->batches; i++)
		batch_read(e, &e->batch[i], value);
}

void events_close(struct events *e)
{
	for (size_t i = 0; i < e->batches; i++)
		for (unsigned k = e->batch[i].n; k > 0; k--)
			close(e->batch[i].fd[k - 1]);
	free(e->batch);
	e->batch = NULL;
	e->batches = 0;
}
