/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c - duality-doctor's examinations of the machine and of the programs around.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/sample/canary.h"
#include "harness/sample/checkup.h"
#include "harness/sample/cpulist.h"
#include "harness/sample/host.h"
#include "harness/sample/text.h"
#include "harness/sample/uring.h"

enum { WANT_CPUS = 4, WANT_FILES = 20000, WANT_BACKLOG = 4096, WANT_TASKS = 100000 };
enum { WANT_MAPS = 262144, TEXT_ROOM = 4096 };

/* A file of one number; -1 if it cannot be read. */
static long long number_in(const char *path)
{
	char text[64];
	uint64_t n;

	if (text_read(AT_FDCWD, path, text, sizeof text) < 0)
		return -1;
	return text_number(text, "", &n) == 0 ? (long long)n : -1;
}

static double steal_since_boot_s(void)
{
	struct host_cpu cpu = {.steal_s = (double)NAN};
	struct host host;
	cpu_set_t all;

	if (cpulist_parse(NULL, &all) < 0 || host_open(&host) < 0)
		return (double)NAN;
	host_cpus(&host, &all, &cpu, 1);
	host_close(&host);
	return cpu.steal_s;
}

/* A hypervisor that tells no steal lets a neighbour pass for the server. */
void checkup_steal(struct finding *f)
{
	struct canary_report report = {.steal_share = (double)NAN};
	struct canary *canary = calloc(1, sizeof *canary);
	double steal_s = steal_since_boot_s();
	int rc = canary ? canary_run(canary, NULL, &report) : -ENOMEM;

	free(canary);
	if (rc < 0 || isnan(report.steal_share))
		finding_set(f, VERDICT_MISSING, "the canary cannot run on all CPUs");
	else if (host_is_virtual() && !(steal_s > 0))
		finding_set(f, VERDICT_LIMITED,
			    "a virtual machine whose hypervisor has "
			    "never told of any steal");
	else if (report.steal_share > 0.01)
		finding_set(f, VERDICT_LIMITED,
			    "%.0f %% stolen just now, canary %.2f times its best pace",
			    report.steal_share * 100, report.slowdown);
	else
		finding_set(f, VERDICT_OK,
			    "none just now, canary %.2f times its best pace",
			    report.slowdown);
	finding_fix(f,
		    "none: it takes a quiet machine, or a host that tells its guests");
}

void checkup_cpus(struct finding *f)
{
	cpu_set_t all;
	int n = sched_getaffinity(0, sizeof all, &all) == 0 ? CPU_COUNT(&all) : 0;

	finding_set(f, n >= WANT_CPUS ? VERDICT_OK : VERDICT_LIMITED, "%d to be used%s",
		    n, n >= WANT_CPUS ? "" : "; scaling over cores wants 4 or more");
	finding_fix(f, "none: it takes a machine with %d CPUs", WANT_CPUS);
}

