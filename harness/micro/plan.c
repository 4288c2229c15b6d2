/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.c - asks the programs that measure primitives what they can, and runs them. */
#include "config.h"

#include "harness/micro/plan.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/targets/capture.h"

enum { LIST_MS = 10000, MEASURE_MS = 300000, RUNTIMES = 13, FIELDS = 6 };

/* In the order of tables, and what a build without it lacks. */
static const struct {
	const char *name, *lacks;
} runtimes[RUNTIMES] = {
	{"process", "nothing"},
	{"process-relinquish", "nothing"},
	{"thread", "nothing"},
	{"thread-relinquish", "nothing"},
	{"pth", "GNU Pth (Debian: libpth-dev)"},
	{"st", "State Threads (Debian: libst-dev)"},
	{"fiber", "a context switch for this machine"},
	{"fiber-uring", "liburing 2.3, or a context switch for this machine"},
	{"fiber-relinquish", "a context switch for this machine"},
	{"event", "nothing"},
	{"boost", "Boost.Context (Debian: libboost-context-dev)"},
	{"go", "go 1.19 or later (Debian: golang-go)"},
	{"call", "assembly for this machine"},
};

__attribute__((format(printf, 2, 3))) static void plan_absent(struct plan *p,
							      const char *format, ...)
{
	va_list args;
	void *grown = realloc(p->absent, (p->absents + 1) * sizeof *p->absent);
	if (!grown)
		return;
	p->absent = grown;
	va_start(args, format);
	vsnprintf(p->absent[p->absents++], PLAN_NOTE, format, args);
	va_end(args);
}

static void program_path(const struct plan *p, const char *runtime, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/micro-%s", p->folder, runtime);
}

/* "was killed by a signal" and the like, of what capture_run returned. */
static const char *failure_text(int status, char text[PLAN_NAME])
{
	if (status == -ECHILD)
		return "died of a signal";
	if (status == -ETIMEDOUT)
		return "took too long";
	if (status < 0)
		return strerror(-status);
	snprintf(text, PLAN_NAME, "ended with status %d", status);
	return text;
}

/* Cut a line at its tabs; returns how many fields there are, FIELDS at most. */
static int line_cut(char *line, char *field[FIELDS])
{
	int n = 0;
	while (n < FIELDS && line)
		field[n++] = strsep(&line, "\t");
	return n;
}

/* Is it of this primitive, whatever its size? */
static bool wish_names(const char *wish, const char *primitive)
{
	size_t length = strcspn(wish, "@");
	return strncmp(wish, primitive, length) == 0 && !primitive[length];
}

/* Does "switch" or "switch@10" ask for it?  What has no sizes has 0 for one, which
 * nobody may ask for. */
static bool wish_is(const char *wish, const char *primitive, unsigned live)
{
	size_t length = strcspn(wish, "@");
	char *end;
	if (!wish_names(wish, primitive))
		return false;
	if (!wish[length])
		return true;
	return live > 0 && strtoul(wish + length + 1, &end, 10) == live && !*end;
}

/* What became of a wish. */
struct fate {
	bool met;
	bool known;            /* the program that was asked last lists its primitive */
	char sizes[PLAN_NOTE]; /* that there are of its primitive: " 1 10 100" */
	char others[PLAN_NOTE]; /* runtimes left out that measure it: " thread fiber" */
};

/* Remember a size that there is, once; what finds no room is left out. */
static void fate_size(struct fate *fate, unsigned live)
{
	char text[PLAN_NAME], *end = fate->sizes + strlen(fate->sizes);
	const char *at = fate->sizes;
	int length = snprintf(text, sizeof text, " %u", live);
	while ((at = strstr(at, text))) {
		at += length;
		if (*at == ' ' || !*at)
			return;
	}
	if (end + length < fate->sizes + sizeof fate->sizes)
		memcpy(end, text, (size_t)length + 1);
}

/* Is what a program lacks asked for, in whatever size? */
static bool lack_wished(const struct wish *wish, struct fate *fate,
			const char *primitive)
{
	bool any = !wish->primitives[0];
	for (size_t i = 0; wish->primitives[i]; i++) {
		if (!wish_names(wish->primitives[i], primitive))
			continue;
		any = fate[i].known = true;
		fate[i].met |= !strchr(wish->primitives[i], '@');
	}
	return any;
}

