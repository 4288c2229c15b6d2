/* SPDX-License-Identifier: BSD-2-Clause */
/* conformance.c - the gate: whether one server variant keeps the promises of
 * docs/architecture.md, byte for byte.  Results in the Test Anything Protocol. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate.h"
#include "tap.h"
#include "tree.h"

enum { ABOUT_S = 10 };

static const char usage[] =
	"usage: conformance [--quick | --short | --full] [--preload LIB] "
	"[--streams DIR] SERVER "
	"[ARG]...\n"
	"       conformance [--protocol P] --list DIR     each variant: name, program, "
	"arguments\n";

struct subject_plan gate_plan(const struct gate *g, const char *const *extra)
{
	return (struct subject_plan){.program = g->program,
				     .extra = extra,
				     .top = g->top,
				     .preload = g->preload,
				     .uid = g->uid};
}

bool gate_about_has(const struct gate *g, const char *key, const char *value)
{
	const json_t *list = json_object_get(g->about, key);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)) ?: "", value) ==
		    0)
			return true;
	return false;
}

bool gate_stack_is_own(const struct gate *g)
{
	return json_object_get(g->about, "stack");
}

bool gate_stop(struct subject *s, double seconds)
{
	struct subject_end end = subject_stop(s, seconds);
	int64_t opened = subject_counter(s, "connections_opened");
	int64_t closed = subject_counter(s, "connections_closed");

	if (!end.exited)
		tap_diag("has not ended %.0f s after SIGTERM", seconds);
	else if (end.status != 0)
		tap_diag("status after SIGTERM: 0x%x", (unsigned)end.status);
	else if (end.left > 0)
		tap_diag("%u of its processes outlive it", end.left);
	else if (opened < 0 || opened != closed)
		tap_diag("connections: %lld opened, %lld closed", (long long)opened,
			 (long long)closed);
	else
		return true;
	return false;
}

enum check_result gate_result(const struct subject *s, bool good)
{
	if (!good)
		subject_stderr(s, true);
	if (s->out >= 0 && s->pid > 0 && kill(s->pid, 0) == 0)
		killpg(s->pid, SIGKILL);
	return good ? CHECK_PASS : CHECK_FAIL;
}

/* What a program prints for --about, as a JSON array; NULL if it does not. */
static json_t *about_read(const char *program)
{
	char *const command[] = {(char *)program, NULL};
	const char *const about[] = {"--about", NULL};
	char top[] = "/tmp/conformance-XXXXXX", text[16384];
	struct subject_plan plan = {.program = command, .extra = about, .bare = true};
	struct subject_end end = {0};
	json_t *json = NULL;
	struct subject s;
	size_t at = 0;
	ssize_t n;

	plan.top = mkdtemp(top);
	if (!plan.top || subject_launch(&s, &plan))
		return NULL;
	end = subject_wait(&s, ABOUT_S);
	while (at < sizeof text - 1 &&
	       (n = read(s.out, text + at, sizeof text - 1 - at)) > 0)
		at += (size_t)n;
	close(s.out);
	tree_remove(top);
	if (end.exited && end.status == 0)
		json = json_loadb(text, at, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_array(json))
		json_decref(json), json = NULL;
	return json;
}

static bool args_equal(const json_t *about, char *const *args)
{
	const json_t *list = json_object_get(about, "args");
	size_t i;

	for (i = 0; i < json_array_size(list) && args[i]; i++)
		if (strcmp(json_string_value(json_array_get(list, i)) ?: "", args[i]) !=
		    0)
			return false;
	return i == json_array_size(list) && !args[i];
}

static void variant_print(const char *program, const json_t *about,
			  const char *protocol)
{
	const char *family = json_string_value(json_object_get(about, "family"));
	const json_t *args = json_object_get(about, "args");
	const struct gate g = {.about = about};

	if (!gate_about_has(&g, "protocols", protocol) || gate_stack_is_own(&g) ||
	    (family && strcmp(family, "reference") == 0))
		return; /* other services; on an interface; other people's servers */
	printf("%s %s", json_string_value(json_object_get(about, "name")) ?: "?",
	       program);
	for (size_t i = 0; i < json_array_size(args); i++)
		printf(" %s", json_string_value(json_array_get(args, i)) ?: "");
	printf("\n");
}

static int list(const char *folder, const char *protocol)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	if (count < 0) {
		fprintf(stderr, "conformance: %s: %s\n", folder, strerror(errno));
		return 2;
	}
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat st;
		json_t *abouts;

		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		free(entries[i]);
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    access(path, X_OK) < 0)
			continue;
		abouts = about_read(path);
		for (size_t j = 0; j < json_array_size(abouts); j++)
			variant_print(path, json_array_get(abouts, j), protocol);
		json_decref(abouts);
	}
	free(entries);
	return 0;
}

