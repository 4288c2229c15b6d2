/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - duality micro: primitives of several runtimes, round by round in random
 * order, each sample a process of its own. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "harness/clock.h"
#include "harness/command.h"
#include "harness/micro/medians.h"
#include "harness/micro/plan.h"
#include "harness/sample/host.h"
#include "harness/stats/random.h"
#include "harness/targets/places.h"

enum { ROUNDS_MOST = 1000, MS_MOST = 60000, LIVE_MOST = 100000000 };

struct options {
	unsigned rounds, least_ms, most, seed, cpu;
	const char *runtimes, *tsv;
	char **primitives;
};

struct run {
	struct plan plan;
	struct host host;
	cpu_set_t cpus;
	struct random random;
	FILE *tsv;
};

static const char usage[] =
	"usage: duality micro [options] [PRIMITIVE[@LIVE]...]\n"
	"Measures what threads of several runtimes cost: create, switch, jump (a bare "
	"switch\n"
	"of context), mutex, wake, timer, memory, and call and registers beside them; "
	"all, or\n"
	"those named. Only where named: task8k, busywait, busywait-cpu.\n"
	"  --rounds N (5)       each measured once a round, in random order\n"
	"  --runtimes \"A B\"     of process process-relinquish thread "
	"thread-relinquish\n"
	"                       pth st fiber fiber-uring fiber-relinquish event boost\n"
	"                       go call\n"
	"  --most N (100000)    leave out what takes more threads\n"
	"  --least-ms M (10)    a sample's length\n"
	"  --cpu N              to run on (the last)\n"
	"  --tsv FILE           all samples, one a row (\"-\": standard output)\n"
	"  --seed N             of the order (drawn)\n"
	"  --help  --version\n";

static const char header[] =
	"round\tprimitive\truntime\tlive\tunit\tvalue\tsteal_share\tnote\n";

static int number_read(unsigned *to, const char *option, unsigned least, unsigned most)
{
	return command_number(to, "micro", option, optarg, least, most);
}

static int option_take(struct options *o, int option)
{
	switch (option) {
	case 'r':
		return number_read(&o->rounds, "rounds", 1, ROUNDS_MOST);
	case 'm':
		return number_read(&o->most, "most", 0, LIVE_MOST);
	case 'l':
		return number_read(&o->least_ms, "least-ms", 1, MS_MOST);
	case 'c':
		return number_read(&o->cpu, "cpu", 0, CPU_SETSIZE - 1);
	case 's':
		return number_read(&o->seed, "seed", 0, UINT_MAX - 1);
	case 'n':
		o->runtimes = optarg;
		return 0;
	case 't':
		o->tsv = optarg;
		return 0;
	default:
		command_end(option, usage);
	}
}

static int options_read(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"runtimes", required_argument, NULL, 'n'},
		{"most", required_argument, NULL, 'm'},
		{"least-ms", required_argument, NULL, 'l'},
		{"cpu", required_argument, NULL, 'c'},
		{"tsv", required_argument, NULL, 't'},
		{"seed", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0}};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option_take(o, option) < 0)
			return -EINVAL;
	}
	o->primitives = argv + optind;
	return 0;
}

/* The last of those we may use. */
static unsigned cpu_last(void)
{
	cpu_set_t allowed;
	unsigned last = 0;
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		last = CPU_ISSET(cpu, &allowed) ? cpu : last;
	return last;
}

/* Be on one CPU, and so will be all that is started. */
static int cpu_settle(struct run *r, unsigned cpu)
{
	if (cpu == UINT_MAX)
		cpu = cpu_last();
	CPU_ZERO(&r->cpus);
	CPU_SET(cpu, &r->cpus);
	if (sched_setaffinity(0, sizeof r->cpus, &r->cpus) == 0)
		return 0;
	fprintf(stderr, "duality micro: --cpu: not one we may use: %u\n", cpu);
	return -EINVAL;
}

