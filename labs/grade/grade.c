/* SPDX-License-Identifier: BSD-2-Clause */
/* grade.c - duality lab grade: a folder of submissions, each in a process of its own;
   what has been judged is on disk after each test, so that a grader that was killed
   goes on there. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "labs/grade/commands.h"
#include "labs/grade/grade_table.h"
#include "labs/grade/path.h"
#include "labs/grade/pool.h"
#include "labs/grade/result.h"
#include "labs/grade/run.h"
#include "labs/grade/stage.h"

enum { LOCK_TRIES = 50 };

struct grade {
	const struct command_options *options;
	struct lab lab;
	char **names; /* of the submissions */
	size_t n, done;
	char one[PATH_MAX]; /* the submission, if it is alone */
	char out[PATH_MAX], judges[PATH_MAX], pristine[PATH_MAX];
	char walls[160];
	uint64_t lab_sum;
};

static int failure(const char *what, int error)
{
	fprintf(stderr, "duality lab grade: %s: %s\n", what, strerror(-error));
	return EXIT_USAGE;
}

static void out_folder(const struct grade *g, const char *name, char *path)
{
	if (g->options->one)
		path_make(path, "%s", g->out);
	else
		path_make(path, "%s/%s", g->out, name);
}

/* The starter's tree, with what the submission may bring over it. */
static int tree_stage(const struct grade *g, const char *name, const char *folder,
		      struct result *r)
{
	char tree[PATH_MAX], from[PATH_MAX], inner[PATH_MAX];
	size_t room;
	const char *argv[] = {"cp", "-R", g->pristine, tree, NULL};
	path_make(tree, "%s/tree", folder);
	path_make(from, "%s%s%s", g->options->folder, g->options->one ? "" : "/",
		  g->options->one ? "" : name);
	int error = stage_empty(folder);
	if (error < 0 || chmod(folder, 0711) != 0)
		return error < 0 ? error : -errno;
	if (!run_tool(argv, NULL, NULL))
		return -EIO;
	FILE *notes = open_memstream(&r->notes, &room);
	if (!notes)
		return -errno;
	if (stage_folder(&g->lab, from, inner))
		error = stage_take(&g->lab, inner, tree, notes, &r->sum);
	else
		error = -ENOTDIR;
	if (error == 0)
		fputs("No file of this lab is in the submission.\n", notes);
	fclose(notes);
	r->sum = stage_sum(r->sum, &g->lab_sum, sizeof(g->lab_sum));
	return error < 0 ? error : 0;
}

/* Every test that has no verdict yet, writing the results after each. */
static int tests_run(struct trial *t, struct result *r, const char *out)
{
	int error = trial_build(t);
	for (size_t i = 0; error == 0 && i < r->lab->n; i++) {
		struct outcome *o = &r->outcomes[i];
		if (o->verdict == VERDICT_PASS || o->verdict == VERDICT_FAIL)
			continue;
		free(o->text);
		trial_test(t, &r->lab->tests[i], o);
		error = result_write(r, out);
	}
	return error;
}

static int submission_grade(const struct grade *g, const char *name, unsigned slot,
			    struct result *r)
{
	char folder[PATH_MAX], out[PATH_MAX];
	struct trial t = {.lab = &g->lab,
			  .work = folder,
			  .judges = g->judges,
			  .slot = slot,
			  .seed = g->options->seed,
			  .twice = true};
	path_make(folder, "%s/%u", g->options->work, slot);
	out_folder(g, name, out);
	if (mkdir(out, 0755) != 0 && errno != EEXIST)
		return -errno;
	int error = tree_stage(g, name, folder, r);
	if (error == 0) {
		result_read(r, out);
		error = result_complete(r) ? 0 : tests_run(&t, r, out);
	}
	trial_free(&t);
	stage_remove(folder);
	return error;
}

static int grade_work(void *context, size_t i, unsigned slot)
{
	const struct grade *g = context;
	struct result r;
	int error = result_make(&r, &g->lab, g->names[i]);
	r.walls = g->walls;
	if (error == 0)
		error = submission_grade(g, g->names[i], slot, &r);
	result_free(&r);
	return error < 0 ? failure(g->names[i], error) : EXIT_SUCCESS;
}

/* The table is written anew each time: a grader that is killed leaves one that is
 * right. */
