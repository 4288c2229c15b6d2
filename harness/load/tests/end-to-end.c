/* SPDX-License-Identifier: BSD-2-Clause */
/* The load generator against scripted servers.  What is asserted follows from the
 * script (a freeze of 400 ms, a wrong byte, so many connections), never from how fast
 * this machine is. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "harness/stats/histogram.h"

enum { ARGUMENTS_MOST = 40, STALL_MS = 400, NS_PER_MS = 1000000 };

static char load_path[4096];
static char scripted_path[4096];

struct scripted {
	pid_t pid;
	char url[64];
};

static void scripted_start(struct scripted *server, const char *mode,
			   const char *number)
{
	char line[64] = "";
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		dup2(ready[1], STDOUT_FILENO);
		execl(scripted_path, scripted_path, mode, number, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	FILE *in = fdopen(ready[0], "r");
	assert_non_null(fgets(line, sizeof line, in));
	fclose(in);
	assert_int_equal(strncmp(line, "ready ", 6), 0);
	line[strcspn(line, "\n")] = '\0';
	snprintf(server->url, sizeof server->url, "http://%.40s/", line + 6);
}

static void scripted_stop(struct scripted *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}

/* Splits `options` at blanks and runs duality-load with them; its result comes on a
 * pipe. */
static json_t *load_run(const char *options, const char *url, int *status)
{
	char words[512];
	char *arguments[ARGUMENTS_MOST] = {load_path, "--json", "-", "--quiet"};
	int count = 4;
	int result[2];
	snprintf(words, sizeof words, "%s", options);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	arguments[count++] = strdup(url);
	assert_int_equal(pipe(result), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(result[1], STDOUT_FILENO);
		/* What it says on standard error is load-failures.sh's concern. */
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		execv(load_path, arguments);
		_exit(127);
	}
	close(result[1]);
	free(arguments[count - 1]);
	FILE *in = fdopen(result[0], "r");
	json_t *json = json_loadf(in, 0, NULL);
	fclose(in);
	waitpid(pid, status, 0);
	return json;
}

/* A run against a fresh server. */
static json_t *trial(const char *mode, const char *number, const char *options,
		     int expected)
{
	struct scripted server;
	int status = -1;
	scripted_start(&server, mode, number);
	json_t *json = load_run(options, server.url, &status);
	scripted_stop(&server);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
	assert_non_null(json);
	return json;
}

static double real(json_t *json, const char *object, const char *key)
{
	json_t *holder = object ? json_object_get(json, object) : json;
	json_t *value = json_object_get(holder, key);
	if (!json_is_number(value))
		fail_msg("%s.%s is not a number", object ? object : "", key);
	return json_number_value(value);
}

static json_int_t whole(json_t *json, const char *key)
{
	json_t *value = json_object_get(json, key);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static bool is_null(json_t *json, const char *object, const char *key)
{
	return json_is_null(json_object_get(json_object_get(json, object), key));
}

/* Every planned request ends as exactly one thing. */
static void counts_check(json_t *json)
{
	static const char *const parts[] = {
		"good",     "lost",          "bad_status", "bad_body", "errors",
		"timeouts", "no_connection", "resets",     "refused",
	};
	json_int_t sum = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		sum += whole(json, parts[i]);
	assert_int_equal(sum, whole(json, "planned"));
	assert_int_equal(whole(json, "good") + whole(json, "bad_status") +
				 whole(json, "bad_body"),
			 whole(json, "received"));
	assert_true(whole(json, "sent") <= whole(json, "planned"));
}

static void test_modes(void **state)
{
	enum { WINDOW_US = 500000 };
	(void)state;
	static const char *const runs[][3] = {
		{"pool", "normal", "--rate 500 --connections 8"},
		{"pool", "cuts", "--rate 500 --arrivals fixed"},
		{"pool", "once", "--rate 500"},
		{"pool", "until-eof", "--rate 500"},
		{"open", "normal", "--rate 500 --session-requests 5 --think 2000"},
		{"open", "once", "--rate 500 --session-requests 5"},
		{"closed", "normal", "--closed --connections 3"},
		{"closed", "once", "--connections 3"},
		{"closed", "normal", "--closed --connections 3 --session-requests 4"},
		{"closed", "once", "--closed --connections 3 --session-requests 4"},
	};
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		char options[256];
		snprintf(options, sizeof options,
			 "%s --duration 0.5 --warmup 0.1 --drain 10 --verify 1",
			 runs[i][2]);
		json_t *json = trial(runs[i][1], "100", options, 0);
		counts_check(json);
		assert_string_equal(json_string_value(json_object_get(json, "mode")),
				    runs[i][0]);
		assert_true(whole(json, "planned") > 0);
		assert_int_equal(whole(json, "good"), whole(json, "planned"));
		assert_true(real(json, "latency", "p50") >=
			    real(json, "service", "p50"));
		/* Who is held up for all of the window has nothing in flight in it. */
		bool held_up = real(json, "client", "largest_gap_us") > WINDOW_US / 2;
		assert_true(held_up || real(json, "in_flight", "mean") > 0);
		assert_true(real(json, "live", "max") >= 1);
		assert_true(real(json, "client", "cpu_s") > 0);
		assert_int_equal(whole(json, "seed"), 1);
		json_decref(json);
	}
}