static void row_write(FILE *to, unsigned round, const struct item *item,
		      const struct sample *s)
{
	fprintf(to, "%u\t%s\t%s\t%u\t%s\t", round, item->primitive, item->runtime,
		item->live, item->unit);
	fprintf(to, isnan(s->value) ? "nan\t" : "%.6g\t", s->value);
	fprintf(to, isnan(s->steal_share) ? "nan\t" : "%.4f\t", s->steal_share);
	fprintf(to, "%s\n", *item->note ? item->note : "-");
	fflush(to);
}

static void item_run(struct run *r, struct item *item, unsigned round,
		     unsigned least_ms)
{
	struct host_cpu before, after;
	struct sample *s = &item->sample[item->n++];
	host_cpus(&r->host, &r->cpus, &before, 1);
	double began_s = clock_now_s();
	s->value = plan_measure(&r->plan, item, least_ms);
	double took_s = clock_now_s() - began_s;
	host_cpus(&r->host, &r->cpus, &after, 1);
	s->steal_share = (after.steal_s - before.steal_s) / took_s;
	if (r->tsv)
		row_write(r->tsv, round, item, s);
}

static int rounds_run(struct run *r, const struct options *o)
{
	size_t *order = calloc(r->plan.n, sizeof *order);
	int status = order ? 0 : -ENOMEM;
	for (size_t i = 0; status == 0 && i < r->plan.n; i++) {
		struct item *item = &r->plan.item[i];
		item->sample = calloc(o->rounds, sizeof *item->sample);
		if (!item->sample)
			status = -ENOMEM;
	}
	for (unsigned round = 1; status == 0 && round <= o->rounds; round++) {
		random_permutation(&r->random, order, r->plan.n);
		for (size_t i = 0; i < r->plan.n; i++)
			item_run(r, &r->plan.item[order[i]], round, o->least_ms);
	}
	free(order);
	return status;
}

static int tsv_open(struct run *r, const char *name)
{
	if (!name)
		return 0;
	r->tsv = strcmp(name, "-") == 0 ? stdout : fopen(name, "we");
	if (!r->tsv) {
		fprintf(stderr, "duality micro: --tsv: %s: %s\n", name,
			strerror(errno));
		return -EINVAL;
	}
	fputs(header, r->tsv);
	return 0;
}

/* 0, or -EIO after a line on standard error. */
static int tsv_close(struct run *r, const char *name)
{
	if (!r->tsv)
		return 0;
	int failed = ferror(r->tsv) | (fflush(r->tsv) != 0);
	if (r->tsv != stdout)
		failed |= fclose(r->tsv) != 0;
	if (!failed)
		return 0;
	fprintf(stderr, "duality micro: --tsv: %s: not all was written\n", name);
	return -EIO;
}

/* All of it.  A negative status was told, or is -errno. */
static int micro(struct run *r, const struct options *o)
{
	const struct wish wish = {o->runtimes, o->primitives, o->most};
	uint64_t seed = o->seed;
	r->plan.folder = place_get(PLACE_LIBEXEC);
	if (o->seed == UINT_MAX && getrandom(&seed, sizeof seed, 0) < 0)
		return -errno;
	r->random.state = seed;
	int status = plan_make(&r->plan, &wish);
	if (status == 0)
		status = cpu_settle(r, o->cpu);
	if (status == 0)
		status = host_open(&r->host);
	if (status == 0)
		status = tsv_open(r, o->tsv);
	if (status == 0)
		status = rounds_run(r, o);
	if (status == 0)
		medians_print(&r->plan, r->tsv == stdout ? stderr : stdout);
	int written = tsv_close(r, o->tsv);
	return status < 0 ? status : written;
}

int main(int argc, char **argv)
{
	struct options o = {.rounds = 5,
			    .least_ms = 10,
			    .most = 100000,
			    .seed = UINT_MAX,
			    .cpu = UINT_MAX};
	static struct run r;
	if (options_read(&o, argc, argv) < 0)
		return EXIT_USAGE;
	int status = micro(&r, &o);
	if (status < 0 && status != -EINVAL && status != -EIO)
		fprintf(stderr, "duality micro: %s\n", strerror(-status));
	host_close(&r.host);
	plan_free(&r.plan);
	if (status < 0)
		return EXIT_USAGE;
	return r.plan.failed ? EXIT_FINDING : EXIT_SUCCESS;
}
