/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - duality lab: reads the command, and runs it in a child, so that the folder
   it works in goes whatever becomes of it. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/grade/commands.h"
#include "labs/grade/path.h"
#include "labs/grade/pool.h"
#include "labs/grade/stage.h"

static const char usage[] =
	"usage: duality lab check [NN] [TEST]... [--json]\n"
	"       duality lab handout NN [--seed S] [-o FILE]\n"
	"       duality lab audit NN... | --all [--jobs N]\n"
	"       duality lab grade DIR --lab NN [--out DIR] [--jobs N] [--seed S] "
	"[--one]\n"
	"       duality lab engine\n"
	"check    the public tests, on the tree in the current folder\n"
	"handout  the tarball for students\n"
	"audit    is the lab itself right?\n"
	"grade    a folder of submissions (--one: of one); goes on where it was\n"
	"engine   prints the folder of the engines, for makefiles\n"
	"NN is a lab's number, or its folder, with a slash.\n";

static const struct option options[] = {{"json", no_argument, NULL, 'j'},
					{"seed", required_argument, NULL, 's'},
					{"output", required_argument, NULL, 'o'},
					{"out", required_argument, NULL, 'o'},
					{"all", no_argument, NULL, 'a'},
					{"jobs", required_argument, NULL, 'J'},
					{"lab", required_argument, NULL, 'l'},
					{"one", no_argument, NULL, '1'},
					{"help", no_argument, NULL, 'h'},
					{"version", no_argument, NULL, 'V'},
					{0}};

static const struct {
	const char *name;
	int (*run)(const struct command_options *o);
	const char *takes; /* options */
} commands[] = {{"check", check_run, "j"},
		{"handout", handout_run, "so"},
		{"audit", audit_run, "aJ"},
		{"grade", grade_run, "oJls1"}};

static _Noreturn void stop(const char *what, const char *why)
{
	fprintf(stderr, "duality lab: %s: %s\n", what, why);
	exit(EXIT_USAGE);
}

static unsigned number_read(const char *name, const char *text, unsigned long most)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < 1 || value > most)
		stop(name, "a number from 1 is needed");
	return (unsigned)value;
}

static void option_apply(struct command_options *o, int option)
{
	switch (option) {
	case 'j':
		o->json = true;
		break;
	case 's':
		o->seed = number_read("--seed", optarg, UINT_MAX);
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'a':
		o->all = true;
		break;
	case 'J':
		o->jobs = number_read("--jobs", optarg, 64);
		break;
	case 'l':
		o->lab = optarg;
		break;
	case '1':
		o->one = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	case 'V':
		puts("duality " PACKAGE_VERSION);
		exit(EXIT_SUCCESS);
	default:
		exit(EXIT_USAGE);
	}
}

/* Folders of graders that were killed: their names end in a process that is no more. */
static void stale_remove(const char *folder)
{
	char path[PATH_MAX];
	struct stat about;
	DIR *dir = opendir(folder);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		int pid = 0;
		if (sscanf(e->d_name, "duality-lab.%d.", &pid) != 1 || pid <= 0 ||
		    kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		path_make(path, "%s/%s", folder, e->d_name);
		if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode) &&
		    about.st_uid == geteuid())
			stage_remove(path);
	}
	if (dir)
		closedir(dir);
}

/* Who is not the caller passes through it, to what is his, and lists nothing. */
static void work_make(char *path)
{
	const char *folder = getenv("TMPDIR");
	if (!folder || !*folder)
		folder = "/tmp";
	stale_remove(folder);
	path_make(path, "%s/duality-lab.%d.XXXXXX", folder, (int)getpid());
	if (!mkdtemp(path) || chmod(path, 0711) != 0)
		stop(path, strerror(errno));
}

static volatile pid_t child;

static void signal_pass(int signal)
{
	if (child > 0)
		kill(child, signal);
}

static int command_guard(struct command_options *o,
			 int (*run)(const struct command_options *))
{
	char work[PATH_MAX];
	int status = 0;
	work_make(work);
	o->work = work;
	signal(SIGTERM, signal_pass);
	signal(SIGHUP, signal_pass);
	signal(SIGINT, signal_pass);
	child = fork();
	if (child < 0)
		stop("fork", strerror(errno));
	if (child == 0) {
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(run(o));
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	stage_remove(work);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int engine_print(void)
{
	const char *engine = getenv("DUALITY_LAB_ENGINE");
	if (!engine)
		stop("DUALITY_LAB_ENGINE", "is not set; start it as `duality lab`");
	puts(engine);
	return EXIT_SUCCESS;
}

static int command_find(const char *name)
{
	for (int i = 0; name && i < (int)(sizeof(commands) / sizeof(commands[0])); i++)
		if (strcmp(name, commands[i].name) == 0)
			return i;
	return -1;
}

int main(int argc, char **argv)
{
	struct command_options o = {.jobs = pool_jobs(), .seed = 1};
	int option, which = command_find(argv[1]);
	if (argc > 1 && strcmp(argv[1], "engine") == 0 && argc == 2)
		return engine_print();
	int shift = which >= 0;
	argv[shift] = argv[0];
	while ((option = getopt_long(argc - shift, argv + shift, "o:h", options,
				     NULL)) != -1) {
		if (which >= 0 && !strchr("hV?", option) &&
		    !strchr(commands[which].takes, option))
			stop(commands[which].name,
			     "does not take such an option (see --help)");
		option_apply(&o, option);
	}
	if (which < 0) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	o.names = (const char *const *)(argv + shift + optind);
	return command_guard(&o, commands[which].run);
}