/* Is it asked for, by whichever wish? */
static bool wished(const struct wish *wish, struct fate *fate, const char *primitive,
		   unsigned live)
{
	bool any = !wish->primitives[0];
	for (size_t i = 0; wish->primitives[i]; i++) {
		fate[i].known |= wish_names(wish->primitives[i], primitive);
		if (wish_is(wish->primitives[i], primitive, live))
			any = fate[i].met = true;
	}
	return any;
}

static void sizes_note(const struct wish *wish, struct fate *fate,
		       const char *primitive, unsigned live)
{
	for (size_t i = 0; wish->primitives[i]; i++) {
		if (wish_names(wish->primitives[i], primitive))
			fate_size(&fate[i], live);
	}
}

/* What is wrong with a wish that was of no use. */
static const char *fate_text(const struct fate *fate)
{
	if (!*fate->sizes)
		return "no runtime here measures such a thing";
	if (strcmp(fate->sizes, " 0") == 0)
		return "it has no sizes: leave out what follows the name";
	return "it is not measured at this size, but at these:";
}

/* Whatever was asked for and is not: 0, or -EINVAL after one line on standard error. */
static int wishes_judge(const struct wish *wish, const struct fate *fate)
{
	for (size_t i = 0; wish->primitives[i]; i++) {
		if (fate[i].met)
			continue;
		fprintf(stderr, "duality micro: %s: %s%s%s%s\n", wish->primitives[i],
			fate_text(&fate[i]),
			strcmp(fate[i].sizes, " 0") ? fate[i].sizes : "",
			*fate[i].others ? "; with --runtimes these would:" : "",
			fate[i].others);
		return -EINVAL;
	}
	return 0;
}

