/* SPDX-License-Identifier: BSD-2-Clause */
/* handout.c - duality lab handout: packs what students get, and fails closed: only what
   is listed here is packed, and it is unpacked again, searched for the canary, and
   built. */
#include "config.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/grade/commands.h"
#include "labs/grade/path.h"
#include "labs/grade/result.h"
#include "labs/grade/run.h"
#include "labs/grade/stage.h"

/* In two parts, so that this file does not have it. */
static const char canary[] = "LAB-"
			     "SECRET";

enum { FOLDERS_OPEN = 16 };

static bool trouble(const char *what, const char *why)
{
	fprintf(stderr, "duality lab handout: %s: %s\n", what, why);
	return false;
}

bool tree_make(const struct lab *lab, const char *kind, const char *name,
	       const char *dir)
{
	char program[PATH_MAX], setting[PATH_MAX + 16];
	const char *argv[] = {program, kind, name ? name : dir, name ? dir : NULL,
			      NULL};
	const char *settings[] = {setting, NULL};
	path_make(program, "%s/lab-tree", lab->engine);
	snprintf(setting, sizeof(setting), "LAB_DIR=%s", lab->dir);
	return run_tool(argv, NULL, settings);
}

static int file_search(const char *path, const struct stat *about, int kind,
		       struct FTW *where)
{
	(void)where;
	bool found = strstr(path, canary) != NULL;
	if (kind == FTW_DNR || kind == FTW_NS)
		return trouble(path, "cannot be searched"), 1;
	if (kind == FTW_SL)
		return trouble(path, "a link is not handed out"), 1;
	if (kind != FTW_F)
		return 0;
	FILE *file = fopen(path, "r");
	char *bytes = malloc((size_t)about->st_size + 1);
	size_t n = file && bytes ? fread(bytes, 1, (size_t)about->st_size, file) : 0;
	bool whole = n == (size_t)about->st_size;
	found |= whole && memmem(bytes, n, canary, strlen(canary));
	free(bytes);
	if (file)
		fclose(file);
	if (!whole || found)
		trouble(path,
			found ? "holds the canary: something secret would be handed out"
			      : "cannot be read");
	return !whole || found;
}

static bool is_clean(const char *folder)
{
	return nftw(folder, file_search, FOLDERS_OPEN, FTW_PHYS) == 0;
}

/* lab.json as students get it: no hidden test, nothing that is for the audit. */
static bool json_write(const struct lab *lab, unsigned seed, const char *folder)
{
	char path[PATH_MAX];
	json_t *json = json_deep_copy(lab->json), *tests = json_array();
	for (size_t i = 0; i < lab->n; i++)
		if (!lab->tests[i].hidden)
			json_array_append(
				tests,
				json_array_get(json_object_get(json, "tests"), i));
	json_object_set_new(json, "tests", tests);
	json_object_del(json, "mutants");
	json_object_del(json, "starter_score");
	json_object_set_new(json, "seed", json_integer(seed));
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	path_make(path, "%s/lab.json", folder);
	int error = text ? file_replace(path, text) : -ENOMEM;
	free(text);
	json_decref(json);
	return error == 0 || trouble(path, strerror(-error));
}

/* stage/lab-NN, of which nothing else will be packed. */
static bool stage_fill(const struct lab *lab, unsigned seed, const char *top,
		       const char *folder)
{
	char tests[PATH_MAX], text[PATH_MAX], public[PATH_MAX];
	const char *make[] = {"mkdir", "-p", tests, NULL};
	const char *copy_text[] = {"cp", text, folder, NULL};
	const char *copy_tests[] = {"cp", "-R", public, tests, NULL};
	path_make(tests, "%s/tests", folder);
	path_make(text, "%s/handout.md", lab->dir);
	path_make(public, "%s/tests/public", lab->dir);
	int error = stage_empty(top);
	if (error < 0)
		return trouble(top, strerror(-error));
	return tree_make(lab, "starter", NULL, folder) && run_tool(make, NULL, NULL) &&
	       run_tool(copy_text, NULL, NULL) && run_tool(copy_tests, NULL, NULL) &&
	       json_write(lab, seed, folder);
}

/* The same bytes each time: gzip -n leaves name and time out, tar has them fixed. */
static bool pack(const char *top, const char *name, const char *tar)
{
	const char *argv[] = {"tar",
			      "--sort=name",
			      "--mtime=@0",
			      "--owner=0",
			      "--group=0",
			      "--numeric-owner",
			      "--format=ustar",
			      "--mode=u+rwX,go+rX,go-w",
			      "-cf",
			      tar,
			      "-C",
			      top,
			      name,
			      NULL};
	const char *zip[] = {"gzip", "-n", "-9", "-f", tar, NULL};
	return run_tool(argv, NULL, NULL) && run_tool(zip, NULL, NULL);
}

/* As a student does it: unpack, make. */
static bool pack_try(const struct lab *lab, const char *packed, const char *name,
		     const char *work)
{
	char tree[PATH_MAX], top[PATH_MAX], unpacked[PATH_MAX];
	struct trial t = {.lab = lab, .work = work};
	path_make(top, "%s/unpacked", work);
	path_make(unpacked, "%s/%s", top, name);
	path_make(tree, "%s/tree", work);
	const char *argv[] = {"tar", "-xzf", packed, "-C", top, NULL};
	if (stage_empty(top) < 0 || stage_remove(tree) < 0)
		return trouble(top, strerror(errno));
	if (!run_tool(argv, NULL, NULL) || !is_clean(top))
		return false;
	if (rename(unpacked, tree) != 0)
		return trouble(unpacked, strerror(errno));
	int error = trial_build(&t);
	if (error < 0 || !t.built)
		trouble("the handout does not build",
			error < 0 ? strerror(-error) : t.build_text);
	bool built = error == 0 && t.built;
	trial_free(&t);
	return built;
}

bool handout_make(const struct lab *lab, unsigned seed, const char *path,
		  const char *work)
{
	char name[16], top[PATH_MAX], folder[PATH_MAX], tar[PATH_MAX], packed[PATH_MAX];
	snprintf(name, sizeof(name), "lab-%02d", lab->number);
	path_make(top, "%s/handout", work);
	path_make(folder, "%s/%s", top, name);
	path_make(tar, "%s/handout.tar", work);
	path_make(packed, "%s.gz", tar);
	const char *move[] = {"mv", "-f", packed, path, NULL};
	return stage_fill(lab, seed, top, folder) && is_clean(folder) &&
	       pack(top, name, tar) && pack_try(lab, packed, name, work) &&
	       run_tool(move, NULL, NULL);
}

int handout_run(const struct command_options *o)
{
	struct lab lab;
	char path[PATH_MAX];
	char *dir = o->names[0] && !o->names[1] ? lab_find(o->names[0]) : NULL;
	if (!dir) {
		if (!o->names[0] || o->names[1])
			trouble("which lab?", "one number, or a folder, is needed");
		return EXIT_USAGE;
	}
	bool good = lab_open(&lab, dir);
	free(dir);
	if (!good)
		return EXIT_USAGE;
	path_make(path, "lab-%02d.tar.gz", lab.number);
	good = handout_make(&lab, o->seed, o->output ? o->output : path, o->work);
	if (good)
		printf("%s\n", o->output ? o->output : path);
	lab_close(&lab);
	return good ? EXIT_SUCCESS : EXIT_FINDING;
}
