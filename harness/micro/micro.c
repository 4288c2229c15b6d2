/* SPDX-License-Identifier: BSD-2-Clause */
/* micro.c - what the programs that measure primitives share: arguments, the clock, and
 * how many times is enough. */
#include "config.h"

#include "harness/micro/micro.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_USAGE = 2, NOTE = 120, TEXT = 32, FASTER = 10, PATIENCE = 100 };

static char note[NOTE];
static double least_ns = 10e6; /* a sample's length */
static uint64_t fixed_loops;   /* instead, for those who count instructions; 0 */

static const char usage[] =
	"usage: %s [--repeat N] [--least-ms M] [--loops N] PRIMITIVE[@LIVE]\n"
	"       %s --list\n"
	"One program of `duality micro`: measures one primitive of one runtime.\n";

double micro_cannot(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(note, sizeof note, format, args);
	va_end(args);
	return NAN;
}

double micro_least_ns(void)
{
	return least_ns;
}

static double clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double micro_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

double micro_cpu_now_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* The number that should take a fifth more than the least time; a factor of FASTER at
 * most, as the first ones are slower than those to come. */
static uint64_t loops_next(uint64_t n, double took_ns)
{
	double factor = fmin(1.2 * least_ns / fmax(took_ns, 1), FASTER);
	return (uint64_t)ceil((double)n * fmax(factor, 1.2));
}

static double calibrate(uint64_t (*loop)(uint64_t n), double (*clock_now_ns)(void))
{
	uint64_t n = fixed_loops ? fixed_loops : 1;
	for (;;) {
		double began_ns = clock_now_ns();
		uint64_t done = loop(n);
		double took_ns = clock_now_ns() - began_ns;
		if (*note || (done == 0 && took_ns >= PATIENCE * least_ns))
			return NAN;
		if (done > 0 && (fixed_loops || took_ns >= least_ns))
			return took_ns / (double)done;
		n = loops_next(n, took_ns);
	}
}

double micro_ns(uint64_t (*loop)(uint64_t n))
{
	return calibrate(loop, micro_now_ns);
}

double micro_cpu_ns(uint64_t (*loop)(uint64_t n))
{
	return calibrate(loop, micro_cpu_now_ns);
}

double micro_resident_kib(void)
{
	char line[TEXT * 4];
	double kib = NAN;
	FILE *status = fopen("/proc/self/status", "re");
	if (!status)
		return micro_cannot("/proc/self/status: %s", strerror(errno));
	while (fgets(line, sizeof line, status)) {
		if (sscanf(line, "RssAnon: %lf", &kib) == 1)
			break;
	}
	fclose(status);
	return kib;
}

/* The last CPU that we may use, if there are several: who yields is to let the others
 * run, and not to find them elsewhere. */
static void cpu_settle(void)
{
	cpu_set_t cpus;
	int cpu = CPU_SETSIZE - 1;
	if (sched_getaffinity(0, sizeof cpus, &cpus) < 0)
		return;
	while (cpu > 0 && !CPU_ISSET((size_t)cpu, &cpus))
		cpu--;
	CPU_ZERO(&cpus);
	CPU_SET((size_t)cpu, &cpus);
	sched_setaffinity(0, sizeof cpus, &cpus);
}

static void list(const struct micro *m)
{
	for (const struct micro_case *c = m->cases; c->primitive; c++) {
		if (c->reason)
			printf("%s\t-\t%s\n", c->primitive, c->reason);
		for (int i = 0; !c->reason && i < MICRO_SIZES; i++) {
			if (i == 0 || c->sizes[i])
				printf("%s\t%u\t%s%s\n", c->primitive, c->sizes[i],
				       c->unit, c->is & MICRO_NAMED ? "\tnamed" : "");
		}
	}
}

static _Bool case_takes(const struct micro_case *c, unsigned live)
{
	for (int i = 0; i < MICRO_SIZES; i++) {
		if (c->sizes[i] == live && (i == 0 || live > 0))
			return 1;
	}
	return live > 0 && c->is & MICRO_SCALES;
}

static void measure(const struct micro *m, const struct micro_case *c, unsigned live)
{
	*note = '\0';
	cpu_settle();
	double value = c->run(live);
	printf("%s\t%s\t%u\t%s\t", c->primitive, m->runtime, live, c->unit);
	if (isnan(value))
		printf("nan\t%s\n", *note ? note : "nothing was measured");
	else
		printf("%.6g\t-\n", value);
	fflush(stdout);
}

/* PRIMITIVE[@LIVE]: without a number the first of its list. */
static int measure_named(const struct micro *m, const char *name, unsigned repeat)
{
	char primitive[TEXT] = "", end;
	unsigned live = 0;
	int fields = sscanf(name, "%31[^@]@%u%c", primitive, &live, &end);
	for (const struct micro_case *c = m->cases; c->primitive; c++) {
		if (strcmp(c->primitive, primitive) != 0 || c->reason)
			continue;
		if (fields == 1 && !strchr(name, '@'))
			live = c->sizes[0];
		else if (fields != 2 || !case_takes(c, live))
			break;
		for (unsigned i = 0; i < repeat; i++)
			measure(m, c, live);
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "micro-%s: %s: not among what --list says\n", m->runtime, name);
	return EXIT_USAGE;
}

/* A whole number from 1 on; 0 after a line on standard error. */
static unsigned number_read(const struct micro *m, const char *option, const char *text)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (end != text && !*end && !errno && value >= 1 && value <= 1000000000 &&
	    *text != '-')
		return (unsigned)value;
	fprintf(stderr, "micro-%s: --%s: not a whole number from 1 on: %s\n",
		m->runtime, option, text);
	return 0;
}

int micro_main(int argc, char **argv, const struct micro *m)
{
	static const struct option options[] = {
		{"repeat", required_argument, NULL, 'r'},
		{"least-ms", required_argument, NULL, 'm'},
		{"loops", required_argument, NULL, 'l'},
		{"list", no_argument, NULL, 'L'},
		{"help", no_argument, NULL, 'h'},
		{0}};
	unsigned repeat = 1, number = 1;
	int option, index = 0;
	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (option == 'h' || option == 'L') {
			if (option == 'h')
				printf(usage, argv[0], argv[0]);
			else
				list(m);
			return EXIT_SUCCESS;
		}
		number =
			option == '?' ? 0 : number_read(m, options[index].name, optarg);
		if (number == 0)
			return EXIT_USAGE;
		if (option == 'r')
			repeat = number;
		else if (option == 'm')
			least_ns = number * 1e6;
		else
			fixed_loops = number;
	}
	if (optind + 1 == argc)
		return measure_named(m, argv[optind], repeat);
	fprintf(stderr, usage, argv[0], argv[0]);
	return EXIT_USAGE;
}
