/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_life.c - what a server promises about its options, its start, its files and its
 * end. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "gate.h"
#include "tap.h"
#include "tree.h"

enum {
	STOP_S = 6, /* 5 s at most are promised */
	REFUSE_S = 10,
	READ_TRIES = 1000,
	STALE_MS = 1300, /* a cached file is looked at again after 1 s */
	WAITS = 20,
	LATE = 3, /* clients whose requests the server has not read at SIGTERM */
};

/* Who waits for idle clients does so for those 5 s. */
static const double at_once_s = 4.5;

static bool about_strings(const json_t *about, const char *key)
{
	const json_t *list = json_object_get(about, key);
	bool good = json_is_array(list);

	for (size_t i = 0; good && i < json_array_size(list); i++)
		good = json_is_string(json_array_get(list, i));
	return good;
}

static bool about_good(const json_t *about, const char **missing)
{
	static const char *const strings[] = {"name", "family", "style", "summary",
					      "lock"};
	static const char *const lists[] = {"args", "protocols", "needs", "options"};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		*missing = strings[i];
		if (!json_is_string(json_object_get(about, strings[i])))
			return false;
	}
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		*missing = lists[i];
		if (!about_strings(about, lists[i]))
			return false;
	}
	*missing = "core (a SHA-256)";
	return strlen(json_string_value(json_object_get(about, "core")) ?: "") == 64;
}

static bool about_value_known(const json_t *about, const char *key, const char *known)
{
	const char *value = json_string_value(json_object_get(about, key));
	char word[64];

	snprintf(word, sizeof word, " %s ", value ?: "");
	if (strstr(known, word))
		return true;
	tap_diag("--about: %s is \"%s\"", key, value ?: "");
	return false;
}

static enum check_result life_about(const struct gate *g)
{
	const char *missing;
	bool good = true;

	for (size_t i = 0; i < json_array_size(g->abouts); i++) {
		const json_t *about = json_array_get(g->abouts, i);

		if (!about_good(about, &missing)) {
			tap_diag("--about: no good %s", missing);
			good = false;
		}
		good &= about_value_known(about, "style", " direct event ");
		good &= about_value_known(
			about, "family",
			" process thread user-thread event staged module reference ");
	}
	return good ? CHECK_PASS : CHECK_FAIL;
}

/* Run with these options alone until it ends by itself. */
static struct subject_end run(const struct gate *g, const char *const *options,
			      struct subject *s, char *output, size_t size)
{
	struct subject_plan plan = gate_plan(g, options);
	struct subject_end end = {0};

	plan.bare = true;
	if (subject_launch(s, &plan))
		return end;
	end = subject_wait(s, REFUSE_S);
	subject_output(s, output, size);
	close(s->out);
	return end;
}

static bool refused(const struct gate *g, const char *const *options, int most)
{
	struct subject s;
	char output[200];
	struct subject_end end = run(g, options, &s, output, sizeof output);
	int status = end.exited && WIFEXITED(end.status) ? WEXITSTATUS(end.status) : -1;
	unsigned lines = subject_stderr(&s, false);

	if (status >= 1 && status <= 2 && status >= most && lines == 1 && !*output)
		return true;
	output[strcspn(output, "\n")] = '\0';
	tap_diag("%s %s: status %d, %u lines on standard error, standard output \"%s\"",
		 options[0], options[1] ?: "", status, lines, output);
	return false;
}

static enum check_result life_bad_options(const struct gate *g)
{
	static const char *const bad[][3] = {
		{"--nonsense"},
		{"stray"},
		{"--port"},
		{"--port", "65536"},
		{"--port", "-1"},
		{"--port", "http"},
		{"--port", "80x"},
		{"--port", ""},
		{"--address", "localhost.invalid"},
		{"--cache", "0"},
		{"--cache", "many"},
		{"--cache", "17179869185G"}, /* 1 GiB modulo 2^64 */
		{"--cpus", "x"},
		{"--cpus", "1-"},
		{"--cpus", "99999"},
		{"--max-connections", "0"},
		{"--max-connections", "-5"},
		{"--root", "/nonexistent"},
		{"--root", "/etc/passwd"},
		{"--counters", "/nonexistent/file"},
	};
	static const char *const workers[] = {"--workers", "0", NULL};
	static const char *const some_workers[] = {"--workers", "2", NULL};
	bool good = refused(g, workers, 2);

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		good &= refused(g, bad[i], 2);
	if (!gate_about_has(g, "options", "workers"))
		good &= refused(g, some_workers, 2);
	return good ? CHECK_PASS : CHECK_FAIL;
}

