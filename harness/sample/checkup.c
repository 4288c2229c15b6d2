/* SPDX-License-Identifier: BSD-2-Clause */
/* checkup.c - whether the sampler's figures of a child of known conduct are there, and
 * right.  A source that opens and then reads 0 is missing, not ok. */
#include "config.h"

#include "harness/sample/checkup.h"

#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/sample/cgroup.h"
#include "harness/sample/sample.h"

enum { SOURCE_ROOM = 128, NAPS = 20, BURN_NS = 30000000 };

void finding_set(struct finding *f, enum verdict verdict, const char *format, ...)
{
	va_list args;

	f->verdict = verdict;
	va_start(args, format);
	vsnprintf(f->detail, sizeof f->detail, format, args);
	va_end(args);
}

void finding_fix(struct finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->fix, sizeof f->fix, format, args);
	va_end(args);
}

/* What a sampler with and without the split tells of a child of known conduct. */
struct trial {
	bool opened;
	struct snapshot window;
	double rss_kib;
	char source[METRICS][SOURCE_ROOM];
};

static struct {
	struct trial plain, split;
} seen;

static void child_work(void)
{
	const struct timespec nap = {.tv_nsec = 100000};
	struct timespec t;

	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	while (t.tv_sec == 0 && t.tv_nsec < BURN_NS);
	for (int i = 0; i < NAPS; i++)
		nanosleep(&nap, NULL);
}

/* The child works when told to, and stays until it has been looked at. */
static void child_run(const struct sample *s, int from, int to)
{
	char byte = sample_join(s) == 0;

	if (write(to, &byte, 1) == 1 && byte && read(from, &byte, 1) == 1) {
		child_work();
		if (write(to, &byte, 1) == 1 && read(from, &byte, 1) == 1)
			_exit(0);
	}
	_exit(1);
}

static bool step(int to, int from)
{
	char byte = 'x';

	return (to < 0 || write(to, &byte, 1) == 1) && read(from, &byte, 1) == 1 &&
	       byte;
}

static void trial_measure(struct trial *t, struct sample *s, int to, int from)
{
	struct snapshot before, after;

	if (!step(-1, from))
		return;
	sample_read(s, &before);
	sample_read_tasks(s, &before);
	t->opened = step(to, from);
	sample_read(s, &after);
	sample_read_tasks(s, &after);
	sample_read_memory(s, &t->rss_kib);
	sample_delta(&before, &after, &t->window);
}

static void trial_run(struct trial *t, unsigned options)
{
	int down[2], up[2];
	struct sample *s;

	for (int m = 0; m < METRICS; m++)
		t->window.value[m] = (double)NAN;
	t->rss_kib = (double)NAN;
	if (sample_open_with(&s, NULL, NULL, options) < 0)
		return;
	if (pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0) {
		pid_t pid = fork();

		if (pid == 0) {
			close(down[1]);
			close(up[0]);
			child_run(s, down[0], up[1]);
		}
		close(down[0]);
		close(up[1]);
		sample_attach(s, pid);
		trial_measure(t, s, down[1], up[0]);
		close(down[1]);
		close(up[0]);
		waitpid(pid, NULL, 0);
	}
	for (int m = 0; m < METRICS; m++)
		snprintf(t->source[m], SOURCE_ROOM, "%s",
			 sample_source(s, (enum metric)m));
	sample_close(s);
}