/* Reading a clock source that is a device costs a system call or more each time. */
void checkup_clock(struct finding *f)
{
	static const char path[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";
	char name[64] = "unknown";

	text_read(AT_FDCWD, path, name, sizeof name);
	name[strcspn(name, "\n")] = '\0';
	bool slow = strstr(name, "acpi_pm") || strstr(name, "hpet") ||
		    strstr(name, "jiffies") || strcmp(name, "xen") == 0 ||
		    strcmp(name, "unknown") == 0;
	finding_set(f, slow ? VERDICT_LIMITED : VERDICT_OK, "%s%s", name,
		    slow ? " is dear to read" : "");
	finding_fix(f, "echo tsc > %s", path);
}

void checkup_governor(struct finding *f)
{
	static const char path[] =
		"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
	char name[64];

	if (text_read(AT_FDCWD, path, name, sizeof name) < 0)
		snprintf(name, sizeof name, "not settable here");
	name[strcspn(name, "\n")] = '\0';
	bool moves = strcmp(name, "performance") != 0 && strncmp(name, "not", 3) != 0;
	finding_set(f, moves ? VERDICT_LIMITED : VERDICT_OK, "%s", name);
	finding_fix(f,
		    "echo performance | "
		    "sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
}

void checkup_files(struct finding *f)
{
	struct rlimit limit = {0, 0};

	getrlimit(RLIMIT_NOFILE, &limit);
	finding_set(f, limit.rlim_max >= WANT_FILES ? VERDICT_OK : VERDICT_LIMITED,
		    "up to %llu a process", (unsigned long long)limit.rlim_max);
	finding_fix(f,
		    "ulimit -Hn %d (root), or \"* hard nofile %d\" in "
		    "/etc/security/limits.conf",
		    WANT_FILES, WANT_FILES);
}

static void limit_check(struct finding *f, const char *path, const char *key,
			long long want, const char *what)
{
	long long have = number_in(path);

	if (have < 0)
		finding_set(f, VERDICT_MISSING, "%s cannot be read", path);
	else
		finding_set(f, have >= want ? VERDICT_OK : VERDICT_LIMITED,
			    "%s = %lld%s%s", key, have, have >= want ? "" : "; ",
			    have >= want ? "" : what);
	finding_fix(f, "sudo sysctl %s=%lld", key, want);
}

void checkup_tasks(struct finding *f)
{
	limit_check(f, "/proc/sys/kernel/threads-max", "kernel.threads-max", WANT_TASKS,
		    "fewer than 100,000 threads or processes");
	if (f->verdict == VERDICT_OK)
		limit_check(f, "/proc/sys/kernel/pid_max", "kernel.pid_max", WANT_TASKS,
			    "fewer than 100,000 threads or processes");
}

/* Each thread's stack and its guard page are a map of their own. */
void checkup_maps(struct finding *f)
{
	limit_check(f, "/proc/sys/vm/max_map_count", "vm.max_map_count", WANT_MAPS,
		    "two are needed for each thread's stack");
}

void checkup_backlog(struct finding *f)
{
	limit_check(f, "/proc/sys/net/core/somaxconn", "net.core.somaxconn",
		    WANT_BACKLOG, "cuts the servers' backlog of 4096");
}

void checkup_uring(struct finding *f)
{
	char why[URING_WHY];

	if (uring_try(why) == 0) {
		finding_set(f, VERDICT_OK, "a ring can be made");
		return;
	}
	finding_set(f, VERDICT_MISSING, "%s", why);
	if (number_in("/proc/sys/kernel/io_uring_disabled") > 0)
		finding_fix(f, "sudo sysctl kernel.io_uring_disabled=0");
	else
		finding_fix(f,
			    "none: it takes a kernel and a container policy (seccomp) "
			    "that allow io_uring");
}

/* A program in PATH; execvp(3) is what will look for it. */
static void program_check(struct finding *f, const char *name, const char *package,
			  const char *what)
{
	const char *path = getenv("PATH");
	char list[TEXT_ROOM], candidate[TEXT_ROOM];
	char *rest = list, *folder;

	snprintf(list, sizeof list, "%s", path ? path : "/usr/bin:/bin");
	finding_set(f, VERDICT_MISSING, "%s not found: no %s", name, what);
	finding_fix(f, "sudo apt-get install %s", package);
	while ((folder = strsep(&rest, ":")) != NULL) {
		int n = snprintf(candidate, sizeof candidate, "%s/%s", folder, name);

		if (n < (int)sizeof candidate && access(candidate, X_OK) == 0) {
			finding_set(f, VERDICT_OK, "%.*s", FINDING_ROOM - 1, candidate);
			return;
		}
	}
}

void checkup_strace(struct finding *f)
{
	program_check(f, "strace", "strace", "system calls per request");
}

void checkup_cachegrind(struct finding *f)
{
	program_check(f, "valgrind", "valgrind",
		      "branch and cache misses by simulation");
}

void checkup_gnuplot(struct finding *f)
{
	program_check(f, "gnuplot", "gnuplot-nox", "figures");
}