static int item_add(struct plan *p, const char *runtime, char *const *field,
		    unsigned live)
{
	struct item *grown = realloc(p->item, (p->n + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	p->item = grown;
	struct item *item = &p->item[p->n++];
	*item = (struct item){.live = live};
	snprintf(item->runtime, sizeof item->runtime, "%s", runtime);
	snprintf(item->primitive, sizeof item->primitive, "%s", field[0]);
	snprintf(item->unit, sizeof item->unit, "%s", field[2]);
	return 0;
}

/* A line of --list: primitive, live, unit, "named" where "all" does not mean it; or
 * primitive, "-", why not. */
static int line_take(struct plan *p, const struct wish *wish, struct fate *fate,
		     const char *runtime, char *line)
{
	char *field[FIELDS];
	int fields = line_cut(line, field);
	bool named = fields == 4 && strcmp(field[3], "named") == 0;
	if ((fields != 3 && !named) || (named && !wish->primitives[0]))
		return 0;
	unsigned live = (unsigned)strtoul(field[1], NULL, 10);
	bool lacks = strcmp(field[1], "-") == 0;
	if (!lacks)
		sizes_note(wish, fate, field[0], live);
	if (lacks ? !lack_wished(wish, fate, field[0])
		  : !wished(wish, fate, field[0], live))
		return 0;
	if (lacks)
		plan_absent(p, "%s %s: %s", runtime, field[0], field[2]);
	else if (live > wish->most)
		plan_absent(p, "%s %s@%u: left out (--most %u)", runtime, field[0],
			    live, wish->most);
	else
		return item_add(p, runtime, field, live);
	return 0;
}

/* A program asked for by name that says nothing of a wish at all. */
static void unknown_note(struct plan *p, const struct wish *wish,
			 const struct fate *fate, const char *runtime)
{
	for (size_t i = 0; wish->runtimes && wish->primitives[i]; i++) {
		if (!fate[i].known)
			plan_absent(p, "%s %s: is not measured of this runtime",
				    runtime, wish->primitives[i]);
	}
}

static int program_ask(struct plan *p, const struct wish *wish, struct fate *fate,
		       size_t which)
{
	char path[PATH_MAX], text[PLAN_NAME], option[] = "--list";
	char *argv[] = {path, option, NULL}, *out = NULL;
	const char *runtime = runtimes[which].name;
	int status = 0;
	program_path(p, runtime, path);
	if (access(path, X_OK) < 0) {
		plan_absent(p, "%s: not built: configure did not find %s", runtime,
			    runtimes[which].lacks);
		return 0;
	}
	int ended = capture_run(argv, LIST_MS, &out);
	if (ended != 0) {
		plan_absent(p, "%s: FAILED: %s --list %s", runtime, path,
			    failure_text(ended, text));
		p->failed = true;
	}
	char *rest = ended == 0 ? out : NULL, *line;
	for (size_t i = 0; wish->primitives[i]; i++)
		fate[i].known = ended != 0;
	while (status == 0 && (line = strsep(&rest, "\n")))
		status = line_take(p, wish, fate, runtime, line);
	unknown_note(p, wish, fate, runtime);
	free(out);
	return status;
}

/* Mark the runtimes a list names. */
static int runtimes_read(const char *names, bool asked[RUNTIMES])
{
	char *text = strdup(names), *rest = text, *name;
	int status = text ? 0 : -ENOMEM;
	while (status == 0 && (name = strsep(&rest, " ,"))) {
		size_t i = 0;
		while (i < RUNTIMES && strcmp(runtimes[i].name, name) != 0)
			i++;
		if (i < RUNTIMES)
			asked[i] = true;
		else if (*name) {
			fprintf(stderr, "duality micro: --runtimes: no such one: %s\n",
				name);
			status = -EINVAL;
		}
	}
	free(text);
	return status;
}

/* Remember which of the runtimes that were left out measure what none here does: those
 * for which it would have sizes. */
static void others_ask(const struct plan *p, const struct wish *wish, struct fate *fate,
		       const bool asked[RUNTIMES])
{
	char *one[] = {NULL, NULL};
	const struct wish alone = {NULL, one, wish->most};
	for (size_t i = 0; wish->runtimes && wish->primitives[i]; i++) {
		one[0] = wish->primitives[i];
		for (size_t k = 0; k < RUNTIMES && !fate[i].met && !*fate[i].sizes;
		     k++) {
			struct plan aside = {.folder = p->folder};
			struct fate its[2] = {0};
			size_t end = strlen(fate[i].others);
			if (!asked[k] && program_ask(&aside, &alone, its, k) == 0 &&
			    *its->sizes)
				snprintf(fate[i].others + end, PLAN_NOTE - end, " %s",
					 runtimes[k].name);
			plan_free(&aside);
		}
	}
}

int plan_make(struct plan *p, const struct wish *wish)
{
	bool asked[RUNTIMES] = {0};
	size_t wishes = 0;
	int status = wish->runtimes ? runtimes_read(wish->runtimes, asked) : 0;
	while (wish->primitives[wishes])
		wishes++;
	struct fate *fate = calloc(wishes + 1, sizeof *fate);
	if (!fate)
		return -ENOMEM;
	for (size_t i = 0; status == 0 && i < RUNTIMES; i++) {
		if (!wish->runtimes || asked[i])
			status = program_ask(p, wish, fate, i);
	}
	if (status == 0) {
		others_ask(p, wish, fate, asked);
		status = wishes_judge(wish, fate);
	}
	free(fate);
	return status;
}

/* The first line a program printed: its value, or why there is none. */
static double line_value(struct item *item, char *line)
{
	char *field[FIELDS], *end;
	line[strcspn(line, "\n")] = '\0';
	if (line_cut(line, field) != FIELDS) {
		snprintf(item->note, sizeof item->note, "printed no value");
		return NAN;
	}
	double value = strtod(field[4], &end);
	if (end != field[4] && !*end && isfinite(value))
		return value;
	snprintf(item->note, sizeof item->note, "%s", field[5]);
	return NAN;
}

double plan_measure(struct plan *p, struct item *item, unsigned least_ms)
{
	char path[PATH_MAX], text[PLAN_NAME], name[2 * PLAN_NAME], ms[PLAN_NAME];
	char option[] = "--least-ms", *out = NULL;
	char *argv[] = {path, option, ms, name, NULL};
	program_path(p, item->runtime, path);
	snprintf(ms, sizeof ms, "%u", least_ms);
	snprintf(name, sizeof name, "%s@%u", item->primitive, item->live);
	int status = capture_run(argv, MEASURE_MS, &out);
	double value = NAN;
	if (status == 0)
		value = line_value(item, out);
	else {
		snprintf(item->note, sizeof item->note, "FAILED: %s",
			 failure_text(status, text));
		p->failed = true;
	}
	free(out);
	return value;
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->item[i].sample);
	free(p->item);
	free(p->absent);
}