static void gate_check(const struct gate *g, const struct check *checks)
{
	for (const struct check *c = checks; c->name; c++) {
		enum check_result result;

		if (g->depth < c->least)
			continue;
		result = c->run(g);
		if (result == CHECK_SKIP)
			tap_skip(c->name, "see above");
		else
			tap_ok(result == CHECK_PASS, "%s", c->name);
	}
}

static int gate_prepare(struct gate *g, const char *streams)
{
	static const char request[] =
		"GET /page-more.bin HTTP/1.1\r\nHost: probe\r\n\r\n";
	static const char reply[] = "HTTP/1.1 200 OK\r\nDate: @DATE@\r\n"
				    "Content-Type: application/octet-stream\r\n"
				    "Content-Length: 4097\r\n\r\n@FILE page-more.bin@";
	char where[64];
	int error = streams_read(&g->streams, streams, where);

	if (!error && g->streams.count == 0)
		error = -ENOENT;
	if (error) {
		fprintf(stderr, "conformance: stream %s: %s\n", where,
			strerror(-error));
		return error;
	}
	error = stream_make(&g->probe, "probe", request, strlen(request), reply,
			    strlen(reply));
	if (!error)
		error = tree_create(g->top, g->uid ? g->uid : getuid());
	if (error)
		fprintf(stderr, "conformance: %s: %s\n", g->top, strerror(-error));
	return error;
}

static int gate_run(struct gate *g, const char *streams)
{
	int status = 2;

	g->abouts = about_read(g->program[0]);
	for (size_t i = 0; i < json_array_size(g->abouts); i++)
		if (args_equal(json_array_get(g->abouts, i), g->program + 1))
			g->about = json_array_get(g->abouts, i);
	g->uid = subject_uid();
	if (!g->about) {
		fprintf(stderr, "conformance: %s: --about tells no such variant\n",
			g->program[0]);
	} else if (gate_prepare(g, streams) == 0) {
		gate_check(g, gate_play);
		gate_check(g, gate_life);
		gate_check(g, gate_load);
		gate_check(g, gate_fair);
		gate_check(g, gate_crowd);
		gate_check(g, gate_disk);
		gate_check(g, gate_fan);
		gate_check(g, gate_bank);
		status = tap_done();
	}
	streams_free(&g->streams);
	stream_free(&g->probe);
	json_decref(g->abouts);
	return status;
}

/* CONFORMANCE_DEPTH, for whom a script stands between; exits if it is none. */
static int depth_told(void)
{
	static const char *const names[] = {
		[DEPTH_QUICK] = "quick",
		[DEPTH_SHORT] = "short",
		[DEPTH_USUAL] = "usual",
		[DEPTH_FULL] = "full",
	};
	const char *told = getenv("CONFORMANCE_DEPTH");

	if (!told || !*told)
		return DEPTH_USUAL;
	for (int i = 0; i <= DEPTH_FULL; i++)
		if (strcmp(told, names[i]) == 0)
			return i;
	fprintf(stderr,
		"conformance: CONFORMANCE_DEPTH=%s: not quick, short, usual or full\n",
		told);
	exit(2);
}

int main(int argc, char **argv)
{
	int depth = depth_told();
	const struct option options[] = {{"quick", no_argument, &depth, DEPTH_QUICK},
					 {"short", no_argument, &depth, DEPTH_SHORT},
					 {"full", no_argument, &depth, DEPTH_FULL},
					 {"preload", required_argument, NULL, 'p'},
					 {"streams", required_argument, NULL, 's'},
					 {"protocol", required_argument, NULL, 'P'},
					 {"list", required_argument, NULL, 'l'},
					 {0}};
	const char *source = getenv("DUALITY_SOURCE"), *protocol = "http";
	char streams[PATH_MAX], top[] = "/tmp/conformance-XXXXXX";
	struct gate g = {0};
	int option, status;

	snprintf(streams, sizeof streams, "%s/servers/tests/streams",
		 source ? source : ".");
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'p')
			g.preload = optarg;
		else if (option == 's')
			snprintf(streams, sizeof streams, "%s", optarg);
		else if (option == 'P')
			protocol = optarg;
		else if (option == 'l')
			return list(optarg, protocol);
		else if (option != 0)
			return fputs(usage, stderr), 2;
	}
	if (optind == argc)
		return fputs(usage, stderr), 2;
	g.depth = (enum depth)depth;
	g.program = argv + optind;
	g.top = mkdtemp(top);
	if (!g.top)
		return perror("conformance: /tmp"), 2;
	status = gate_run(&g, streams);
	tree_remove(top);
	return status;
}
