/* SPDX-License-Identifier: BSD-2-Clause */
/* trial.c - one trial: the target starts a fresh server, duality-load runs against it,
 * the server is read as the window opens and closes, and all of it becomes one row. */
#include "config.h"

#include "harness/bench/trial.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/bench/cause.h"
#include "harness/bench/loader.h"
#include "harness/bench/measure.h"
#include "harness/bench/progress.h"
#include "harness/bench/root.h"
#include "harness/bench/testbed.h"
#include "harness/bench/udp.h"
#include "harness/clock.h"
#include "harness/stats/random.h"
#include "harness/targets/places.h"

enum { PATH_TEXT = PATH_MAX + 160, SLACK_MS = 15000, POLL_MS = 100, FINISH_MS = 10000 };
enum { NUMBER_TEXT = 16 };

/* What it takes to open an idle connection, at least, and before the trial is given up:
 * poll(2) beside 100,000 of them needs half of that. */
static const double idle_open_s = 0.0002, idle_open_most_ms = 3;

/* What one trial holds while it runs. */
struct course {
	struct run *run;
	const struct trial *trial;
	struct row *row;
	struct loader loader;
	struct reading start, end;
	bool started, ended; /* the window */
	bool overdue;        /* the load did not end in its time */
	struct receiver receiver;
	char json[PATH_TEXT], counters[PATH_TEXT], log[PATH_TEXT], histogram[PATH_TEXT];
	char mix[PATH_TEXT];
};

static int trial_idle(const struct trial *t)
{
	return t->experiment->idle + t->idle;
}

static bool is_probe(const struct trial *t)
{
	return strcmp(t->phase, "probe") == 0;
}

void trial_key(const struct trial *t, int attempt, struct row *row)
{
	row_clear(row);
	row_text(row, COLUMN_EXPERIMENT, t->experiment->name);
	row_text(row, COLUMN_PHASE, t->phase);
	row_text(row, COLUMN_VARIANT, t->entry->name);
	row_text(row, COLUMN_FAMILY, t->entry->family);
	row_set(row, COLUMN_BLOCK, t->block);
	row_set(row, COLUMN_ATTEMPT, attempt);
	row_set(row, COLUMN_LOAD_RPS, t->rate_rps);
	row_set(row, COLUMN_IDLE, trial_idle(t));
	row_set(row, COLUMN_POINT, t->experiment->point);
}

static double window_s(const struct trial *t)
{
	if (is_probe(t))
		return t->experiment->probe_s;
	double usual_s = experiment_window_s(t->experiment, t->rate_rps);
	if (strcmp(t->phase, "overload") == 0)
		return fmax(usual_s, t->experiment->overload_window_s);
	return usual_s;
}

double trial_cost_s(const struct run *r, const struct trial *t)
{
	const struct experiment *e = t->experiment;
	double prelude_s =
		isnan(t->prelude_rps) ? 0 : experiment_trial_s(e, e->window_s);
	return r->overhead_s + prelude_s + trial_idle(t) * idle_open_s +
	       experiment_trial_s(e, window_s(t));
}

bool trial_passes(const struct experiment *e, const struct row *row)
{
	const double *v = row->number;
	/* Upward for certain (one-sided 1 %), and by enough to matter: the requests
	 * that piled up would take a quarter of the limit to work off.  The first alone
	 * is no test: within one window neighbouring samples are correlated, so that
	 * the standard error is too small (docs/decisions/0003). */
	double rise = v[COLUMN_IN_FLIGHT_SLOPE] * v[COLUMN_WINDOW_S];
	double backlog_us = rise / v[COLUMN_GOOD_RPS] * 1e6;
	bool climbs = v[COLUMN_IN_FLIGHT_SLOPE] > 2.33 * v[COLUMN_IN_FLIGHT_SLOPE_SE] &&
		      backlog_us > e->limit_us / 4;
	return v[COLUMN_GOOD] >= 0.999 * v[COLUMN_PLANNED] &&
	       v[COLUMN_LAT_P99] <= e->limit_us && !climbs;
}