static enum check_result life_help(const struct gate *g)
{
	static const char *const options[][2] = {{"--help"}, {"--version"}};
	bool good = true;

	for (size_t i = 0; i < 2; i++) {
		char output[200];
		struct subject s;
		struct subject_end end = run(g, options[i], &s, output, sizeof output);

		if (!end.exited || end.status != 0 || !*output ||
		    subject_stderr(&s, false)) {
			tap_diag("%s: status 0x%x, \"%s\"", options[i][0],
				 (unsigned)end.status, output);
			good = false;
		}
	}
	return good ? CHECK_PASS : CHECK_FAIL;
}

static enum check_result life_port_in_use(const struct gate *g)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char port[16];
	bool good = false;

	if (gate_stack_is_own(g)) {
		tap_diag("it has all ports of its address");
		close(fd);
		return CHECK_SKIP;
	}
	a.sin_addr = subject_address();
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
	    listen(fd, 1) == 0 && getsockname(fd, (struct sockaddr *)&a, &size) == 0) {
		snprintf(port, sizeof port, "%u", ntohs(a.sin_port));
		good = refused(g, (const char *const[]){"--port", port, NULL}, 1);
	}
	close(fd);
	return good ? CHECK_PASS : CHECK_FAIL;
}

/* Nothing but the ready line comes on standard output; SIGINT ends it too. */
static enum check_result life_ready(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject_end end;
	char output[200], body[8];
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	good = client_get(s.port, "/empty.txt", body, sizeof body) == 200;
	kill(s.pid, SIGINT);
	end = subject_wait(&s, STOP_S);
	subject_output(&s, output, sizeof output);
	close(s.out);
	if (!end.exited || end.status != 0 || *output) {
		tap_diag("after SIGINT: status 0x%x in %.1f s, said \"%s\"",
			 (unsigned)end.status, end.seconds, output);
		good = false;
	}
	return gate_result(&s, good);
}

static enum check_result life_idle(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	int used, fresh, partial;
	char body[8];
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	used = client_open(s.port);
	fresh = client_open(s.port);
	partial = client_open(s.port);
	good = client_ask(used, "/one.txt", "") && client_reply(used, body, 8) == 200;
	good &= send(partial, "GET / HT", 8, MSG_NOSIGNAL) == 8;
	usleep(50000);
	good &= gate_stop(&s, at_once_s);
	good &= client_reply(used, body, 8) == 0 && client_reply(fresh, body, 8) <= 0;
	close(used);
	close(fresh);
	close(partial);
	return gate_result(&s, good);
}

/* The server has read that many bytes, or never will. */
bool gate_has_read(const struct subject *s, int64_t bytes)
{
	for (int i = 0; i < READ_TRIES; i++) {
		if (subject_live(s, "bytes_in") >= bytes)
			return true;
		usleep(10000);
	}
	tap_diag("counter bytes_in: %lld", (long long)subject_live(s, "bytes_in"));
	return false;
}

/* SIGTERM while a reply is due: it still comes and says that it is the last, unless its
 * head was out before; then the connection ends. */
