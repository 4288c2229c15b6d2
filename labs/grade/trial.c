/* SPDX-License-Identifier: BSD-2-Clause */
/* trial.c - builds a student's tree and has it judged; the verdict is a judge's exit
 * status. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/engine/box.h"
#include "labs/grade/differ.h"
#include "labs/grade/path.h"
#include "labs/grade/run.h"
#include "labs/grade/stage.h"
#include "labs/grade/trial.h"

enum {
	JUDGE_WALL_S = 900,
	JUDGE_TEXT = 64 * 1024,
	STATUS_SKIP = 77, /* as Automake's tests say it */
	FIRST_UID = 65100,
	BUILD_CPU_S = 60,
	BUILD_WALL_S = 600,
	BUILD_TEXT = 16 * 1024,
	SETTING = PATH_MAX + 32,
	SETTINGS = 14,
};

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"none", "pass", "fail", "not run", "error"};
	return names[verdict];
}

static void judge_path(const struct trial *t, const struct lab_test *test, char *path)
{
	const char *last = strrchr(test->run, '/');
	const char *visible = strstr(test->run, "hidden") ? "hidden" : "public";
	path_make(path, "%s/%s-%s", t->judges, visible, last ? last + 1 : test->run);
	path[strlen(path) - 2] = '\0';
}

static bool is_source(const char *name)
{
	return strcmp(name + strlen(name) - 2, ".c") == 0;
}

/* judge.conf, beside the engines, says how they were compiled: CC= and CFLAGS=. */
static bool conf_read(const char *engine, char *cc, char *cflags, size_t room)
{
	char path[PATH_MAX], line[512];
	path_make(path, "%s/judge.conf", engine);
	FILE *file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "duality lab: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "CC=", 3) == 0)
			snprintf(cc, room, "%s", line + 3);
		if (strncmp(line, "CFLAGS=", 7) == 0)
			snprintf(cflags, room, "%s", line + 7);
	}
	fclose(file);
	return true;
}

static bool judge_compile(const struct trial *t, const struct lab_test *test,
			  const char *cc, const char *cflags)
{
	char out[PATH_MAX], source[PATH_MAX], command[4 * PATH_MAX];
	judge_path(t, test, out);
	if (access(out, X_OK) == 0)
		return true;
	path_make(source, "%s/%s", t->lab->dir, test->run);
	/* A compiler may be two words ("ccache gcc"), so a shell divides them. */
	snprintf(command, sizeof(command),
		 "exec %s %s -I\"$1/include\" -I\"${2%%/*}\" -o \"$3\" \"$2\" "
		 "\"$1/liblab.a\" -lm",
		 cc, cflags);
	const char *argv[] = {"sh",           "-c",   command, "sh",
			      t->lab->engine, source, out,     NULL};
	return run_tool(argv, NULL, NULL);
}

bool judges_compile(const struct lab *lab, const char *judges, bool hidden_too)
{
	const struct trial t = {.lab = lab, .judges = judges};
	char cc[512] = "cc", cflags[512] = "-g -O1 -pthread";
	if (!conf_read(lab->engine, cc, cflags, sizeof(cc)))
		return false;
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_test *test = &lab->tests[i];
		if ((hidden_too || !test->hidden) && is_source(test->run) &&
		    !judge_compile(&t, test, cc, cflags))
			return false;
	}
	return true;
}

/* The box's user is per slot; so that trials at the same time cannot reach each other.
   The caller may name the first. */
static unsigned box_uid(const struct trial *t)
{
	static unsigned first;
	const char *named = getenv("LAB_UID");
	if (first == 0 && named)
		first = (unsigned)strtoul(named, NULL, 10);
	if (first == 0)
		first = FIRST_UID;
	return first + t->slot;
}

static void box_environment_set(const struct trial *t)
{
	char text[16];
	snprintf(text, sizeof(text), "%u", box_uid(t));
	setenv("LAB_UID", text, 1);
	setenv("LAB_ENGINE", t->lab->engine, 1);
	if (!getenv("CC"))
		setenv("CC", "cc", 1);
	unsetenv("LAB_LIMITS");
}

