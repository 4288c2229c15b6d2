/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.c - duality-doctor: what this machine can and cannot measure, found by trying.
 * One line per facility; below what is not in order, the line that would mend it. */
#include "config.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/command.h"
#include "harness/sample/checkup.h"

static const char usage[] =
	"usage: duality doctor\n"
	"Says what this machine can and cannot measure, one line each: ok,\n"
	"limited or missing, and the line that would mend it.\n";

static const struct {
	const char *name;
	void (*examine)(struct finding *f);
} facilities[] = {
	{"CPU time of a server", checkup_cpu},
	{"context switches", checkup_switches},
	{"voluntary or not", checkup_split},
	{"page faults", checkup_faults},
	{"cycles, instructions", checkup_hardware},
	{"peak memory", checkup_memory},
	{"kernel drop counters", checkup_drops},
	{"ending a whole server", checkup_kill},
	{"steal", checkup_steal},
	{"CPUs", checkup_cpus},
	{"clock", checkup_clock},
	{"frequency governor", checkup_governor},
	{"open files", checkup_files},
	{"threads, processes", checkup_tasks},
	{"memory maps", checkup_maps},
	{"listen backlog", checkup_backlog},
	{"io_uring", checkup_uring},
	{"strace", checkup_strace},
	{"valgrind", checkup_cachegrind},
	{"gnuplot", checkup_gnuplot},
};

static const char *const verdicts[] = {"ok", "limited", "missing"};

static void examine_all(void)
{
	checkup_sample();
	for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++) {
		struct finding f = {0};

		facilities[i].examine(&f);
		printf("%-8s %-22s %s\n", verdicts[f.verdict], facilities[i].name,
		       f.detail);
		if (f.verdict != VERDICT_OK)
			printf("%8s fix: %s\n", "", f.fix);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option = getopt_long(argc, argv, "", options, NULL);

	if (option != -1)
		command_end(option, usage);
	if (optind < argc) {
		fprintf(stderr, "duality doctor: takes no argument: %s\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	examine_all();
	return 0;
}
