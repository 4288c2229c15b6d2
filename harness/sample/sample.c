/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.c - choose the best source this machine has for each metric, keep its
 * descriptors open, and read them all at once. */
#include "config.h"

#include "harness/sample/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/sample/cgroup.h"
#include "harness/sample/cpulist.h"
#include "harness/sample/events.h"
#include "harness/sample/host.h"
#include "harness/sample/tasks.h"
#include "harness/sample/text.h"

enum { SOURCE_ROOM = 128, CPU_FILES = 3 };
enum { SERVER, CLIENT, SIDES };

struct sample {
	struct cgroup group;
	struct events events;
	struct tasks tasks;
	struct host host;
	cpu_set_t cpus[SIDES];
	bool grouped, counted,
		inherited;          /* has a cgroup; events are open; by process */
	bool walk_cpu, walk_faults; /* from /proc/PID/stat */
	unsigned options;
	int cpu_file[CPU_FILES]; /* v2: cpu.stat; v1: cpuacct.usage, _user, _sys */
	char source[METRICS][SOURCE_ROOM];
};

static const struct {
	enum metric metric;
	enum event event;
	const char *name;
} event_metrics[] = {
	{METRIC_SWITCHES, EVENT_SWITCHES, "context-switches"},
	{METRIC_SWITCHES_VOLUNTARY, EVENT_VOLUNTARY, "sched_switch asleep"},
	{METRIC_SWITCHES_INVOLUNTARY, EVENT_INVOLUNTARY, "sched_switch runnable"},
	{METRIC_FAULTS_MINOR, EVENT_FAULTS_MINOR, "page-faults-min"},
	{METRIC_FAULTS_MAJOR, EVENT_FAULTS_MAJOR, "page-faults-maj"},
	{METRIC_CYCLES, EVENT_CYCLES, "cycles"},
	{METRIC_INSTRUCTIONS, EVENT_INSTRUCTIONS, "instructions"},
};

enum { EVENT_METRICS = sizeof event_metrics / sizeof *event_metrics };

__attribute__((format(printf, 3, 4))) static void
source_set(struct sample *s, enum metric m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->source[m], SOURCE_ROOM, format, args);
	va_end(args);
}

static const char *open_reason(int error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		return "not permitted (kernel.perf_event_paranoid, or not root)";
	case ENOENT:
	case EOPNOTSUPP:
		return "not offered by this machine";
	case ENODEV:
		return "no such device in this kernel";
	default:
		return strerror(-error);
	}
}

/* Which files tell the CPU time of the group. */
static bool cpu_files_open(struct sample *s)
{
	static const char *const v1[CPU_FILES] = {"cpuacct.usage", "cpuacct.usage_user",
						  "cpuacct.usage_sys"};

	s->cpu_file[0] = cgroup_file(&s->group, CGROUP_UNIFIED, "cpu.stat");
	if (s->cpu_file[0] >= 0)
		return true;
	for (int i = 0; i < CPU_FILES; i++)
		s->cpu_file[i] = cgroup_file(&s->group, CGROUP_CPUACCT, v1[i]);
	return s->cpu_file[0] >= 0;
}

static void cpu_sources(struct sample *s)
{
	const char *name = "/proc/PID/stat of the leader and its descendants";

	s->walk_cpu = !s->grouped || !cpu_files_open(s);
	if (!s->walk_cpu)
		name = s->group.place[CGROUP_UNIFIED].dir >= 0 ? "cgroup v2 cpu.stat"
							       : "cgroup v1 cpuacct";
	for (int m = METRIC_CPU_USER_S; m <= METRIC_CPU_S; m++)
		source_set(s, (enum metric)m, "%s", name);
}

static void event_sources(struct sample *s, int error)
{
	const char *whose = s->inherited ? "perf inherit" : "perf cgroup";

	for (int i = 0; i < EVENT_METRICS; i++) {
		int why = s->counted ? s->events.error[event_metrics[i].event] : error;

		if (why == 0)
			source_set(s, event_metrics[i].metric, "%s %s%s", whose,
				   event_metrics[i].name,
				   s->inherited ? " (without exits)" : "");
		else if (event_metrics[i].metric == METRIC_SWITCHES)
			source_set(
				s, METRIC_SWITCHES,
				"/proc/TID/status, where no process began (perf: %s)",
				open_reason(why));
		else
			source_set(s, event_metrics[i].metric, "n/a: perf: %s",
				   open_reason(why));
	}
	s->walk_faults = !s->counted || s->events.error[EVENT_FAULTS_MINOR] < 0 ||
			 s->events.error[EVENT_FAULTS_MAJOR] < 0;
	for (int m = METRIC_FAULTS_MINOR; s->walk_faults && m <= METRIC_FAULTS_MAJOR;
	     m++)
		source_set(s, (enum metric)m,
			   "/proc/PID/stat of the leader and its descendants");
	if (s->options & SAMPLE_SPLIT)
		return;
	for (int m = METRIC_SWITCHES_VOLUNTARY; m <= METRIC_SWITCHES_INVOLUNTARY; m++)
		source_set(
			s, (enum metric)m,
			"/proc/TID/status of live tasks, where no task came or went");
}