static void course_void(struct course *c, const char *why, const char *note)
{
	row_text(c->row, COLUMN_VOID, why);
	row_text(c->row, COLUMN_NOTE, note);
}

static void course_paths(struct course *c, int serial)
{
	const char *folder = c->run->folder;
	const struct trial *t = c->trial;
	char name[ROW_TEXT];
	snprintf(name, sizeof name, "%06d-%s-%s-%d-%.40s", serial, t->experiment->name,
		 t->phase, t->block, t->entry->name);
	snprintf(c->json, sizeof c->json, "%s/work/load.json", folder);
	snprintf(c->counters, sizeof c->counters, "%s/work/counters.json", folder);
	snprintf(c->log, sizeof c->log, "%s/logs/%s.log", folder, name);
	snprintf(c->histogram, sizeof c->histogram, "%s/hist/%s.hist", folder, name);
	unlink(c->histogram); /* of the trial a killed run was in */
}

static void load_fill(struct course *c, struct load_spec *spec, double rate_rps)
{
	const struct trial *t = c->trial;
	const struct experiment *e = t->experiment;
	char purpose[ROW_TEXT];
	snprintf(purpose, sizeof purpose, "%s block %d %s", e->name, t->block,
		 t->seed_of);
	*spec = (struct load_spec){
		.closed = isnan(rate_rps),
		.rate_rps = rate_rps,
		.session_requests = e->session_requests,
		.think_us = e->think_us * t->think_scale,
		.max_live = e->max_live,
		.idle = trial_idle(t),
		.spin = e->spin != 0,
		/* The probe is the gate as well. */
		.verify_all = is_probe(t),
		.mix = root_mix(c->run, e, c->mix),
		.limit_us = e->limit_us,
		.warmup_s = e->warmup_s,
		.window_s = window_s(t),
		.drain_s = e->drain_s,
		/* JSON and 53-bit doubles must be able to carry it. */
		.seed = random_seed(c->run->seed, purpose) >> 12,
		.cpu = c->run->client_cpu,
		.json = c->json,
		.histogram = c->histogram,
		.log = c->log,
	};
	if (spec->closed)
		spec->reconnect = e->reconnect;
	if (spec->closed || e->shape == SHAPE_POOL)
		spec->connections = (int)(e->connections * t->think_scale);
	if (e->kind == KIND_UDP) {
		spec->udp_bytes = UDP_BYTES;
		spec->connections = e->connections;
		spec->netns = c->run->testbed->client;
	}
	snprintf(spec->url, sizeof spec->url, "%s://%s%s",
		 e->kind == KIND_UDP ? "udp" : "http", c->run->target->address,
		 e->request);
}

/* Poll until the load has closed its events, reading the server at the borders of the
 * window.  0 or -EINTR. */
static int course_follow(struct course *c, double most_ms)
{
	struct run *r = c->run;
	struct pollfd wait[] = {{.fd = c->loader.events_fd, .events = POLLIN},
				{.fd = r->interrupt_fd, .events = POLLIN}};
	double begun_s = clock_now_s();
	for (;;) {
		int ready = poll(wait, 2, POLL_MS);
		if (ready > 0 && wait[1].revents)
			return -EINTR;
		c->overdue = (clock_now_s() - begun_s) * 1e3 > most_ms;
		if (c->overdue)
			return 0;
		if (ready <= 0 || !wait[0].revents)
			continue;
		enum load_event event = loader_event(&c->loader);
		if (event == LOAD_START) {
			r->target->read(r->target, &c->start);
			receiver_open(&c->receiver);
			c->started = true;
		} else if (event == LOAD_END) {
			r->target->read(r->target, &c->end);
			receiver_close(&c->receiver);
			r->target->read_memory(r->target, &c->end);
			c->ended = true;
		} else if (event == LOAD_CLOSED) {
			return 0;
		}
	}
}

