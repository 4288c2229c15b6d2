/* SPDX-License-Identifier: BSD-2-Clause */
/* lab-vk.c - runs a program on the virtual kernel by a scenario, and says whether it
 * did what that expects.  Exit status: 0 it did, 1 not, 2 the question made no sense or
 * the machine failed: no verdict. */
#include "config.h"

#include "judge.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 32, TEXT_MAX = 64 * 1024 };

struct arguments {
	const char *setting[SETTINGS_MAX + 1];
	int settings;
	char failures[1024];
	bool log, quiet;
	const char *again;
	const char *scenario;
	char **program;
};

static const char help[] =
	"usage: lab-vk [options] SCENARIO [--] PROGRAM [ARGUMENT]...\n"
	"Runs the program on the virtual kernel, by the scenario: lab-vk(7).\n"
	"  --set NAME=VALUE      what $NAME stands for in the scenario\n"
	"  --fail CALL:N:ERRNO   the program's Nth such call fails\n"
	"  --again COMMAND       what the command that shows it again begins with\n"
	"  --log                 prints the whole run\n"
	"  --quiet               prints nothing but errors\n"
	"  --help  --version\n";

static int usage(const char *what, const char *which)
{
	fprintf(stderr, "lab-vk: %s%s\n", what, which);
	return 2;
}

/* CALL:N:ERRNO becomes a line of the scenario. */
static int failure_add(struct arguments *a, const char *text)
{
	size_t n = strlen(a->failures);
	char words[64];
	int length;

	length = snprintf(words, sizeof(words), "%s", text);
	if (length >= (int)sizeof(words))
		return usage("too long: --fail ", text);
	for (char *c = words; *c; c++)
		*c = *c == ':' ? ' ' : *c;
	if (n + strlen(words) + 8 > sizeof(a->failures))
		return usage("too many of --fail", "");
	snprintf(a->failures + n, sizeof(a->failures) - n, "\nfail %s", words);
	return 0;
}

static int option_take(struct arguments *a, int option)
{
	switch (option) {
	case 's':
		if (a->settings == SETTINGS_MAX || !strchr(optarg, '='))
			return usage("NAME=VALUE is wanted, not --set ", optarg);
		a->setting[a->settings++] = optarg;
		return 0;
	case 'f':
		return failure_add(a, optarg);
	case 'a':
		a->again = optarg;
		return 0;
	case 'l':
		a->log = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case 'h':
		fputs(help, stdout);
		exit(0);
	case 'v':
		puts("lab-vk (" PACKAGE_NAME ") " PACKAGE_VERSION);
		exit(0);
	default:
		return 2;
	}
}

static int arguments_read(struct arguments *a, int argc, char **argv)
{
	static const struct option options[] = {
		{"set", required_argument, NULL, 's'},
		{"fail", required_argument, NULL, 'f'},
		{"again", required_argument, NULL, 'a'},
		{"log", no_argument, NULL, 'l'},
		{"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int option, status = 0;

	while (!status && (option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		status = option_take(a, option);
	if (status)
		return status;
	if (argc - optind < 2)
		return usage("a scenario and a program are wanted", "");
	a->scenario = argv[optind++];
	if (!strcmp(argv[optind], "--"))
		optind++;
	if (optind == argc)
		return usage("a program is wanted", "");
	a->program = argv + optind;
	return 0;
}

static int text_read(const struct arguments *a, char *text, size_t room)
{
	FILE *file = fopen(a->scenario, "re");
	size_t n;

	if (!file) {
		fprintf(stderr, "lab-vk: %s: %s\n", a->scenario, strerror(errno));
		return 2;
	}
	n = fread(text, 1, room - strlen(a->failures) - 1, file);
	if (!feof(file) || ferror(file)) {
		fclose(file);
		return usage("not to be read, or too long: ", a->scenario);
	}
	fclose(file);
	strcpy(text + n, a->failures);
	return 0;
}

static int scenario_load(const struct arguments *a, struct scenario *scenario)
{
	static char text[TEXT_MAX];

	if (text_read(a, text, sizeof(text)))
		return 2;
	if (scenario_read(scenario, a->scenario, text, a->setting) < 0)
		return usage(scenario->error, "");
	return 0;
}

/* The command that shows this again. */
static void replay_write(const struct arguments *a)
{
	if (a->again) {
		printf("Again, call by call: %s\n", a->again);
		return;
	}
	printf("Again, call by call: lab-vk --log");
	for (int i = 0; i < a->settings; i++)
		printf(" --set %s", a->setting[i]);
	for (const char *line = a->failures; *line; line += strcspn(line, "\n")) {
		printf(" --fail ");
		for (line += strlen("\nfail "); *line && *line != '\n'; line++)
			putchar(*line == ' ' ? ':' : *line);
	}
	printf(" %s --", a->scenario);
	for (char **word = a->program; *word; word++)
		printf(" %s", *word);
	printf("\n");
}

static int run(const struct arguments *a, const struct scenario *scenario)
{
	static struct where where;
	struct kernel *k = kernel_new(scenario);
	struct box_plan plan;
	int status;

	if (!k)
		return usage("out of memory", "");
	box_plan_init(&plan);
	plan.err = a->quiet ? -1 : 2;
	status = judge_run(k, &plan, a->program);
	if (status < 0) {
		fprintf(stderr, "lab-vk: %s: %s\n", a->program[0], strerror(-status));
		kernel_delete(k);
		return 2;
	}
	status = facts_good(k) ? 0 : 1;
	if (!a->quiet && (a->log || status))
		where_find(&where, k, a->program[0]);
	if (a->log)
		report_picture(stdout, k, &where, 0, k->entries - 1);
	if (!a->quiet)
		report_write(stdout, k, &where);
	if (!a->quiet && status)
		replay_write(a);
	kernel_delete(k);
	return status;
}

int main(int argc, char **argv)
{
	static struct scenario scenario;
	struct arguments arguments = {.settings = 0};

	if (arguments_read(&arguments, argc, argv) ||
	    scenario_load(&arguments, &scenario))
		return 2;
	return run(&arguments, &scenario);
}
