/* SPDX-License-Identifier: BSD-2-Clause */
/* duo.c - a sample in which the scheduler gave a processor to somebody else
 * (getrusage(2), ru_nivcsw) says nothing of rings, and is told apart.  What a
 * hypervisor takes is not seen here. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const duo_places[DUO_PLACES] = {"thread", "smt", "cores", "processes"};

enum { NO_CPU = -1, PATH_TEXT = 80, LIST_TEXT = 256 };

/* Where the side that is timed runs, and the other by place. */
static int timed_cpu = NO_CPU;
static int other_cpu[DUO_PLACES] = {NO_CPU, NO_CPU, NO_CPU, NO_CPU};

/* What both sides know of a sample. */
static struct shared {
	_Atomic int there; /* at the start */
	_Atomic bool preempted;
} * shared;

double duo_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void *duo_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/* Is a number in a list as in "0,4-5" (sysfs)? */
static bool list_has(const char *list, int number)
{
	while (*list >= '0' && *list <= '9') {
		char *end;
		long low = strtol(list, &end, 10);
		long high = *end == '-' ? strtol(end + 1, &end, 10) : low;

		if (number >= low && number <= high)
			return true;
		list = *end == ',' ? end + 1 : "";
	}
	return false;
}

/* Are both hardware threads of one core?  Not known (no sysfs): no. */
static bool of_one_core(int a, int b)
{
	char path[PATH_TEXT], list[LIST_TEXT] = "";
	FILE *from;

	snprintf(path, sizeof path,
		 "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", a);
	from = fopen(path, "re");
	if (!from)
		return false;
	if (!fgets(list, sizeof list, from))
		*list = 0;
	fclose(from);
	return list_has(list, b);
}

int duo_cpus(const int *cpu, int n)
{
	int result = 0;

	for (int i = n - 1; i >= 0 && result == 0; i--)
		result = pin(cpu[i]);
	if (result < 0)
		return result;
	timed_cpu = cpu[0];
	other_cpu[DUO_THREAD] = timed_cpu;
	for (int i = n - 1; i > 0; i--)
		other_cpu[of_one_core(cpu[0], cpu[i]) ? DUO_SMT : DUO_CORES] = cpu[i];
	other_cpu[DUO_PROCESSES] = other_cpu[DUO_CORES];
	shared = duo_memory(sizeof *shared);
	return shared ? 0 : -errno;
}

const char *duo_reason(enum duo_place place)
{
	if (other_cpu[place] != NO_CPU)
		return NULL;
	return place == DUO_SMT ? "no second hardware thread of its core to use"
				: "no second core to use";
}

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* Both come here before either goes on.  Who waits long lets others run, so that its
 * turn is fresh when both are there. */
static void meet(int n)
{
	atomic_fetch_add(&shared->there, 1);
	for (unsigned i = 0; atomic_load(&shared->there) < n; i++)
		if (i % 1024 == 1023)
			sched_yield();
}

static void *first(void *arg)
{
	struct duo *d = arg;
	long before;

	pin(other_cpu[d->place]);
	meet(2);
	before = preemptions();
	d->one(d->arg);
	if (preemptions() != before)
		atomic_store(&shared->preempted, true);
	return NULL;
}

/* The other side, and the end of it. */
struct other {
	pthread_t thread;
	pid_t process;
};

static int other_begin(struct other *o, struct duo *d)
{
	if (d->place == DUO_THREAD)
		return 0;
	if (d->place != DUO_PROCESSES)
		return -pthread_create(&o->thread, NULL, first, d);
	o->process = fork();
	if (o->process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		first(d);
		_exit(0);
	}
	return o->process < 0 ? -errno : 0;
}

static void other_end(struct other *o, const struct duo *d)
{
	if (d->place == DUO_PROCESSES)
		waitpid(o->process, NULL, 0);
	else if (d->place != DUO_THREAD)
		pthread_join(o->thread, NULL);
}

int duo_run(struct duo *d)
{
	struct other other;
	int result = pin(timed_cpu);
	double began;
	long before;

	atomic_store(&shared->there, 0);
	atomic_store(&shared->preempted, false);
	if (result == 0)
		result = other_begin(&other, d);
	if (result < 0)
		return result;
	meet(d->place == DUO_THREAD ? 1 : 2);
	before = preemptions();
	began = duo_now_ns();
	d->two(d->arg);
	d->ns = duo_now_ns() - began;
	before = preemptions() - before;
	other_end(&other, d);
	d->preempted = atomic_load(&shared->preempted) || before;
	return 0;
}

void flow_rest(void)
{
	double until = duo_now_ns() + FLOW_REST_NS;

	while (duo_now_ns() < until)
		flow_pause();
}
