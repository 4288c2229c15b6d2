/* SPDX-License-Identifier: BSD-2-Clause */
/* loader.c - starts duality-load, follows its events, reads its result. */
#include "config.h"

#include "harness/bench/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGS = 48, ARG_TEXT = 48, EVENTS_FD = 3, NO_EXEC = 127, STEP_MS = 2 };

/* An argument vector under construction; numbers are kept in `text`. */
struct args {
	const char *arg[ARGS];
	size_t n;
	char text[ARGS][ARG_TEXT];
};

static void args_put(struct args *a, const char *option, const char *value)
{
	a->arg[a->n++] = option;
	if (value)
		a->arg[a->n++] = value;
}

static void args_number(struct args *a, const char *option, double value)
{
	snprintf(a->text[a->n], ARG_TEXT, "%.10g", value);
	args_put(a, option, a->text[a->n]);
}

static void args_whole(struct args *a, const char *option, uint64_t value)
{
	snprintf(a->text[a->n], ARG_TEXT, "%llu", (unsigned long long)value);
	args_put(a, option, a->text[a->n]);
}

static void args_datagrams(struct args *a, const struct load_spec *spec)
{
	args_number(a, "--rate", spec->rate_rps);
	args_whole(a, "--size", (uint64_t)spec->udp_bytes);
	args_whole(a, "--connections", (uint64_t)spec->connections);
}

/* What is asked of whom, and how it is looked at. */
static void args_requests(struct args *a, const struct load_spec *spec)
{
	if (spec->closed)
		args_put(a, "--closed", NULL);
	else
		args_number(a, "--rate", spec->rate_rps);
	if (spec->connections) {
		args_whole(a, "--connections", (uint64_t)spec->connections);
	} else {
		args_number(a, "--session-requests", spec->session_requests);
		args_number(a, "--think", spec->think_us);
		args_whole(a, "--max-live", (uint64_t)spec->max_live);
	}
	if (spec->reconnect)
		args_whole(a, "--session-requests", (uint64_t)spec->reconnect);
	if (spec->idle)
		args_whole(a, "--idle", (uint64_t)spec->idle);
	if (spec->mix)
		args_put(a, "--mix", spec->mix);
	if (spec->spin)
		args_put(a, "--spin", NULL);
	if (spec->verify_all)
		args_whole(a, "--verify", 1);
}

static void args_fill(struct args *a, const char *program, const struct load_spec *spec)
{
	args_put(a, program, NULL);
	if (spec->udp_bytes)
		args_datagrams(a, spec);
	else
		args_requests(a, spec);
	args_number(a, "--limit-us", spec->limit_us);
	args_number(a, "--warmup", spec->warmup_s);
	args_number(a, "--duration", spec->window_s);
	args_number(a, "--drain", spec->drain_s);
	args_whole(a, "--seed", spec->seed);
	args_whole(a, "--cpu", (uint64_t)spec->cpu);
	args_whole(a, "--events", EVENTS_FD);
	args_put(a, "--quiet", NULL);
	args_put(a, "--json", spec->json);
	if (spec->histogram)
		args_put(a, "--histogram", spec->histogram);
	args_put(a, spec->url, NULL);
	a->arg[a->n] = NULL;
}

/* Between fork and exec: async-signal-safe calls only. */
static void loader_child(const struct args *a, int log_fd, int events_fd, int netns_fd)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Out of the way of the numbers they are to have. */
	int log_copy = fcntl(log_fd, F_DUPFD_CLOEXEC, EVENTS_FD + 1);
	int events_copy = fcntl(events_fd, F_DUPFD_CLOEXEC, EVENTS_FD + 1);
	dup2(null, STDIN_FILENO);
	dup2(log_copy, STDOUT_FILENO);
	dup2(log_copy, STDERR_FILENO);
	dup2(events_copy, EVENTS_FD);
	if (netns_fd >= 0 && setns(netns_fd, CLONE_NEWNET) < 0)
		_exit(NO_EXEC);
	execv(a->arg[0], (char *const *)(uintptr_t)a->arg);
	_exit(NO_EXEC);
}

int loader_start(struct loader *l, const char *program, const struct load_spec *spec)
{
	struct args *a = calloc(1, sizeof *a);
	int ends[2], status = 0, netns_fd = -1;
	*l = (struct loader){.events_fd = -1};
	if (!a)
		return -ENOMEM;
	args_fill(a, program, spec);
	int log_fd = open(spec->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (spec->netns)
		netns_fd = open(spec->netns, O_RDONLY | O_CLOEXEC);
	if (log_fd < 0 || (spec->netns && netns_fd < 0) || pipe2(ends, O_CLOEXEC) < 0) {
		status = -errno;
		goto done;
	}
	unlink(spec->json);
	l->pid = fork();
	if (l->pid == 0)
		loader_child(a, log_fd, ends[1], netns_fd);
	status = l->pid < 0 ? -errno : 0;
	close(ends[1]);
	if (status == 0)
		l->events_fd = ends[0];
	else
		close(ends[0]);
done:
	if (log_fd >= 0)
		close(log_fd);
	if (netns_fd >= 0)
		close(netns_fd);
	free(a);
	return status;
}

static enum load_event event_named(const char *line)
{
	static const struct {
		const char *name;
		enum load_event event;
	} events[] = {{"start ", LOAD_START}, {"end ", LOAD_END}, {"done ", LOAD_DONE}};
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		if (strncmp(line, events[i].name, strlen(events[i].name)) == 0)
			return events[i].event;
	}
	return LOAD_NOTHING;
}