/* The words of a command: one that may be NULL, then those of a list. */
static char **command_make(const char *first, const json_t *words)
{
	size_t n = json_array_size(words), before = first != NULL;
	char **argv = calloc(before + n + 1, sizeof(*argv));
	if (argv && first)
		argv[0] = (char *)first;
	for (size_t i = 0; argv && i < n; i++)
		argv[before + i] = (char *)json_string_value(json_array_get(words, i));
	return argv;
}

/* After the build nothing in the tree is the box's user's any more: no test may spoil
   another, even where there is no mount namespace. */
static bool tree_take_back(const char *tree)
{
	if (geteuid() != 0)
		return true;
	const char *argv[] = {"chown", "-Rh", "0:0", tree, NULL};
	return run_tool(argv, NULL, NULL);
}

/* A command in the student's tree; what it prints is build_text. */
static int tree_run(struct trial *t, const struct box_plan *plan, char **argv,
		    struct box_end *end)
{
	if (!argv)
		return -ENOMEM;
	int error = box_run(plan, argv, t->build_text, BUILD_TEXT, end);
	free(argv);
	text_clean(t->build_text);
	return error < 0 ? error : end->how == BOX_WALL ? -ETIMEDOUT : 0;
}

/* A student's write() would be called by the lab's own code as well, whose reports the
   verdicts rest on. */
static int names_look(struct trial *t, struct box_plan *plan)
{
	enum { NAMES_REFUSED = 1 }; /* of lab-names */
	char program[PATH_MAX];
	struct box_end end;
	if (json_array_size(t->lab->objects) == 0)
		return 0;
	path_make(program, "%s/lab-names", t->lab->engine);
	int error = tree_run(t, plan, command_make(program, t->lab->objects), &end);
	if (error < 0)
		return error;
	t->refused = end.how == BOX_EXITED && end.code == NAMES_REFUSED;
	t->built = end.how == BOX_EXITED && end.code == 0;
	if (t->built || t->refused)
		return 0;
	fprintf(stderr, "duality lab: %s: %s\n", program, t->build_text);
	return -ENOEXEC;
}

int trial_build(struct trial *t)
{
	char tree[PATH_MAX], why[96] = "";
	const char *write[] = {tree, NULL};
	struct box_plan plan;
	struct box_end end;
	box_environment_set(t);
	box_plan_init(&plan);
	path_make(tree, "%s/tree", t->work);
	plan.folder = tree;
	plan.write = write;
	plan.limits.cpu_s = BUILD_CPU_S;
	plan.limits.wall_s = BUILD_WALL_S;
	plan.limits.memory_bytes *= 2;
	t->build_text = calloc(1, BUILD_TEXT + 128);
	if (!t->build_text)
		return -ENOMEM;
	int error = tree_run(t, &plan, command_make(NULL, t->lab->build), &end);
	if (!tree_take_back(tree) && error == 0)
		error = -EIO;
	if (error < 0)
		return error;
	t->built = end.how == BOX_EXITED && end.code == 0;
	box_end_describe(&end, &plan.limits, why, sizeof(why));
	sprintf(t->build_text + strlen(t->build_text), "(the build: %s)\n", why);
	plan.write = NULL;
	return t->built ? names_look(t, &plan) : 0;
}

