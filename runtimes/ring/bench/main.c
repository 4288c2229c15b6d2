/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - duality rings: messages through ours and through other people's, over
 * occupancy, placement and the size of batches, interleaved in rounds; what a wake-up
 * costs and how often none is needed.  One line for each sample, with tabs: round,
 * what, place, ring, batch, unit, value, note. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/sample.h"

enum { ROUNDS = 15, ROUNDS_MOST = 10000, MESSAGES_MOST = 100000000, CPUS_MOST = 1024 };

struct options {
	int rounds, first, cpus;
	int cpu[CPUS_MOST];
	struct sample_options sample;
};

static const char usage[] =
	"usage: duality rings [options] [WHAT[@BATCH]...]\n"
	"Measures rings of 1024 slots, this project's beside ck_ring and rte_ring, a "
	"line "
	"for each\n"
	"sample: round, what, place, ring, batch, unit, value, note.  WHAT is "
	"never-empty, often-empty, "
	"often-full,\n"
	"ping-pong, same-thread, wake, elided; all without any.\n"
	"  --rounds N (15)    each measured once a round\n"
	"  --first N          the number of the first round (1)\n"
	"  --cpus A,B,...     processors to choose from (all that there are)\n"
	"  --messages N       in each sample (some tenths of a millisecond's)\n"
	"  --help  --version\n";

static const char header[] = "round\twhat\tplace\tring\tbatch\tunit\tvalue\tnote\n";

static int cpus_read(struct options *o, char *text)
{
	char *one;
	unsigned cpu = 0;

	o->cpus = 0;
	while ((one = strsep(&text, ","))) {
		if (o->cpus == CPUS_MOST ||
		    command_number(&cpu, "rings", "cpus", one, 0, CPU_SETSIZE - 1) < 0)
			return -EINVAL;
		for (int i = 0; i < o->cpus; i++) {
			if (o->cpu[i] != (int)cpu)
				continue;
			fprintf(stderr, "duality rings: --cpus: %u is there twice\n",
				cpu);
			return -EINVAL;
		}
		o->cpu[o->cpus++] = (int)cpu;
	}
	return 0;
}

static void cpus_default(struct options *o)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		CPU_ZERO(&allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE && o->cpus < CPUS_MOST; cpu++)
		if (CPU_ISSET((size_t)cpu, &allowed))
			o->cpu[o->cpus++] = cpu;
}

static int option_take(struct options *o, int option)
{
	unsigned n = 0;
	int status;

	switch (option) {
	case 'r':
		status = command_number(&n, "rings", "rounds", optarg, 1, ROUNDS_MOST);
		o->rounds = (int)n;
		return status;
	case 'f':
		status = command_number(&n, "rings", "first", optarg, 1, ROUNDS_MOST);
		o->first = (int)n;
		return status;
	case 'c':
		return cpus_read(o, optarg);
	case 'm':
		status = command_number(&n, "rings", "messages", optarg, 1,
					MESSAGES_MOST);
		o->sample.messages = n;
		return status;
	default:
		command_end(option, usage);
	}
}

static int options_read(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"first", required_argument, NULL, 'f'},
		{"cpus", required_argument, NULL, 'c'},
		{"messages", required_argument, NULL, 'm'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (option_take(o, option) < 0)
			return -EINVAL;
	o->sample.only = argv + optind;
	for (char **only = o->sample.only; *only; only++) {
		if (sample_known(*only))
			continue;
		fprintf(stderr, "duality rings: %s: no such thing is measured\n",
			*only);
		return -EINVAL;
	}
	if (o->cpus == 0)
		cpus_default(o);
	return 0;
}

int main(int argc, char **argv)
{
	static struct options o = {.rounds = ROUNDS, .first = 1};
	int result = 0;

	if (options_read(&o, argc, argv) < 0)
		return EXIT_USAGE;
	result = duo_cpus(o.cpu, o.cpus);
	if (result < 0) {
		fprintf(stderr, "duality rings: --cpus: not all can be used: %s\n",
			strerror(-result));
		return EXIT_USAGE;
	}
	fputs(header, stdout);
	for (int i = 0; i < o.rounds && result == 0; i++) {
		o.sample.round = o.first + i;
		result = sample_round(&o.sample);
	}
	return result < 0 || fflush(stdout) != 0 ? EXIT_FINDING : EXIT_SUCCESS;
}