static void host_sources(struct sample *s)
{
	for (int m = METRIC_SOFTIRQ_S; m <= METRIC_CLIENT_UNCHARGED_S; m++)
		source_set(s, (enum metric)m, "%s",
			   s->host.stat < 0 ? "n/a: no /proc/stat" : "/proc/stat");
	for (int m = METRIC_LISTEN_OVERFLOWS; m <= METRIC_LISTEN_DROPS; m++)
		source_set(s, (enum metric)m, "%s",
			   s->host.netstat < 0 ? "n/a: no /proc/net/netstat"
					       : "/proc/net/netstat");
	source_set(s, METRIC_RCVBUF_ERRORS, "%s",
		   s->host.snmp < 0 ? "n/a: no /proc/net/snmp" : "/proc/net/snmp");
	source_set(s, METRIC_RSS_PEAK_KIB,
		   "VmHWM of one process; sum of Pss at the end of several");
}

/* Count on the cgroup if that is allowed; sample_attach tries the rest. */
static void events_begin(struct sample *s)
{
	cpu_set_t online;
	int rc = s->options & SAMPLE_NO_PERF ? -EPERM : cpulist_parse(NULL, &online);

	if (rc >= 0)
		rc = s->grouped ? events_open_cgroup(&s->events,
						     cgroup_perf_dir(&s->group),
						     &online, s->options & SAMPLE_SPLIT)
				: -ENOENT;
	s->counted = rc == 0;
	event_sources(s, rc);
}

int sample_open(struct sample **out, const char *server_cpus, const char *client_cpus)
{
	return sample_open_with(out, server_cpus, client_cpus, 0);
}

int sample_open_with(struct sample **out, const char *server_cpus,
		     const char *client_cpus, unsigned options)
{
	struct sample *s = calloc(1, sizeof *s);
	int rc;

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->options = options;
	for (int i = 0; i < CPU_FILES; i++)
		s->cpu_file[i] = -1;
	rc = cpulist_parse(server_cpus, &s->cpus[SERVER]);
	if (rc > 0)
		rc = cpulist_parse(client_cpus, &s->cpus[CLIENT]);
	if (rc > 0)
		rc = host_open(&s->host);
	if (rc < 0)
		goto fail;
	s->grouped = !(options & SAMPLE_NO_CGROUP) &&
		     cgroup_open(&s->group, !(options & SAMPLE_NO_UNIFIED)) == 0;
	rc = tasks_open(&s->tasks, s->grouped ? &s->group : NULL);
	if (rc < 0)
		goto fail_host;
	cpu_sources(s);
	events_begin(s);
	host_sources(s);
	*out = s;
	return 0;

fail_host:
	if (s->grouped)
		cgroup_close(&s->group);
	host_close(&s->host);
fail:
	free(s);
	return rc;
}

int sample_join(const struct sample *s)
{
	return s->grouped ? cgroup_join(&s->group) : 0;
}

void sample_attach(struct sample *s, pid_t leader)
{
	s->tasks.leader = leader;
	if (s->counted || s->options & SAMPLE_NO_PERF)
		return;
	int rc = events_open_process(&s->events, leader);
	s->counted = s->inherited = rc == 0;
	event_sources(s, rc);
}

/* user_usec and system_usec always add up to usage_usec (kernel/sched/cputime.c,
 * cputime_adjust). */
static void read_cpu_stat(struct sample *s, double *value)
{
	uint64_t user, system;
	char text[1024];

	if (text_reread(s->cpu_file[0], text, sizeof text) < 0 ||
	    text_number(text, "user_usec", &user) < 0 ||
	    text_number(text, "system_usec", &system) < 0)
		return;
	value[METRIC_CPU_USER_S] = (double)user / 1e6;
	value[METRIC_CPU_SYSTEM_S] = (double)system / 1e6;
	value[METRIC_CPU_S] = (double)(user + system) / 1e6;
}

/* cpuacct.usage is exact; the other two are sampled at ticks, so they only say how to
 * share it, as cputime_adjust does for v2. */
static void read_cpuacct(struct sample *s, double *value)
{
	uint64_t ns[CPU_FILES];
	char text[64];

	for (int i = 0; i < CPU_FILES; i++)
		if (s->cpu_file[i] < 0 ||
		    text_reread(s->cpu_file[i], text, sizeof text) < 0 ||
		    text_number(text, "", &ns[i]) < 0)
			return;
	double ticks = (double)(ns[1] + ns[2]);
	double user_share = ticks > 0 ? (double)ns[1] / ticks : 1;
	value[METRIC_CPU_S] = (double)ns[0] / 1e9;
	value[METRIC_CPU_USER_S] = value[METRIC_CPU_S] * user_share;
	value[METRIC_CPU_SYSTEM_S] = value[METRIC_CPU_S] * (1 - user_share);
}

