/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.c - two readings make a window: differences, and which of them to believe.
 */
#include "config.h"

#include <math.h>
#include <stdbool.h>

#include "harness/sample/sample.h"

enum { SPLIT_SLACK = 8, SPLIT_SHARE = 50 };

static const char *const names[METRICS] = {
	[METRIC_CPU_USER_S] = "cpu_user_s",
	[METRIC_CPU_SYSTEM_S] = "cpu_system_s",
	[METRIC_CPU_S] = "cpu_s",
	[METRIC_SWITCHES] = "switches",
	[METRIC_SWITCHES_VOLUNTARY] = "switches_voluntary",
	[METRIC_SWITCHES_INVOLUNTARY] = "switches_involuntary",
	[METRIC_FAULTS_MINOR] = "faults_minor",
	[METRIC_FAULTS_MAJOR] = "faults_major",
	[METRIC_RSS_PEAK_KIB] = "rss_peak_kib",
	[METRIC_SOFTIRQ_S] = "softirq_s",
	[METRIC_IDLE_S] = "idle_s",
	[METRIC_STEAL_S] = "steal_s",
	[METRIC_TASKS_S] = "tasks_s",
	[METRIC_UNCHARGED_S] = "uncharged_s",
	[METRIC_CLIENT_IDLE_S] = "client_idle_s",
	[METRIC_CLIENT_STEAL_S] = "client_steal_s",
	[METRIC_CLIENT_TASKS_S] = "client_tasks_s",
	[METRIC_CLIENT_UNCHARGED_S] = "client_uncharged_s",
	[METRIC_LISTEN_OVERFLOWS] = "listen_overflows",
	[METRIC_LISTEN_DROPS] = "listen_drops",
	[METRIC_RCVBUF_ERRORS] = "rcvbuf_errors",
	[METRIC_CYCLES] = "cycles",
	[METRIC_INSTRUCTIONS] = "instructions",
};

const char *metric_name(enum metric m)
{
	return names[m];
}

/* Whether nothing is missing between two readings of the split.  Readings of live tasks
 * lose what ended tasks did, so the sum must agree with an independent count; where
 * there is none, no process at all may have begun. */
static bool split_whole(const struct snapshot *earlier, const struct snapshot *later,
			const double *delta)
{
	double sum =
		delta[METRIC_SWITCHES_VOLUNTARY] + delta[METRIC_SWITCHES_INVOLUNTARY];
	double switches = delta[METRIC_SWITCHES];

	if (isnan(sum) || earlier->tasks != later->tasks)
		return false;
	if (isnan(switches))
		return later->tasks != 0 && later->last_pid != 0 &&
		       earlier->last_pid == later->last_pid;
	return fabs(sum - switches) <= SPLIT_SLACK + switches / SPLIT_SHARE;
}

void sample_delta(const struct snapshot *earlier, const struct snapshot *later,
		  struct snapshot *out)
{
	double delta[METRICS];

	for (int m = 0; m < METRICS; m++)
		delta[m] = later->value[m] - earlier->value[m];
	delta[METRIC_RSS_PEAK_KIB] = later->value[METRIC_RSS_PEAK_KIB];

	if (!split_whole(earlier, later, delta)) {
		delta[METRIC_SWITCHES_VOLUNTARY] = (double)NAN;
		delta[METRIC_SWITCHES_INVOLUNTARY] = (double)NAN;
	} else if (isnan(delta[METRIC_SWITCHES])) {
		delta[METRIC_SWITCHES] = delta[METRIC_SWITCHES_VOLUNTARY] +
					 delta[METRIC_SWITCHES_INVOLUNTARY];
	}
	*out = (struct snapshot){
		.at_ns = later->at_ns - earlier->at_ns,
		.tasks = later->tasks,
		.last_pid = later->last_pid,
	};
	for (int m = 0; m < METRICS; m++)
		out->value[m] = delta[m];
}
