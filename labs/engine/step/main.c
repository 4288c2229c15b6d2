/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - lab-step: finds a schedule that breaks a program, and replays it. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "step.h"

enum {
	EXIT_HELD,
	EXIT_BROKEN,
	EXIT_USAGE,
	EXIT_FAILED,
	EXIT_NOT_HERE = 77, /* as Automake's tests say it */
};

enum { LIST_MAX = 64, SWITCHES_MAX = 8 };

static const char usage[] =
	"usage: lab-step [options] [--] PROGRAM [arguments]\n"
	"Looks for a schedule of the program's threads that breaks it.\n"
	"  --code NAME        switch in this function (a pattern: \"bank_*\"); may be "
	"repeated\n"
	"  --object FILE.o    switch in the functions of this object file; may be "
	"repeated\n"
	"                     (without either: in all functions of the program but "
	"main)\n"
	"  --check \"V == N\"   what variable V must be at the end (== != < > <= >=; "
	"N: a\n"
	"                     number or a variable); may be repeated\n"
	"  --status N|any     the exit status it must end with (0)\n"
	"  --switches N       try schedules of at most N switches (2)\n"
	"  --schedules N      try at most N schedules (20000)\n"
	"  --steps N          a run of more instructions has no end (50000)\n"
	"  --every            switch at every instruction, also where it can make no "
	"difference\n"
	"  --replay SCHEDULE  run it once, under this schedule (1:17,2: thread 1 to "
	"its 17th\n"
	"                     instruction, thread 2 to its end)\n"
	"  --replay-file FILE the same, from a file\n"
	"  --again COMMAND    print this as the command that replays; % is the "
	"schedule\n"
	"Exit status: 0 it held, 1 it is broken, 2 bad usage, 3 not tried to the end,\n"
	"77 tracing is not allowed here.\n";

struct lists {
	const char *names[LIST_MAX], *objects[LIST_MAX], *checks[LIST_MAX];
	size_t n_names, n_objects, n_checks;
};