/* One run of duality-load against the server.  0, -EINTR, or -errno. */
static int course_load(struct course *c, double rate_rps, bool measured)
{
	struct load_spec spec;
	char program[PATH_TEXT];
	load_fill(c, &spec, rate_rps);
	if (!measured)
		spec.histogram = NULL;
	snprintf(program, sizeof program, "%s/duality-load", place_get(PLACE_LIBEXEC));
	int status = loader_start(&c->loader, program, &spec);
	if (status < 0)
		return status;
	c->started = c->ended = false;
	double nominal_s = spec.warmup_s + spec.window_s + spec.drain_s;
	status = course_follow(c, nominal_s * 1000 + SLACK_MS +
					  spec.idle * idle_open_most_ms);
	int exit_status =
		loader_finish(&c->loader, status < 0 || c->overdue ? 0 : FINISH_MS);
	if (status < 0 || !measured)
		return status;
	/* Exit status 1 with a result: every request failed, or a file was not written.
	 */
	if (c->overdue)
		course_void(c, "load", "duality-load did not end in its time");
	else if (loader_result(c->json, c->row) < 0)
		course_void(c, "load",
			    exit_status == 2 ? "duality-load refused its options"
					     : "duality-load left no result");
	else if (!c->started || !c->ended)
		course_void(c, "load", "duality-load told no window");
	else if (exit_status == 1 && c->row->number[COLUMN_GOOD] > 0)
		course_void(c, "load", "duality-load could not write its results");
	else if (c->row->number[COLUMN_BAD] > 0 && !(c->row->number[COLUMN_GOOD] > 0))
		course_void(c, "load", "every reply was wrong; logs/ has the first");
	return 0;
}

/* Others had a part in it; what is said already stays. */
static void course_spoil(struct course *c, const char *why)
{
	bool answered = c->row->number[COLUMN_RECEIVED_RPS] > 0;
	row_text(c->row, COLUMN_VOID, why);
	if (!answered && !*c->row->text[COLUMN_NOTE])
		row_text(c->row, COLUMN_NOTE, "no reply came in the window");
}

/* What the server did over the window, and whether the trial counts. */
static void course_measure(struct course *c)
{
	struct reading delta;
	if (row_is_void(c->row))
		return;
	reading_delta(&c->start, &c->end, &delta);
	receiver_charge(&c->receiver, &delta.kernel);
	measure_fill(
		c->row, &delta, (double)(c->end.kernel.at_ns - c->start.kernel.at_ns),
		measure_cpus(c->run->server_cpus), measure_cpus(c->run->client_cpus));
	row_text(c->row, COLUMN_BILLED, receiver_billed(&c->receiver));
	if (c->run->one_cpu || c->trial->shared)
		measure_shared(c->row, c->run->one_cpu);
	const char *cause = cause_find(&c->run->suite, c->trial, c->row);
	if (is_probe(c->trial) && c->row->number[COLUMN_BAD] > 0)
		course_void(c, "server", "the probe got wrong replies");
	else if (cause)
		course_spoil(c, cause);
}

static void course_stop(struct course *c, bool ended_early)
{
	struct ending ending;
	char note[ROW_TEXT];
	c->run->target->stop(c->run->target, &ending);
	if (!isnan(ending.peak))
		row_set(c->row, COLUMN_CONNECTIONS_PEAK, ending.peak);
	row_set(c->row, COLUMN_RING_DROPS, ending.no_buffer);
	if (ended_early || !ending.asked) {
		if (ending.signal)
			snprintf(note, sizeof note, "the server died of signal %d",
				 ending.signal);
		else
			snprintf(note, sizeof note, "the server ended with status %d",
				 ending.exit_status);
		course_void(c, "server", note);
	} else if (ending.killed) {
		row_text(c->row, COLUMN_NOTE, "the server did not end on SIGTERM");
	} else if (ending.left_behind > 0) {
		snprintf(note, sizeof note, "the server left %d processes behind",
			 ending.left_behind);
		row_text(c->row, COLUMN_NOTE, note);
	}
}

/* The variant's arguments, and those of this trial; `most` is room for a number that
 * they refer to. */