static void grade_done(void *context, size_t i, int status)
{
	struct grade *g = context;
	g->done++;
	if (WIFSIGNALED(status))
		fprintf(stderr,
			"duality lab grade: %s: its grader ended with signal %d\n",
			g->names[i], WTERMSIG(status));
	fprintf(stderr, "%zu of %zu: %s\n", g->done, g->n, g->names[i]);
	if (!g->options->one)
		table_write(g->out, &g->lab, g->names, g->n);
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Folders, in the order of their names; anything else is told and left. */
static int submissions_list(struct grade *g)
{
	struct dirent **list;
	struct stat about;
	int folder = open(g->options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n = folder < 0 ? -1 : scandirat(folder, ".", &list, not_hidden, alphasort);
	if (n < 0)
		return failure(g->options->folder, -errno);
	g->names = calloc((size_t)n + 1, sizeof(*g->names));
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(about.st_mode))
			g->names[g->n++] = strdup(name);
		else
			fprintf(stderr, "duality lab grade: %s: no folder, left out\n",
				name);
		free(list[i]);
	}
	free(list);
	close(folder);
	return EXIT_SUCCESS;
}

/* A submission alone is the instructor's choice, by whatever name; below a folder of
   many no link is followed. */
static int names_make(struct grade *g, struct command_options *o)
{
	if (!o->one)
		return submissions_list(g);
	o->folder = realpath(o->folder, g->one);
	if (!o->folder)
		return failure(o->names[0], -errno);
	g->names = calloc(2, sizeof(*g->names));
	g->names[g->n++] = strdup("submission");
	return EXIT_SUCCESS;
}

/* Two graders of one folder would write over each other.  The lock goes with the
 * process. */
static int out_prepare(struct grade *g)
{
	char lock[PATH_MAX];
	const char *out = g->options->output ? g->options->output : "results";
	if (mkdir(out, 0755) != 0 && errno != EEXIST)
		return failure(out, -errno);
	if (!realpath(out, g->out))
		return failure(out, -errno);
	path_make(lock, "%s/.lock", g->out);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return failure(lock, -errno);
	/* The children of one that was killed need a moment to follow it. */
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	for (int tries = LOCK_TRIES; flock(fd, LOCK_EX | LOCK_NB) != 0; tries--) {
		if (errno != EWOULDBLOCK || tries == 0)
			return failure(g->out, errno == EWOULDBLOCK ? -EBUSY : -errno);
		nanosleep(&pause, NULL);
	}
	return EXIT_SUCCESS;
}

static int lab_prepare(struct grade *g)
{
	char *dir = lab_find(g->options->lab);
	bool good = dir && lab_open(&g->lab, dir);
	free(dir);
	if (!good)
		return EXIT_USAGE;
	const char *missing = lab_missing(&g->lab, NULL);
	if (missing)
		return failure(missing, -ENOENT);
	g->lab_sum = stage_sum_tree(g->lab.dir);
	g->lab_sum = stage_sum(g->lab_sum, &g->options->seed, sizeof(g->options->seed));
	path_make(g->judges, "%s/judges", g->options->work);
	path_make(g->pristine, "%s/pristine", g->options->work);
	if (mkdir(g->judges, 0700) != 0)
		return failure(g->judges, -errno);
	if (!tree_make(&g->lab, "starter", NULL, g->pristine) ||
	    !judges_compile(&g->lab, g->judges, true))
		return EXIT_USAGE;
	trial_walls(g->walls, sizeof(g->walls));
	return EXIT_SUCCESS;
}

static int all_grade(struct grade *g)
{
	const struct pool pool = {.n = g->n,
				  .jobs = g->options->jobs,
				  .work = grade_work,
				  .done = grade_done,
				  .context = g};
	fprintf(stderr, "Lab %d: %zu submissions.  Walls: %s\n", g->lab.number, g->n,
		g->walls);
	int error = pool_run(&pool);
	if (error < 0)
		return failure("fork", error);
	if (g->options->one)
		return EXIT_SUCCESS;
	size_t regrade;
	error = table_write(g->out, &g->lab, g->names, g->n);
	if (error < 0)
		return failure(g->out, error);
	regrade = table_regrade(g->out, &g->lab, g->names, g->n);
	printf("%s/grades.csv\n", g->out);
	if (regrade > 0)
		printf("%zu tests could not be judged: %s/regrade.tsv; run this "
		       "again\n",
		       regrade, g->out);
	return regrade > 0 ? EXIT_FINDING : EXIT_SUCCESS;
}

int grade_run(const struct command_options *options)
{
	static struct grade g;
	struct command_options o = *options;
	o.folder = o.names[0];
	g.options = &o;
	if (!o.folder || o.names[1] || !o.lab) {
		fprintf(stderr,
			"duality lab grade: one folder, and --lab NN, are needed\n");
		return EXIT_USAGE;
	}
	int status = out_prepare(&g);
	if (status == EXIT_SUCCESS)
		status = lab_prepare(&g);
	if (status == EXIT_SUCCESS)
		status = names_make(&g, &o);
	if (status == EXIT_SUCCESS)
		status = all_grade(&g);
	for (size_t i = 0; i < g.n; i++)
		free(g.names[i]);
	free(g.names);
	lab_close(&g.lab);
	return status;
}