/* A connection of a closed loop is opened anew after so many replies. */
static void test_closed_sessions(void **state)
{
	enum { CONNECTIONS = 3, REQUESTS = 4 };
	(void)state;
	json_t *json = trial("normal", "100",
			     "--closed --connections 3 --session-requests 4 "
			     "--duration 0.3 --warmup 0 --drain 10",
			     0);
	json_int_t received = whole(json, "received");
	json_int_t connects = whole(json, "connects");
	assert_in_range(connects * REQUESTS, received - 2 * CONNECTIONS * REQUESTS,
			received + CONNECTIONS * REQUESTS);
	assert_true(connects > CONNECTIONS);
	assert_int_equal(whole(json, "resets"), 0);
	json_decref(json);
}

/* The plan is the seed's alone: a slower server is offered the same. */
static void test_plan_repeats(void **state)
{
	(void)state;
	static const char options[] =
		"--rate 700 --duration 0.5 --warmup 0.1 --drain 10 "
		"--seed 42";
	json_t *fast = trial("normal", "100", options, 0);
	json_t *slow = trial("cuts", "100", options, 0);
	assert_int_equal(whole(fast, "planned"), whole(slow, "planned"));
	json_decref(fast);
	json_decref(slow);
}

/* Streaming: a body of several receive buffers. */
static void test_large_body(void **state)
{
	(void)state;
	json_t *json = trial("normal", "1000000",
			     "--closed --connections 2 --duration 0.3 --warmup 0 "
			     "--drain 10 --verify 1",
			     0);
	counts_check(json);
	assert_int_equal(whole(json, "good"), whole(json, "planned"));
	assert_true((double)whole(json, "bytes_in") >=
		    1e6 * (real(json, NULL, "achieved_rps") * 0.3 - 3));
	json_decref(json);
}

struct lateness {
	double late; /* latencies of half a stall and more */
	double all;
};

static struct lateness lateness_read(const char *path)
{
	struct histogram histogram;
	struct histogram_fault fault;
	assert_int_equal(histogram_open(&histogram), 0);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(histogram_read(&histogram, in, &fault), 0);
	fclose(in);
	struct lateness result = {
		.late = (double)histogram_above(&histogram,
						(uint64_t)STALL_MS / 2 * NS_PER_MS),
		.all = (double)(histogram.total + histogram.lost),
	};
	histogram_close(&histogram);
	return result;
}

/* A freeze of 400 ms delays every request planned in it.  The open loop must say so,
 * although the server's own service time stays short; the closed loop, which stops
 * sending while it waits, sees one late reply per connection: coordinated omission. */
static void test_stall(void **state)
{
	(void)state;
	static const char common[] =
		"--connections 4 --duration 2 --warmup 0.2 --drain 20 --histogram";
	char path[] = "/tmp/duality-histogram.XXXXXX";
	char options[256];
	close(mkstemp(path));
	snprintf(options, sizeof options, "--rate 1000 --limit-us %d %s %s",
		 STALL_MS / 2 * 1000, common, path);
	json_t *open = trial("stall", "400", options, 0);
	struct lateness planned = lateness_read(path);
	snprintf(options, sizeof options, "--closed %s %s", common, path);
	json_t *closed = trial("stall", "400", options, 0);
	struct lateness coordinated = lateness_read(path);
	unlink(path);

	counts_check(open);
	assert_true(real(open, "latency", "max") >= STALL_MS * 990.0);
	assert_true(real(open, "latency", "p99") >= STALL_MS * 1000.0 / 2);
	assert_true(real(open, "service", "p50") < STALL_MS * 1000.0 / 4);
	assert_true(planned.all == (double)whole(open, "planned"));
	/* About 200 of 2,000 are planned in the freeze's first half. */
	assert_true(planned.late >= 100);
	assert_true((double)(whole(open, "good") + whole(open, "lost")) -
			    planned.late ==
		    (double)whole(open, "timely"));

	counts_check(closed);
	assert_true(coordinated.late >= 1);
	assert_true(coordinated.late / coordinated.all <
		    planned.late / planned.all / 2);
	json_decref(open);
	json_decref(closed);
}

