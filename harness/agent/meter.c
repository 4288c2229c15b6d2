/* SPDX-License-Identifier: BSD-2-Clause */
/* Idle time from /proc/stat (proc(5)); see meter.h.  A board's cycle counters have
 * their match there: what is not idle is busy, interrupts and time stolen by a
 * hypervisor included; waiting for a disk is idle.  The kernel times idle spells, and
 * tells the sum in clock ticks. */
#include "config.h"

#include "harness/agent/meter.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/sample/cpulist.h"

static int cpus_read(struct meter *base, struct reading *out)
{
	struct cpu_meter *meter = (struct cpu_meter *)base;
	struct host_cpu time;
	host_cpus(&meter->host, &meter->cpus, &time, 1);
	uint64_t now_ns = clock_now_ns();
	if (isnan(time.idle_s))
		return -ENODEV;
	out->idle_ns = (uint64_t)llround(time.idle_s * 1e9);
	out->total_ns = now_ns * (uint64_t)CPU_COUNT(&meter->cpus);
	return 0;
}

int cpu_meter_open(struct cpu_meter *meter, const char *list)
{
	struct reading reading;
	int count = cpulist_parse(list, &meter->cpus);
	if (count < 0)
		return count;
	int error = host_open(&meter->host);
	if (error)
		return error;
	meter->meter.read = cpus_read;
	meter->meter.least_ns =
		UINT64_C(1000000000) * (uint64_t)count / (uint64_t)sysconf(_SC_CLK_TCK);
	error = cpus_read(&meter->meter, &reading);
	if (error)
		cpu_meter_close(meter);
	return error;
}

void cpu_meter_close(struct cpu_meter *meter)
{
	host_close(&meter->host);
}