enum choice {
	OPT_CODE = 256,
	OPT_OBJECT,
	OPT_CHECK,
	OPT_STATUS,
	OPT_SWITCHES,
	OPT_SCHEDULES,
	OPT_STEPS,
	OPT_EVERY,
	OPT_REPLAY,
	OPT_REPLAY_FILE,
	OPT_AGAIN,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option options_known[] = {
	{"code", required_argument, NULL, OPT_CODE},
	{"object", required_argument, NULL, OPT_OBJECT},
	{"check", required_argument, NULL, OPT_CHECK},
	{"status", required_argument, NULL, OPT_STATUS},
	{"switches", required_argument, NULL, OPT_SWITCHES},
	{"schedules", required_argument, NULL, OPT_SCHEDULES},
	{"steps", required_argument, NULL, OPT_STEPS},
	{"every", no_argument, NULL, OPT_EVERY},
	{"replay", required_argument, NULL, OPT_REPLAY},
	{"replay-file", required_argument, NULL, OPT_REPLAY_FILE},
	{"again", required_argument, NULL, OPT_AGAIN},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static bool list_add(const char **list, size_t *n, const char *word)
{
	if (*n == LIST_MAX - 1) { /* the last stays NULL */
		fprintf(stderr, "lab-step: more than %d of an option\n", LIST_MAX - 1);
		return false;
	}
	list[(*n)++] = word;
	return true;
}

static bool number_get(const char *name, const char *text, unsigned most,
		       unsigned *number)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (end == text || *end || errno || value > most || *text == '-') {
		fprintf(stderr, "lab-step: --%s: \"%s\" is no number up to %u\n", name,
			text, most);
		return false;
	}
	*number = (unsigned)value;
	return true;
}

static bool status_get(const char *text, int *status)
{
	unsigned number = 0;
	*status = STEP_STATUS_ANY;
	if (strcmp(text, "any") == 0)
		return true;
	bool good = number_get("status", text, 255, &number);
	*status = (int)number;
	return good;
}

static bool replay_get(const char *text, bool file, struct turns *turns)
{
	char wrong[256];
	int status = file ? turns_read(turns, text, wrong, sizeof(wrong))
			  : turns_parse(turns, text, wrong, sizeof(wrong));
	if (status < 0)
		fprintf(stderr, "lab-step: %s: %s\n", file ? text : "--replay", wrong);
	return status == 0;
}

static bool option_take(int option, struct step_options *o, struct lists *l,
			struct turns *turns, bool *replay)
{
	enum { MANY = 100000000 };
	switch (option) {
	case OPT_CODE:
		return list_add(l->names, &l->n_names, optarg);
	case OPT_OBJECT:
		return list_add(l->objects, &l->n_objects, optarg);
	case OPT_CHECK:
		return list_add(l->checks, &l->n_checks, optarg);
	case OPT_STATUS:
		return status_get(optarg, &o->status);
	case OPT_SWITCHES:
		return number_get("switches", optarg, SWITCHES_MAX, &o->switches);
	case OPT_SCHEDULES:
		return number_get("schedules", optarg, MANY, &o->schedules);
	case OPT_STEPS:
		return number_get("steps", optarg, MANY, &o->steps);
	case OPT_EVERY:
		o->every = true;
		return true;
	case OPT_REPLAY:
	case OPT_REPLAY_FILE:
		turns_free(turns);
		*replay = true;
		return replay_get(optarg, option == OPT_REPLAY_FILE, turns);
	case OPT_AGAIN:
		o->again = optarg;
		return true;
	default:
		fprintf(stderr, "lab-step: see lab-step --help\n");
		return false;
	}
}

/* Words as a shell reads them back, each with a blank before it. */
static char *words_quote(char *const *word, int n)
{
	size_t room = 1, length = 0;
	for (int i = 0; i < n; i++)
		room += strlen(word[i]) * 4 + 4;
	char *text = calloc(1, room);
	for (int i = 0; text && i < n; i++) {
		size_t plain = strspn(word[i], "abcdefghijklmnopqrstuvwxyz0123456789"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-./:=,+");
		const char *quote = plain > 0 && !word[i][plain] ? "" : "'";
		length += (size_t)sprintf(text + length, " %s", quote);
		for (const char *c = word[i]; *c; c++)
			length += (size_t)sprintf(text + length,
						  *c == '\'' ? "'\\''" : "%c", *c);
		length += (size_t)sprintf(text + length, "%s", quote);
	}
	return text;
}

/* This command, without a schedule that it had: what stands before a schedule and what
   behind. */
static void command_keep(struct step_options *o, char **argv, int program, char **kept)
{
	int n = 0, more = 0;
	char **words = calloc((size_t)program + 1, sizeof(*words));
	for (int i = 1; words && i < program; i++) {
		if (strcmp(argv[i], "--replay") == 0 ||
		    strcmp(argv[i], "--replay-file") == 0)
			i++;
		else if (strncmp(argv[i], "--replay", 8) != 0 &&
			 strcmp(argv[i], "--") != 0)
			words[n++] = argv[i];
	}
	while (argv[program + more])
		more++;
	char *before = words ? words_quote(words, n) : NULL;
	char *behind = words_quote(argv + program, more);
	free(words);
	if (before && asprintf(&kept[0], "lab-step%s --replay '", before) < 0)
		kept[0] = NULL;
	if (behind && asprintf(&kept[1], "' --%s", behind) < 0)
		kept[1] = NULL;
	free(before);
	free(behind);
	o->again = kept[1] ? kept[0] : NULL;
	o->behind = kept[1];
}

/* A command that was given: its "%" is where the schedule stands. */
static void command_given(struct step_options *o, char *command, char **kept)
{
	char *place = strchr(command, '%');
	kept[0] = place ? strndup(command, (size_t)(place - command)) : NULL;
	o->again = kept[0] ? kept[0] : command;
	o->behind = place ? place + 1 : "";
}

/* Each second: waits return, and see who has died and whether time is over. */
static void alarm_take(int signal)
{
	(void)signal;
}

/* Tracer and traced take turns: on one processor that is a switch, on two a wake-up,
   which takes twice as long. */
static void processor_keep(void)
{
	int here = sched_getcpu();
	cpu_set_t one;
	CPU_ZERO(&one);
	if (here >= 0 && here < CPU_SETSIZE) {
		CPU_SET((unsigned)here, &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
}

static int step_do(struct step_options *o, const struct turns *turns, bool replay)
{
	enum { OUTPUT_BYTES = 4 << 20 };
	const struct itimerval second = {{1, 0}, {1, 0}}, never = {{0, 0}, {0, 0}};
	struct sigaction quit = {.sa_handler =
					 alarm_take}; /* no SA_RESTART: waits return */
	sigaction(SIGALRM, &quit, NULL);
	/* What is printed waits for the timer's end, as its signal may cut a write
	 * short. */
	setvbuf(stdout, NULL, _IOFBF, OUTPUT_BYTES);
	setitimer(ITIMER_REAL, &second, NULL);
	processor_keep();
	int status = replay ? step_replay(o, turns, stdout) : step_search(o, stdout);
	setitimer(ITIMER_REAL, &never, NULL);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "lab-step: standard output: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	if (status >= 0)
		return status ? EXIT_BROKEN : EXIT_HELD;
	if (status == -EPERM || status == -ENOSYS)
		return EXIT_NOT_HERE;
	return status == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct step_options o;
	struct lists lists = {{0}, {0}, {0}, 0, 0, 0};
	struct turns turns = {0};
	bool replay = false;
	int option;
	char *kept[2] = {NULL, NULL};
	step_options_init(&o);
	while ((option = getopt_long(argc, argv, "+", options_known, NULL)) >= 0) {
		if (option == OPT_HELP || option == OPT_VERSION) {
			fputs(option == OPT_HELP ? usage
						 : "lab-step " PACKAGE_VERSION "\n",
			      stdout);
			return EXIT_HELD;
		}
		if (!option_take(option, &o, &lists, &turns, &replay))
			return EXIT_USAGE;
	}
	if (optind == argc) {
		fprintf(stderr, "lab-step: which program? (see lab-step --help)\n");
		return EXIT_USAGE;
	}
	o.argv = argv + optind;
	o.names = lists.n_names ? lists.names : NULL;
	o.objects = lists.n_objects ? lists.objects : NULL;
	o.checks = lists.checks;
	if (o.again)
		command_given(&o, (char *)(uintptr_t)o.again, kept);
	else
		command_keep(&o, argv, optind, kept);
	int status = step_do(&o, &turns, replay);
	turns_free(&turns);
	free(kept[0]);
	free(kept[1]);
	return status;
}
