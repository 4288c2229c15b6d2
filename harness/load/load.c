/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop; see load.h.
 *
 * Pacing: the loop sleeps in epoll_pwait2 (nanoseconds, unlike epoll_wait) until the
 * next arrival is due, with the thread's timer slack at its least, and does not spin
 * before it.  A wake-up is then some tens of microseconds late, which the lag column
 * shows and the certificate bounds; spinning would hide that, but from 20,000 arrivals
 * a second on it would mean a full CPU at any load, the CPU share would say nothing,
 * and on few cores the server would pay for it.  --spin does so all the same: on
 * loopback whoever sends wakes the receiver, so that a client that sleeps is woken on
 * the server's account, which over a network it is not. */
#include "config.h"

#include "harness/load/load.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/load/live.h"
#include "harness/load/request.h"
#include "harness/load/udp.h"

enum {
	/* Between two polls; small, so that neither arrivals nor replies wait for long.
	 */
	EVENTS_MOST = 32,
	ARRIVALS_MOST = 32,
	/* A signal that comes just before the sleep is seen this much later. */
	SLEEP_MOST_NS = 100000000,
	/* From the connections to the first arrival. */
	LEAD_NS = 1000000,
	CONNECT_MS = 3000,
};

volatile sig_atomic_t load_interrupt;

