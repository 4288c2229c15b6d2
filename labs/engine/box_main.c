/* SPDX-License-Identifier: BSD-2-Clause */
/* box_main.c - lab-box: runs a program in a box, for judges that are scripts. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "box.h"

enum { EXIT_USAGE = 2, EXIT_NO_BOX = 125, LIST_MAX = 32 };

static const char usage[] =
	"usage: lab-box [options] [--] PROGRAM [ARGUMENT]...\n"
	"Runs PROGRAM in a box: namespaces of its own, another user for root, and "
	"limits\n"
	"(0: none; what LAB_LIMITS says comes first):\n"
	"  --cpu-s N (10)        --wall-s N (120)   --idle-s N (0)\n"
	"  --processes N (64)    --files N (256)    --memory-mib N (512)\n"
	"  --space-mib N (0)     --file-mib N (64)\n"
	"  --folder DIR          where it starts\n"
	"  --read PATH           it sees that too; --write PATH: and may write it\n"
	"  --set NAME=VALUE      in its environment\n"
	"  --fixed-addresses     no randomisation of addresses\n"
	"  --report FILE         how it ended, in one line\n"
	"  --walls               say which walls stand here, and end\n";

struct command {
	struct box_plan plan;
	const char *read[LIST_MAX + 1], *write[LIST_MAX + 1], *set[LIST_MAX + 1];
	const char *report;
	bool walls;
};

static const struct option options[] = {{"cpu-s", required_argument, NULL, 'l'},
					{"wall-s", required_argument, NULL, 'l'},
					{"idle-s", required_argument, NULL, 'l'},
					{"processes", required_argument, NULL, 'l'},
					{"files", required_argument, NULL, 'l'},
					{"memory-mib", required_argument, NULL, 'l'},
					{"space-mib", required_argument, NULL, 'l'},
					{"file-mib", required_argument, NULL, 'l'},
					{"folder", required_argument, NULL, 'f'},
					{"read", required_argument, NULL, 'r'},
					{"write", required_argument, NULL, 'w'},
					{"set", required_argument, NULL, 's'},
					{"fixed-addresses", no_argument, NULL, 'x'},
					{"report", required_argument, NULL, 'o'},
					{"walls", no_argument, NULL, 'W'},
					{"help", no_argument, NULL, 'h'},
					{0}};

static _Noreturn void stop(const char *what, const char *why)
{
	fprintf(stderr, "lab-box: %s: %s\n", what, why);
	exit(EXIT_USAGE);
}

static void list_add(const char **list, const char *item)
{
	size_t n = 0;
	while (list[n])
		n++;
	if (n == LIST_MAX)
		stop(item, "too many of these");
	list[n] = item;
}

/* The limits' options are their names in lab.json, with a hyphen. */
static void limit_read(struct box_limits *limits, const char *option, const char *text)
{
	char name[16], *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	snprintf(name, sizeof(name), "%s", option);
	for (char *hyphen = name; (hyphen = strchr(hyphen, '-'));)
		*hyphen = '_';
	if (end == text || *end || *text == '-' || errno ||
	    box_limit_set(limits, name, value) != 0)
		stop(option, "a whole number up to 1000000 is needed");
}

static void option_apply(struct command *c, int option, int index)
{
	switch (option) {
	case 'l':
		limit_read(&c->plan.limits, options[index].name, optarg);
		break;
	case 'f':
		c->plan.folder = optarg;
		break;
	case 'r':
		list_add(c->read, optarg);
		break;
	case 'w':
		list_add(c->write, optarg);
		break;
	case 's':
		if (!strchr(optarg, '='))
			stop(optarg, "NAME=VALUE is needed");
		list_add(c->set, optarg);
		break;
	case 'x':
		c->plan.fixed_addresses = true;
		break;
	case 'o':
		c->report = optarg;
		break;
	case 'W':
		c->walls = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	default:
		exit(EXIT_USAGE);
	}
}

static int report_write(const char *name, const char *what, const char *detail)
{
	FILE *file = name ? fopen(name, "w") : NULL;
	if (!name)
		return 0;
	if (!file || fprintf(file, "%s %s\n", what, detail) < 0 || fclose(file) != 0)
		stop(name, strerror(errno));
	return 0;
}

/* The status to end with: the subject's, 128 and a signal; for a limit, the signal that
   the kernel has for it, or SIGKILL. */
static int status_of(const struct box_end *end)
{
	switch (end->how) {
	case BOX_EXITED:
		return end->code;
	case BOX_SIGNALLED:
		return 128 + end->code;
	case BOX_CPU:
		return 128 + SIGXCPU;
	case BOX_FILE_SIZE:
		return 128 + SIGXFSZ;
	default:
		return 128 + SIGKILL;
	}
}

static int end_tell(const struct command *c, const struct box_end *end)
{
	static const char *const limits[] = {[BOX_CPU] = "cpu",
					     [BOX_MEMORY] = "memory",
					     [BOX_PROCESSES] = "processes",
					     [BOX_FILE_SIZE] = "file",
					     [BOX_IDLE] = "idle",
					     [BOX_WALL] = "wall"};
	char code[16], text[96];
	snprintf(code, sizeof(code), "%d", end->code);
	box_end_describe(end, &c->plan.limits, text, sizeof(text));
	if (end->how == BOX_EXITED)
		return report_write(c->report, "exit", code);
	if (!c->report)
		fprintf(stderr, "lab-box: %s\n", text);
	if (end->how == BOX_SIGNALLED)
		return report_write(c->report, "signal", code);
	return report_write(c->report, "limit", limits[end->how]);
}

static int run(struct command *c, char **argv)
{
	struct box box;
	struct box_end end;
	char walls[96];
	int error = box_start(&box, &c->plan, argv);
	if (error == 0)
		error = box_wait(&box, &end);
	if (error < 0) {
		if (!c->report)
			fprintf(stderr, "lab-box: %s: %s\n", argv[0], strerror(-error));
		report_write(c->report, "error", strerror(-error));
		return EXIT_NO_BOX;
	}
	if (c->walls) {
		box_walls_describe(box.walls, walls, sizeof(walls));
		puts(walls);
		return EXIT_SUCCESS;
	}
	end_tell(c, &end);
	return status_of(&end);
}

int main(int argc, char **argv)
{
	static struct command c;
	static char *nothing[] = {"true", NULL};
	int option, index = 0;
	/* A script that is killed shall leave nothing running. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	box_plan_init(&c.plan);
	c.plan.in = STDIN_FILENO;
	c.plan.out = STDOUT_FILENO;
	c.plan.err = STDERR_FILENO;
	c.plan.read = c.read;
	c.plan.write = c.write;
	c.plan.settings = c.set;
	while ((option = getopt_long(argc, argv, "+", options, &index)) != -1)
		option_apply(&c, option, index);
	if (optind == argc && !c.walls) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return run(&c, c.walls ? nothing : argv + optind);
}