static char **course_argv(const struct course *c, char most[NUMBER_TEXT])
{
	const struct variant *v = c->trial->entry->variant;
	const char *room[] = {"--max-connections", most, NULL}, *none[] = {NULL};
	const char *const *more = c->trial->args ? c->trial->args : none;
	int connections = experiment_most_connections(c->trial->experiment);
	size_t n = 0;
	snprintf(most, NUMBER_TEXT, "%d", (int)variant_room(v, connections));
	if (connections > 0 && variant_takes(v, "max-connections"))
		more = room;
	while (more[n])
		n++;
	return variant_argv(v, (char **)(uintptr_t)more, n);
}

/* Where the server is to be, as a path; NULL: here. */
static const char *course_netns(const struct course *c)
{
	const struct testbed *t = c->run->testbed;
	if (!t)
		return NULL;
	return c->trial->receiving == RECEIVE_READ ? t->between : t->server;
}

static int course_start(struct course *c)
{
	struct run *r = c->run;
	char root[PATH_TEXT], note[ROW_TEXT], most[NUMBER_TEXT];
	char **argv = course_argv(c, most);
	if (!argv)
		return -ENOMEM;
	snprintf(root, sizeof root, "%s/work/root", r->folder);
	struct server_spec spec = {.argv = argv,
				   .root = r->testbed ? NULL : root,
				   .netns = course_netns(c),
				   .counters = c->counters,
				   .log = c->log,
				   .server_cpus = r->server_cpus,
				   .client_cpus = r->client_cpus,
				   .interrupt_fd = r->interrupt_fd,
				   .crowded = trial_idle(c->trial) > 0,
				   .split = c->trial->split};
	int status = r->target->start(r->target, &spec);
	free(argv);
	if (status == -EINTR || status == 0)
		return status;
	snprintf(note, sizeof note, "%s",
		 status == -ETIMEDOUT ? "the server was not ready within 5 s"
		 : status == -ECHILD  ? "the server ended before it was ready"
				      : strerror(-status));
	course_void(c, "server", note);
	return 1;
}

/* An empty log says nothing; drop it. */
static void log_trim(const char *path)
{
	FILE *log = fopen(path, "re");
	bool empty = log && fgetc(log) == EOF;
	if (log)
		fclose(log);
	if (empty)
		unlink(path);
}

static int course_run(struct course *c)
{
	struct run *r = c->run;
	if (c->trial->experiment->drop && !root_drop(r))
		row_text(c->row, COLUMN_NOTE, "some files stayed in memory");
	int status = course_start(c);
	if (status != 0)
		return status < 0 ? status : 0;
	measure_sources(r);
	receiver_begin(&c->receiver, r, c->trial->receiving);
	if (!isnan(c->trial->prelude_rps))
		status = course_load(c, c->trial->prelude_rps, false);
	double before_kib = c->trial->experiment->drop ? root_device_kib() : NAN;
	if (status == 0)
		status = course_load(c, c->trial->rate_rps, true);
	row_set(c->row, COLUMN_DEVICE_KIB, root_device_kib() - before_kib);
	bool ended_early = r->target->ended(r->target);
	if (status == 0)
		course_measure(c);
	course_stop(c, ended_early);
	return status;
}

int trial_run(struct run *r, const struct trial *t, int attempt, struct row *row)
{
	int serial = (int)r->journal.n + 1;
	struct course *c = calloc(1, sizeof *c);
	if (!c)
		return -ENOMEM;
	c->run = r;
	c->trial = t;
	c->row = row;
	trial_key(t, attempt, row);
	row_set(row, COLUMN_TRIAL, serial);
	course_paths(c, serial);
	progress_show(r, t, attempt);
	int status = measure_quiet(r);
	row_set(row, COLUMN_STARTED, (double)time(NULL));
	if (status == 0)
		status = course_run(c);
	if (access(c->histogram, F_OK) == 0)
		row_text(row, COLUMN_HIST, strrchr(c->histogram, '/') + 1);
	log_trim(c->log);
	free(c);
	return status;
}