enum load_event loader_event(struct loader *l)
{
	/* A character at a time: lines are few and short, and none may be swallowed
	 * with its neighbour. */
	while (l->used + 1 < sizeof l->line) {
		ssize_t got = read(l->events_fd, l->line + l->used, 1);
		if (got < 0)
			return errno == EINTR ? LOAD_NOTHING : LOAD_CLOSED;
		if (got == 0)
			return LOAD_CLOSED;
		if (l->line[l->used++] == '\n')
			break;
	}
	l->line[l->used] = '\0';
	l->used = 0;
	return event_named(l->line);
}

int loader_finish(struct loader *l, int most_ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	int status = 0;
	pid_t ended = 0;
	for (int waited = 0; ended == 0 && waited < most_ms; waited += STEP_MS) {
		ended = waitpid(l->pid, &status, WNOHANG);
		if (ended == 0)
			nanosleep(&step, NULL);
	}
	if (ended == 0) {
		kill(l->pid, SIGKILL);
		while (waitpid(l->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	close(l->events_fd);
	*l = (struct loader){.events_fd = -1};
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Where a number of the result goes: "latency.p99" is one level down. */
static const struct {
	const char *group, *key;
	enum column column;
} places[] = {
	{NULL, "offered_rps", COLUMN_OFFERED_RPS},
	{NULL, "achieved_rps", COLUMN_RECEIVED_RPS},
	{NULL, "goodput_rps", COLUMN_GOOD_RPS},
	{NULL, "planned", COLUMN_PLANNED},
	{NULL, "good", COLUMN_GOOD},
	{NULL, "lost", COLUMN_LOST},
	{NULL, "no_connection", COLUMN_NO_CONNECTION},
	{NULL, "resets", COLUMN_RESETS},
	{NULL, "connects", COLUMN_CONNECTS},
	{NULL, "timely", COLUMN_TIMELY},
	{NULL, "sent_rps", COLUMN_SENT_RPS},
	{NULL, "window_s", COLUMN_WINDOW_S},
	{NULL, "little_error", COLUMN_LITTLE_ERROR},
	{"latency", "mean", COLUMN_LAT_MEAN},
	{"latency", "p50", COLUMN_LAT_P50},
	{"latency", "p90", COLUMN_LAT_P90},
	{"latency", "p99", COLUMN_LAT_P99},
	{"latency", "p999", COLUMN_LAT_P999},
	{"latency", "max", COLUMN_LAT_MAX},
	{"service", "p50", COLUMN_SVC_P50},
	{"service", "p99", COLUMN_SVC_P99},
	{"lag", "p50", COLUMN_LAG_P50},
	{"lag", "p99", COLUMN_LAG_P99},
	{"in_flight", "mean", COLUMN_IN_FLIGHT_MEAN},
	{"in_flight", "slope_per_s", COLUMN_IN_FLIGHT_SLOPE},
	{"in_flight", "slope_se", COLUMN_IN_FLIGHT_SLOPE_SE},
	{"live", "mean", COLUMN_LIVE_MEAN},
	{"live", "max", COLUMN_LIVE_MAX},
	{"arrivals", "ks_distance", COLUMN_KS},
	{"udp", "achieved_mbps", COLUMN_ACHIEVED_MBPS},
	{"client", "cpu_share", COLUMN_CLIENT_CPU_SHARE},
	{"client", "largest_gap_us", COLUMN_CLIENT_GAP},
	{"client", "late_share", COLUMN_CLIENT_LATE_SHARE},
};

/* NAN where there is none, or null. */
static double number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A percentile is null among lost requests: they stand at infinity.  Where none was
 * sent, it is not the server that lost them. */
static void lost_to_infinity(struct row *row)
{
	bool sent = row->number[COLUMN_SENT_RPS] > 0;
	if (!(row->number[COLUMN_LOST] > 0))
		return;
	for (enum column c = COLUMN_LAT_P50;
	     c <= (sent ? COLUMN_SVC_P99 : COLUMN_LAT_MAX); c++) {
		if (isnan(row->number[c]))
			row->number[c] = INFINITY;
	}
}

/* Where datagrams were lost, as far as the client can tell. */
static void loss_take(const json_t *loss, struct row *row)
{
	row_set(row, COLUMN_UNSENT, number_of(loss, "unsent"));
	row_set(row, COLUMN_CLIENT_DROPS, number_of(loss, "client_socket"));
	row_set(row, COLUMN_ELSEWHERE, number_of(loss, "elsewhere"));
}

/* Connections the server was to hold, and did not. */
static void idle_note(const json_t *idle, struct row *row)
{
	double asked = number_of(idle, "asked"), alive = number_of(idle, "alive");
	char note[ROW_TEXT];
	row_set(row, COLUMN_IDLE_ALIVE, alive);
	if (!(alive < asked))
		return;
	snprintf(note, sizeof note, "%.0f of %.0f idle connections were held", alive,
		 asked);
	row_text(row, COLUMN_NOTE, note);
}

int loader_result(const char *json, struct row *row)
{
	json_t *result = json_load_file(json, 0, NULL);
	if (!json_is_object(result) || !json_object_get(result, "window_s")) {
		json_decref(result);
		return -EINVAL;
	}
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const json_t *from = places[i].group
					     ? json_object_get(result, places[i].group)
					     : result;
		row_set(row, places[i].column, number_of(from, places[i].key));
	}
	row_set(row, COLUMN_BAD,
		number_of(result, "bad_status") + number_of(result, "bad_body"));
	row_set(row, COLUMN_ERRORS,
		number_of(result, "errors") + number_of(result, "timeouts") +
			number_of(result, "refused"));
	lost_to_infinity(row);
	idle_note(json_object_get(result, "idle"), row);
	loss_take(json_object_get(json_object_get(result, "udp"), "loss"), row);
	json_decref(result);
	return 0;
}