static enum check_result life_in_flight(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	int fd, status, later;
	bool good, early, last;
	char body[64];

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	fd = client_open(s.port);
	good = client_ask(fd, "/wait?us=700000", "");
	good &= gate_has_read(&s, 1);
	kill(s.pid, SIGTERM);
	early = client_wait(fd, 0); /* we were held up */
	status = client_reply_last(fd, body, sizeof body, &last);
	later = client_reply(fd, body + 32, 8);
	if (status != 200 || strcmp(body, "waited 700000\n") != 0 || later != 0 ||
	    (!last && !early)) {
		tap_diag("SIGTERM during /wait: status %d, body \"%s\", %s, then %d",
			 status, body, last ? "last" : "not called the last", later);
		good = false;
	}
	close(fd);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

/* A request came over a connection known, but the server was not running (SIGSTOP) and
 * the first it hears is SIGTERM: it is in flight, too. */
static enum check_result life_unread(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	int fd[LATE], status, whole = 0;
	struct subject s;
	char body[8];
	bool good = true;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < LATE; i++) {
		fd[i] = client_open(s.port);
		good &= client_ask(fd[i], "/one.txt", "") &&
			client_reply(fd[i], body, sizeof body) == 200;
	}
	killpg(s.pid, SIGSTOP);
	waitpid(s.pid, &status, WUNTRACED);
	for (int i = 0; i < LATE; i++)
		good &= client_ask(fd[i], "/vast.bin", "");
	kill(s.pid, SIGTERM);
	killpg(s.pid, SIGCONT);
	for (int i = 0; i < LATE; i++) {
		whole += client_reply(fd[i], body, sizeof body) == 200 &&
			 client_reply(fd[i], body, sizeof body) == 0;
		close(fd[i]);
	}
	if (whole < LATE)
		tap_diag("%d of %d whole replies", whole, LATE);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good && whole == LATE);
}

/* A change of the same length, in place, shows after a second; so does a new file. */
static enum check_result life_stale(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	int before, hit, after, missing, appeared;
	char body[4][32] = {""};
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	tree_write(g->top, "changing.txt", "first\n", 6);
	before = client_get(s.port, "/changing.txt", body[0], 32);
	hit = client_get(s.port, "/changing.txt", body[1], 32);
	missing = client_get(s.port, "/appearing.txt", body[3], 32);
	usleep(20000); /* the clock of st_mtim ticks every few ms */
	tree_write(g->top, "changing.txt", "other\n", 6);
	tree_write(g->top, "appearing.txt", "new\n", 4);
	usleep(STALE_MS * 1000);
	after = client_get(s.port, "/changing.txt", body[2], 32);
	appeared = client_get(s.port, "/appearing.txt", body[3], 32);
	tree_unlink(g->top, "changing.txt");
	tree_unlink(g->top, "appearing.txt");
	good = before == 200 && hit == 200 && after == 200 && missing == 404 &&
	       appeared == 200 && strcmp(body[0], "first\n") == 0 &&
	       strcmp(body[2], "other\n") == 0 && strcmp(body[3], "new\n") == 0;
	if (!good)
		tap_diag("changed file: %d %d \"%s\", then %d \"%s\"; new file: %d, "
			 "then %d",
			 before, hit, body[0], after, body[2], missing, appeared);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good);
}

/* Each request that waits is a thread that lets others run, and goes on. */
static enum check_result life_switches(const struct gate *g)
{
	const char *family = json_string_value(json_object_get(g->about, "family"));
	struct subject_plan plan = gate_plan(g, NULL);
	struct subject s;
	char body[32];
	bool good = true;

	if (!family || strcmp(family, "user-thread") != 0) {
		tap_diag("its threads, if any, are the kernel's");
		return CHECK_SKIP;
	}
	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	for (int i = 0; i < WAITS && good; i++)
		good = client_get(s.port, "/wait?us=2000", body, sizeof body) == 200;
	good &= gate_stop(&s, STOP_S);
	if (subject_counter(&s, "user_switches") < WAITS) {
		tap_diag("%d waits, but user_switches is %lld", WAITS,
			 (long long)subject_counter(&s, "user_switches"));
		good = false;
	}
	return gate_result(&s, good);
}

const struct check gate_life[] = {
	{"--about tells what is promised", life_about, DEPTH_QUICK},
	{"--help and --version", life_help, DEPTH_SHORT},
	{"bad options: one line, status 2", life_bad_options, DEPTH_SHORT},
	{"port in use: one line, status 1 or 2", life_port_in_use, DEPTH_SHORT},
	{"the ready line, and SIGINT", life_ready, DEPTH_SHORT},
	{"SIGTERM closes idle connections at once", life_idle, DEPTH_SHORT},
	{"SIGTERM lets a reply in flight finish", life_in_flight, DEPTH_SHORT},
	{"SIGTERM before a request is read: it is answered", life_unread, DEPTH_SHORT},
	{"a changed file is served anew", life_stale, DEPTH_QUICK},
	{"user-level threads: their switches are counted", life_switches, DEPTH_QUICK},
	{NULL, NULL, DEPTH_QUICK},
};