static void test_lost_at_infinity(void **state)
{
	(void)state;
	json_t *json = trial("never", "0",
			     "--rate 300 --connections 4 --duration 0.5 --warmup 0.1 "
			     "--drain 0.2",
			     1);
	counts_check(json);
	assert_true(whole(json, "lost") > 0);
	assert_int_equal(whole(json, "lost"), whole(json, "planned"));
	assert_int_equal(whole(json, "timely"), 0);
	assert_true(is_null(json, "latency", "p50"));
	assert_true(is_null(json, "latency", "max"));
	json_decref(json);
}

static void test_wrong_replies(void **state)
{
	(void)state;
	static const char *const runs[][4] = {
		{"wrong-body", "20", "--verify 1", "bad_body"},
		{"wrong-length", "20", "--verify 1000000", "bad_body"},
		{"status", "404", "--verify 1", "bad_status"},
		{"garbage", "0", "--verify 1", "errors"},
		{"close", "0", "--verify 1", "resets"},
	};
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		char options[256];
		snprintf(options, sizeof options,
			 "--rate 500 --duration 0.4 --warmup 0.2 --drain 10 %s",
			 runs[i][2]);
		json_t *json = trial(runs[i][0], runs[i][1], options, 1);
		counts_check(json);
		assert_int_equal(whole(json, runs[i][3]), whole(json, "planned"));
		assert_int_equal(whole(json, "good"), 0);
		json_decref(json);
	}
}

/* Sessions beyond --max-live are counted with all the requests they would have made. */
static void test_max_live(void **state)
{
	(void)state;
	json_t *json =
		trial("never", "0",
		      "--rate 2000 --session-requests 4 --max-live 10 --duration 0.5 "
		      "--warmup 0.2 --drain 0.2",
		      1);
	counts_check(json);
	assert_int_equal((int)real(json, "live", "max"), 10);
	assert_true(whole(json, "no_connection") > 0);
	assert_int_equal(whole(json, "no_connection") % 4, 0);
	json_decref(json);
}

static void test_dying_server(void **state)
{
	(void)state;
	json_t *json = trial(
		"dies", "150",
		"--rate 400 --connections 4 --duration 1 --warmup 0 --drain 5", 1);
	counts_check(json);
	assert_int_equal(whole(json, "good"), 150);
	assert_true(whole(json, "refused") > 0);
	json_decref(json);
}

/* The window borders on --events, in order and as far apart as they should be. */
static void test_events(void **state)
{
	(void)state;
	struct scripted server;
	char options[128];
	char name[3][8];
	unsigned long long time_ns[3];
	int status;
	int events[2];
	assert_int_equal(pipe(events), 0);
	snprintf(options, sizeof options,
		 "--rate 100 --duration 0.25 --warmup 0.1 --events %d", events[1]);
	scripted_start(&server, "normal", "100");
	json_t *json = load_run(options, server.url, &status);
	scripted_stop(&server);
	close(events[1]);
	FILE *in = fdopen(events[0], "r");
	for (int i = 0; i < 3; i++)
		assert_int_equal(fscanf(in, "%7s %llu\n", name[i], &time_ns[i]), 2);
	fclose(in);
	assert_string_equal(name[0], "start");
	assert_string_equal(name[1], "end");
	assert_string_equal(name[2], "done");
	assert_true(time_ns[1] - time_ns[0] == 250000000);
	assert_true(time_ns[2] >= time_ns[1]);
	json_decref(json);
}

/* A client that sleeps goes round a few times a request; one that spins, as often as
 * the CPU lets it, and has no share of it to judge. */
static void test_spin(void **state)
{
	(void)state;
	const char *load = "--rate 40 --arrivals fixed --duration 0.5 --warmup 0";
	char spinning[128];
	snprintf(spinning, sizeof spinning, "--spin %s", load);
	json_t *asleep = trial("normal", "100", load, 0);
	json_t *json = trial("normal", "100", spinning, 0);
	assert_true(real(asleep, "client", "loops") < 1000);
	assert_true(real(json, "client", "loops") > 1000);
	json_t *certificate = json_object_get(json, "certificate");
	assert_string_equal(json_string_value(json_object_get(certificate, "cpu")),
			    "not-run");
	json_decref(asleep);
	json_decref(json);
}

int main(void)
{
	const char *build = getenv("DUALITY_BUILD");
	if (build == NULL)
		build = ".";
	snprintf(load_path, sizeof load_path, "%s/harness/duality-load", build);
	snprintf(scripted_path, sizeof scripted_path, "%s/harness/load/tests/scripted",
		 build);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_closed_sessions),
		cmocka_unit_test(test_plan_repeats),
		cmocka_unit_test(test_large_body),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_lost_at_infinity),
		cmocka_unit_test(test_wrong_replies),
		cmocka_unit_test(test_max_live),
		cmocka_unit_test(test_dying_server),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_spin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