void checkup_sample(void)
{
	trial_run(&seen.plain, 0);
	trial_run(&seen.split, SAMPLE_SPLIT);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *root_fix(void)
{
	return geteuid() == 0 ? "mount -t cgroup2 none /sys/fs/cgroup"
			      : "sudo duality doctor (and sudo duality bench)";
}

void checkup_cpu(struct finding *f)
{
	const char *source = seen.plain.source[METRIC_CPU_S];
	double cpu_s = seen.plain.window.value[METRIC_CPU_S];

	if (!(cpu_s >= BURN_NS / 1e9 / 2))
		finding_set(f, VERDICT_MISSING, "%s read %g s of %g", source, cpu_s,
			    BURN_NS / 1e9);
	else if (starts(source, "cgroup"))
		finding_set(f, VERDICT_OK, "%s", source);
	else
		finding_set(f, VERDICT_LIMITED,
			    "%s: in ticks, loses children nobody waits for", source);
	finding_fix(f, "%s", root_fix());
}

static void perf_fix(struct finding *f)
{
	if (geteuid() != 0)
		finding_fix(
			f, "sudo sysctl kernel.perf_event_paranoid=-1, or run as root");
	else
		finding_fix(
			f,
			"a kernel with CONFIG_CGROUP_PERF, and a cgroup v2 mount: %s",
			root_fix());
}

void checkup_switches(struct finding *f)
{
	const char *source = seen.plain.source[METRIC_SWITCHES];
	double switches = seen.plain.window.value[METRIC_SWITCHES];

	if (starts(source, "/proc") && seen.plain.window.tasks == 0)
		finding_set(f, VERDICT_MISSING, "%s", source);
	else if (starts(source, "/proc"))
		finding_set(f, VERDICT_LIMITED, "%s", source);
	else if (!(switches >= NAPS))
		finding_set(f, VERDICT_MISSING, "%s read %g where %d were made", source,
			    switches, NAPS);
	else if (starts(source, "perf cgroup"))
		finding_set(f, VERDICT_OK, "%s", source);
	else
		finding_set(f, VERDICT_LIMITED, "%s: misses the exit of each task",
			    source);
	perf_fix(f);
}

void checkup_split(struct finding *f)
{
	const struct trial *t = &seen.split;

	if (t->window.value[METRIC_SWITCHES_VOLUNTARY] >= NAPS &&
	    starts(t->source[METRIC_SWITCHES_VOLUNTARY], "perf"))
		finding_set(f, VERDICT_OK,
			    "sched_switch tracepoint, in a separate trial");
	else if (seen.plain.window.tasks != 0)
		finding_set(f, VERDICT_LIMITED,
			    "only where no task begins or ends (%s)",
			    t->source[METRIC_SWITCHES_VOLUNTARY]);
	else
		finding_set(f, VERDICT_MISSING, "%s",
			    t->source[METRIC_SWITCHES_VOLUNTARY]);
	if (geteuid() != 0)
		finding_fix(f, "run as root (tracepoints are for root alone)");
	else if (starts(seen.plain.source[METRIC_SWITCHES], "perf cgroup"))
		finding_fix(f, "mount -t tracefs none /sys/kernel/tracing");
	else
		perf_fix(f);
}

void checkup_faults(struct finding *f)
{
	const char *source = seen.plain.source[METRIC_FAULTS_MINOR];

	if (isnan(seen.plain.window.value[METRIC_FAULTS_MINOR]))
		finding_set(f, VERDICT_MISSING, "%s", source);
	else
		finding_set(
			f, starts(source, "perf cgroup") ? VERDICT_OK : VERDICT_LIMITED,
			"%s", source);
	perf_fix(f);
}

void checkup_hardware(struct finding *f)
{
	double cycles = seen.plain.window.value[METRIC_CYCLES];

	if (cycles > 0)
		finding_set(f, VERDICT_OK, "%s", seen.plain.source[METRIC_CYCLES]);
	else if (starts(seen.plain.source[METRIC_CYCLES], "n/a"))
		finding_set(f, VERDICT_MISSING, "%s", seen.plain.source[METRIC_CYCLES]);
	else
		finding_set(f, VERDICT_MISSING, "they open and do not count");
	if (geteuid() != 0)
		perf_fix(f);
	else
		finding_fix(
			f, "none: it takes real hardware, or a virtual machine given a "
			   "PMU (qemu: -cpu host,pmu=on)");
}

void checkup_memory(struct finding *f)
{
	if (seen.plain.rss_kib > 0)
		finding_set(f, VERDICT_OK, "%s",
			    seen.plain.source[METRIC_RSS_PEAK_KIB]);
	else
		finding_set(f, VERDICT_MISSING, "the child's VmHWM cannot be read");
	finding_fix(f, "mount -t proc proc /proc");
}

void checkup_drops(struct finding *f)
{
	const double *value = seen.plain.window.value;

	if (isnan(value[METRIC_LISTEN_OVERFLOWS]) || isnan(value[METRIC_RCVBUF_ERRORS]))
		finding_set(f, VERDICT_MISSING,
			    "ListenOverflows or RcvbufErrors not there");
	else
		finding_set(f, VERDICT_OK,
			    "/proc/net/netstat, /proc/net/snmp; of the whole "
			    "network namespace");
	finding_fix(f, "mount -t proc proc /proc");
}

void checkup_kill(struct finding *f)
{
	struct cgroup g;
	int rc = cgroup_open(&g, true);
	int fd = rc < 0 ? rc : cgroup_file(&g, CGROUP_UNIFIED, "cgroup.events");

	if (rc < 0)
		finding_set(f, VERDICT_LIMITED,
			    "no cgroup (%s): only the descendants found "
			    "in /proc",
			    strerror(-rc));
	else if (fd < 0)
		finding_set(f, VERDICT_OK, "cgroup v1, killed until empty");
	else
		finding_set(f, VERDICT_OK, "cgroup v2");
	finding_fix(f, "%s", root_fix());
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		cgroup_close(&g);
}