static double cpu_now_s(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Opens the fixed connections, or for sessions one that only shows that the server is
 * there.  The first has to succeed; later ones may be opened again with their request.
 */
static int connect_first(struct load *load)
{
	bool sessions = load->options->mode == LOAD_OPEN;
	uint64_t count = sessions ? 1 : load->slots;
	uint64_t deadline_ns = clock_now_ns() + CONNECT_MS * UINT64_C(1000000);
	for (uint64_t i = 0; i < count && !load_interrupt; i++) {
		struct connection *connection = &load->connections[i];
		uint64_t now_ns = clock_now_ns();
		int left_ms = now_ns < deadline_ns
				      ? (int)((deadline_ns - now_ns) / 1000000)
				      : 0;
		int error = connection_dial(connection, &load->dialer);
		if (error == 0)
			error = connection_settle(connection, &load->dialer, left_ms);
		if (error && i == 0)
			return error;
		if (error)
			break;
		if (sessions)
			connection_close(connection);
		else
			tally_live(&load->tally, 1, clock_now_ns());
	}
	return 0;
}

static int slots_allocate(struct load *load)
{
	const struct options *options = load->options;
	load->slots =
		options->mode == LOAD_OPEN ? options->max_live : options->connections;
	load->connections = calloc(load->slots, sizeof *load->connections);
	if (load->connections == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < load->slots; i++) {
		load->connections[i].fd = -1;
		line_put_last(&load->idle, &load->connections[i]);
	}
	return 0;
}

/* Those there are stay, and the report says how many. */
static int idlers_first(struct load *load, const struct sockaddr_in *server)
{
	const struct options *options = load->options;
	int why, error;
	if (options->idle == 0)
		return 0;
	error = idlers_open(&load->idlers, options->idle, server, options->mix.targets,
			    &why);
	if (error == 0 && why)
		fprintf(stderr,
			"duality load: --idle %" PRIu64 ": %" PRIu64
			" were opened, the next one was not: %s\n",
			options->idle, load->idlers.opened, strerror(-why));
	return error;
}

static int connections_open(struct load *load, const union url_address *server)
{
	const struct options *options = load->options;
	if (options->mode == LOAD_UDP) {
		load->udp = udp_open(load, server);
		return load->udp ? 0 : -errno;
	}
	int error = slots_allocate(load);
	if (error == 0)
		error = connect_first(load);
	return error ? error : idlers_first(load, &server->in);
}

int load_open(struct load *load, const struct options *options,
	      const union url_address *server)
{
	memset(load, 0, sizeof *load);
	load->options = options;
	load->client.cpu_s = NAN;
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		return -errno;
	dialer_open(&load->dialer, &server->in, epoll_fd, options->verify_every);
	int error = tally_open(&load->tally);
	if (error == 0)
		error = connections_open(load, server);
	if (error)
		load_close(load);
	return error;
}

void load_close(struct load *load)
{
	for (uint64_t i = 0; load->connections && i < load->slots; i++)
		connection_close(&load->connections[i]);
	free(load->connections);
	load->connections = NULL;
	idlers_close(&load->idlers);
	udp_close(load->udp);
	load->udp = NULL;
	free(load->waiting.planned_ns);
	load->waiting.planned_ns = NULL;
	tally_close(&load->tally);
	close(load->dialer.epoll_fd);
}

static void arrival_advance(struct load *load)
{
	uint64_t due_ns = load->epoch_ns + schedule_next_ns(&load->schedule);
	load->next_arrival_ns = due_ns < load->stop_ns ? due_ns : UINT64_MAX;
}

static void times_fix(struct load *load)
{
	const struct options *options = load->options;
	load->now_ns = load->woken_ns = clock_now_ns();
	load->epoch_ns = load->now_ns + LEAD_NS;
	load->stop_ns = load->epoch_ns + options->warmup_ns + options->duration_ns;
	load->give_up_ns = load->stop_ns + options->drain_ns;
	load->ping_ns = load->epoch_ns + options->ping_ns;
	tally_window(&load->tally, load->epoch_ns + options->warmup_ns, load->stop_ns);
	load->next_arrival_ns = UINT64_MAX;
	if (options->mode == LOAD_CLOSED)
		return;
	/* Sessions bring several requests each. */
	schedule_open(&load->schedule, options->arrivals,
		      options->rate_rps / (double)options->session_requests,
		      options->seed);
	schedule_fix_count(&load->schedule, options->warmup_ns + options->duration_ns);
	arrival_advance(load);
}

/* All that are due, so that what waits is counted even while nothing can be sent. */
static int arrivals_collect(struct load *load)
{
	while (load->next_arrival_ns <= load->now_ns) {
		int error = arrival_put(&load->waiting, load->next_arrival_ns);
		if (error)
			return error;
		tally_planned(&load->tally, load->next_arrival_ns, true);
		arrival_advance(load);
	}
	return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the loop has something to do even if no connection is ready. */
static uint64_t next_deadline_ns(const struct load *load)
{
	uint64_t deadline_ns = load->now_ns + SLEEP_MOST_NS;
	bool can_send = load->udp ? !load->udp->blocked
				  : load->idle.head || load->options->mode == LOAD_OPEN;
	if (can_send && arrival_count(&load->waiting) > 0)
		return load->now_ns;
	deadline_ns = least(deadline_ns, load->next_arrival_ns);
	deadline_ns = least(deadline_ns, tally_next_sample_ns(&load->tally));
	deadline_ns =
		least(deadline_ns, load->stopped ? load->give_up_ns : load->stop_ns);
	if (load->sleeping.head)
		deadline_ns = least(deadline_ns, load->sleeping.head->wake_ns);
	return load->options->live_line ? least(deadline_ns, load->ping_ns)
					: deadline_ns;
}

/* A gap is time of the window in which the loop could not have served anything: the
 * work of one turn, and what a wake-up came later than asked for. */
static void gap_note(struct load *load, uint64_t turn_ns, uint64_t deadline_ns)
{
	uint64_t woken_ns = load->now_ns, start_ns = load->tally.start_ns;
	uint64_t late_ns = woken_ns > deadline_ns ? woken_ns - deadline_ns : 0;
	if (woken_ns < start_ns || load->stopped)
		return;
	load->client.loops++;
	uint64_t gap_ns = least(turn_ns + late_ns, woken_ns - start_ns);
	uint64_t after_ns = woken_ns > load->stop_ns ? woken_ns - load->stop_ns : 0;
	if (gap_ns > after_ns + load->client.largest_gap_ns)
		load->client.largest_gap_ns = gap_ns - after_ns;
}

static int events_wait(struct load *load, struct epoll_event *events)
{
	uint64_t turn_ns = load->now_ns - load->woken_ns;
	uint64_t deadline_ns = next_deadline_ns(load);
	uint64_t left_ns = deadline_ns > load->now_ns ? deadline_ns - load->now_ns : 0;
	struct timespec timeout = {.tv_nsec = load->options->spin ? 0 : (long)left_ns};
	int count = epoll_pwait2(load->dialer.epoll_fd, events, EVENTS_MOST, &timeout,
				 NULL);
	int error = count < 0 ? -errno : 0;
	load->now_ns = load->woken_ns = clock_now_ns();
	gap_note(load, turn_ns, deadline_ns);
	if (error && error != -EINTR)
		return error;
	return error ? 0 : count;
}

/* Window borders, samples, the live line and signals. */
static void borders_pass(struct load *load)
{
	if (load_interrupt && !load->interrupted) {
		load->interrupted = true;
		load->stop_ns = least(load->stop_ns, load->now_ns);
		load->give_up_ns = least(load->give_up_ns,
					 load->stop_ns + load->options->drain_ns);
		load->next_arrival_ns = UINT64_MAX;
		if (!load->stopped)
			tally_truncate(&load->tally, load->now_ns);
	}
	tally_advance(&load->tally, load->now_ns);
	if (!load->started && load->now_ns >= load->tally.start_ns) {
		load->started = true;
		load->cpu_start_s = cpu_now_s();
		ipbench_start(load->ipbench);
		live_event(load->options, "start", load->tally.start_ns);
	}
	if (!load->stopped && load->now_ns >= load->stop_ns) {
		load->stopped = true;
		if (load->started)
			load->client.cpu_s = cpu_now_s() - load->cpu_start_s;
		ipbench_stop(load->ipbench);
		live_event(load->options, "end", load->stop_ns);
	}
	if (load->options->live_line && load->now_ns >= load->ping_ns)
		live_ping(load);
}

/* After the window only what was planned before its end is still waited for. */
static bool run_over(const struct load *load)
{
	if (!load->stopped)
		return false;
	if (load->now_ns >= load->give_up_ns)
		return true;
	bool sleepers =
		load->sleeping.head && load->sleeping.head->wake_ns < load->stop_ns;
	return load->busy == 0 && arrival_count(&load->waiting) == 0 && !sleepers;
}

static int turn(struct load *load)
{
	struct epoll_event events[EVENTS_MOST];
	int count = events_wait(load, events);
	if (count < 0)
		return count;
	borders_pass(load);
	for (int i = 0; i < count; i++) {
		if (load->udp)
			udp_event(load, events[i].data.ptr);
		else
			request_event(load, events[i].data.ptr);
	}
	int error = arrivals_collect(load);
	if (load->udp) {
		udp_dispatch(load, ARRIVALS_MOST);
		return error;
	}
	uint64_t woken = request_wake(load, ARRIVALS_MOST);
	request_dispatch(load, ARRIVALS_MOST - woken);
	return error;
}

int load_run(struct load *load)
{
	int error = 0;
	/* The least slack a timer can have (prctl(2), PR_SET_TIMERSLACK); the default
	 * is 50 us. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	times_fix(load);
	if (load->options->mode == LOAD_CLOSED)
		request_start_closed(load);
	while (error == 0 && !run_over(load))
		error = turn(load);
	if (load->udp)
		udp_lose_rest(load);
	request_lose_rest(load);
	idlers_check(&load->idlers);
	live_event(load->options, "done", clock_now_ns());
	if (load->options->live_line)
		live_clear();
	return error;
}