struct settings {
	char text[SETTINGS][SETTING];
	const char *list[SETTINGS + 1];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void setting_add(struct settings *s,
							      const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(s->text[s->n], SETTING, format, arguments);
	va_end(arguments);
	s->list[s->n] = s->text[s->n];
	s->list[++s->n] = NULL;
}

static void settings_make(struct settings *s, const struct trial *t,
			  const struct lab_test *test)
{
	s->n = 0;
	setting_add(s, "LAB_DIR=%s", t->lab->dir);
	setting_add(s, "LAB_ENGINE=%s", t->lab->engine);
	setting_add(s, "LAB_SCRATCH=%s/scratch", t->work);
	setting_add(s, "LAB_TEST=%s", test->name);
	setting_add(s, "LAB_LIMITS=%s", t->lab->limits);
	setting_add(s, "LAB_SEED=%u", t->seed);
	setting_add(s, "LAB_UID=%u", box_uid(t));
	setting_add(s, "CC=%s", getenv("CC") ? getenv("CC") : "cc");
	setting_add(s, "LC_ALL=C");
	setting_add(s, "TZ=UTC0");
}

static enum verdict verdict_of(const struct run_end *end)
{
	if (end->late || !WIFEXITED(end->status))
		return VERDICT_ERROR;
	switch (WEXITSTATUS(end->status)) {
	case 0:
		return VERDICT_PASS;
	case 1:
		return VERDICT_FAIL;
	case STATUS_SKIP:
		return VERDICT_NOT_RUN;
	default:
		return VERDICT_ERROR;
	}
}

static enum verdict error_outcome(struct outcome *outcome, const char *why,
				  const char *detail)
{
	char *old = outcome->text;
	if (asprintf(&outcome->text, "%s%s%s", why, detail && *detail ? ": " : "",
		     detail ? detail : "") < 0)
		outcome->text = NULL;
	free(old);
	return outcome->verdict = VERDICT_ERROR;
}

static enum verdict judge_once(const struct trial *t, const struct lab_test *test,
			       struct outcome *outcome)
{
	char judge[PATH_MAX], scratch[PATH_MAX], tree[PATH_MAX];
	static struct settings settings;
	struct run_end end;
	const char *argv[] = {judge, NULL, NULL};
	const struct run run = {.argv = argv,
				.folder = tree,
				.settings = settings.list,
				.wall_s = JUDGE_WALL_S,
				.text_most = JUDGE_TEXT};
	path_make(tree, "%s/tree", t->work);
	path_make(scratch, "%s/scratch", t->work);
	int error = stage_empty(scratch);
	if (error < 0)
		return error_outcome(outcome, scratch, strerror(-error));
	settings_make(&settings, t, test);
	if (is_source(test->run)) {
		judge_path(t, test, judge);
	} else {
		path_make(judge, "%s/%s", t->lab->dir, test->run);
		argv[0] = "sh";
		argv[1] = judge;
	}
	error = run_program(&run, &end);
	if (error < 0)
		return error_outcome(outcome, test->run, strerror(-error));
	free(outcome->text);
	outcome->text = end.text;
	outcome->verdict = verdict_of(&end);
	if (outcome->verdict == VERDICT_ERROR)
		error_outcome(outcome,
			      end.late ? "the judge did not end"
				       : "the judge itself failed",
			      outcome->text);
	return outcome->verdict;
}

/* The second run has to say and decide what the first did. */
static void judge_again(const struct trial *t, const struct lab_test *test,
			struct outcome *outcome)
{
	struct outcome second = {0};
	char why[96] = "";
	judge_once(t, test, &second);
	if (second.verdict != outcome->verdict)
		snprintf(why, sizeof(why), "two runs disagree: first %s, then %s",
			 verdict_name(outcome->verdict), verdict_name(second.verdict));
	else if (strcmp(second.text, outcome->text) != 0)
		snprintf(why, sizeof(why), "two runs print different things");
	if (why[0]) {
		char *differ = differ_tell(outcome->text, second.text);
		error_outcome(outcome, why, differ);
		free(differ);
	}
	free(second.text);
}

void trial_test(const struct trial *t, const struct lab_test *test,
		struct outcome *outcome)
{
	*outcome = (struct outcome){0};
	const char *missing = lab_missing(t->lab, test);
	if (missing) {
		error_outcome(outcome, missing, "is needed and not installed");
		outcome->verdict = VERDICT_NOT_RUN;
	} else if (!t->built && test->part != PART_WRITTEN) {
		outcome->verdict = VERDICT_FAIL;
		outcome->text = strdup(t->build_text);
	} else {
		judge_once(t, test, outcome);
		if (t->twice && outcome->verdict <= VERDICT_FAIL)
			judge_again(t, test, outcome);
	}
	if (!outcome->text)
		outcome->text = strdup("");
}

void trial_walls(char *text, size_t room)
{
	char *argv[] = {"true", NULL}, walls[16];
	struct box_plan plan;
	struct box_end end;
	struct box box;
	unsetenv("LAB_WALLS");
	box_plan_init(&plan);
	plan.folder = "/usr";
	int error = box_start(&box, &plan, argv);
	if (error == 0)
		error = box_wait(&box, &end);
	if (error < 0) {
		snprintf(text, room, "no box: %s", strerror(-error));
		return;
	}
	box_walls_describe(box.walls, text, room);
	snprintf(walls, sizeof(walls), "%u", box.walls);
	setenv("LAB_WALLS", walls, 1);
}

void trial_free(struct trial *t)
{
	free(t->build_text);
	t->build_text = NULL;
	t->built = t->refused = false;
}