static void read_walk(struct sample *s, double *value)
{
	struct tasks_usage usage;

	if (tasks_usage(&s->tasks, &usage) < 0)
		return;
	if (s->walk_cpu) {
		value[METRIC_CPU_USER_S] = usage.user_s;
		value[METRIC_CPU_SYSTEM_S] = usage.system_s;
		value[METRIC_CPU_S] = usage.user_s + usage.system_s;
	}
	if (s->walk_faults) {
		value[METRIC_FAULTS_MINOR] = usage.faults_minor;
		value[METRIC_FAULTS_MAJOR] = usage.faults_major;
	}
}

/* Some virtual machines let hardware counters be opened and never count. */
static void distrust_zero(double *value)
{
	if (!(value[METRIC_CPU_S] > 0))
		return;
	for (int m = METRIC_CYCLES; m <= METRIC_INSTRUCTIONS; m++)
		if (!(value[m] > 0))
			value[m] = (double)NAN;
}

static void read_server(struct sample *s, double *value)
{
	double counts[EVENTS];

	if (!s->walk_cpu && s->group.place[CGROUP_UNIFIED].dir >= 0)
		read_cpu_stat(s, value);
	else if (!s->walk_cpu)
		read_cpuacct(s, value);
	if (s->counted) {
		events_read(&s->events, counts);
		for (int i = 0; i < EVENT_METRICS; i++)
			value[event_metrics[i].metric] = counts[event_metrics[i].event];
	}
	if (s->walk_cpu || s->walk_faults)
		read_walk(s, value);
	distrust_zero(value);
}

static void read_host(struct sample *s, double *value)
{
	struct host_cpu cpu[SIDES];
	struct host_net net;

	host_cpus(&s->host, s->cpus, cpu, SIDES);
	value[METRIC_SOFTIRQ_S] = cpu[SERVER].softirq_s;
	value[METRIC_IDLE_S] = cpu[SERVER].idle_s;
	value[METRIC_STEAL_S] = cpu[SERVER].steal_s;
	value[METRIC_TASKS_S] = cpu[SERVER].tasks_s;
	value[METRIC_UNCHARGED_S] = cpu[SERVER].uncharged_s;
	value[METRIC_CLIENT_IDLE_S] = cpu[CLIENT].idle_s;
	value[METRIC_CLIENT_STEAL_S] = cpu[CLIENT].steal_s;
	value[METRIC_CLIENT_TASKS_S] = cpu[CLIENT].tasks_s;
	value[METRIC_CLIENT_UNCHARGED_S] = cpu[CLIENT].uncharged_s;
	host_net(&s->host, &net);
	value[METRIC_LISTEN_OVERFLOWS] = net.listen_overflows;
	value[METRIC_LISTEN_DROPS] = net.listen_drops;
	value[METRIC_RCVBUF_ERRORS] = net.rcvbuf_errors;
}

void sample_read(struct sample *s, struct snapshot *out)
{
	uint64_t begin_ns = clock_now_ns();

	for (int m = 0; m < METRICS; m++)
		out->value[m] = (double)NAN;
	out->tasks = out->last_pid = 0;
	read_server(s, out->value);
	read_host(s, out->value);
	out->at_ns = begin_ns + (clock_now_ns() - begin_ns) / 2;
}

int sample_read_tasks(struct sample *s, struct snapshot *out)
{
	struct tasks_switches switches;
	int rc;

	if (s->options & SAMPLE_SPLIT)
		return 0;
	rc = tasks_switches(&s->tasks, &switches);
	out->value[METRIC_SWITCHES_VOLUNTARY] =
		rc < 0 ? (double)NAN : switches.voluntary;
	out->value[METRIC_SWITCHES_INVOLUNTARY] =
		rc < 0 ? (double)NAN : switches.involuntary;
	out->tasks = rc < 0 ? 0 : switches.signature;
	out->last_pid = tasks_last_pid(&s->tasks);
	return rc;
}

int sample_read_memory(struct sample *s, double *rss_peak_kib)
{
	int rc = tasks_memory(&s->tasks, rss_peak_kib);

	if (rc < 0)
		*rss_peak_kib = (double)NAN;
	return rc;
}

const char *sample_source(const struct sample *s, enum metric m)
{
	return s->source[m];
}

int sample_kill(struct sample *s)
{
	return s->grouped ? cgroup_kill(&s->group) : tasks_kill(&s->tasks);
}

void sample_close(struct sample *s)
{
	if (!s)
		return;
	events_close(&s->events);
	tasks_close(&s->tasks);
	for (int i = 0; i < CPU_FILES; i++)
		if (s->cpu_file[i] >= 0)
			close(s->cpu_file[i]);
	if (s->grouped)
		cgroup_close(&s->group);
	host_close(&s->host);
	free(s);
}
