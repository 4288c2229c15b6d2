/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a request; see request.h.
 *
 * `sent` is the moment at which the client acted: for a request that opens its
 * connection that is connect(), since from then on the server's kernel has it.  So time
 * in an overflowing backlog is the server's (received - sent), and lag is ours alone.
 */
#include "config.h"

#include "harness/load/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/clock.h"

enum {
	/* A closed loop that fails would fail again at once, as fast as it can. */
	RETRY_NS = 10000000,
};

static void request_begin(struct load *load, struct connection *connection);

static void sleep_until(struct load *load, struct connection *connection,
			uint64_t wake_ns)
{
	connection->wake_ns = wake_ns;
	line_put_last(&load->sleeping, connection);
}

static void request_plan(struct load *load, struct connection *connection,
			 uint64_t planned_ns, bool first)
{
	connection->request.planned_ns = planned_ns;
	tally_planned(&load->tally, planned_ns, first);
}

static void hang_up(struct load *load, struct connection *connection)
{
	if (connection->fd < 0)
		return;
	connection_close(connection);
	tally_live(&load->tally, -1, load->now_ns);
}

static void next_closed(struct load *load, struct connection *connection, bool answered)
{
	if (answered && --connection->left == 0)
		hang_up(load, connection);
	if (connection->fd < 0)
		connection->left = load->options->session_requests;
	if (load->now_ns >= load->stop_ns) {
		line_put_last(&load->idle, connection);
	} else if (answered) {
		request_plan(load, connection, load->now_ns, false);
		request_begin(load, connection);
	} else {
		sleep_until(load, connection, load->now_ns + RETRY_NS);
	}
}

static void next_pool(struct load *load, struct connection *connection, bool answered)
{
	/* After a failure the dispatcher chooses, which bounds how often we fail in a
	 * row. */
	if (!answered || arrival_count(&load->waiting) == 0) {
		line_put_last(&load->idle, connection);
		return;
	}
	connection->index = load->waiting.taken;
	connection->request.planned_ns = arrival_take(&load->waiting);
	request_begin(load, connection);
}

static void session_leave(struct load *load, struct connection *connection)
{
	hang_up(load, connection);
	/* First, not last: its memory is still warm. */
	line_put_first(&load->idle, connection);
}

static void next_session(struct load *load, struct connection *connection,
			 bool answered)
{
	uint64_t due_ns = load->now_ns + load->options->think_ns;
	if (!answered || connection->left == 0 || due_ns >= load->stop_ns) {
		session_leave(load, connection);
		return;
	}
	connection->left--;
	if (due_ns > load->now_ns) {
		sleep_until(load, connection, due_ns);
		return;
	}
	request_plan(load, connection, due_ns, false);
	request_begin(load, connection);
}

static void request_end(struct load *load, struct connection *connection,
			enum outcome outcome)
{
	bool answered = outcome <= OUTCOME_BAD_BODY;
	connection->busy = false;
	load->busy--;
	tally_ended(&load->tally, &connection->request, outcome, load->now_ns);
	if (!answered || connection->head.closes)
		hang_up(load, connection);
	switch (load->options->mode) {
	case LOAD_CLOSED:
		next_closed(load, connection, answered);
		break;
	case LOAD_POOL:
		next_pool(load, connection, answered);
		break;
	case LOAD_OPEN:
		/* A failed session takes the requests with it that it would have made.
		 */
		if (!answered)
			tally_unmade(&load->tally, connection->request.planned_ns,
				     outcome, connection->left);
		next_session(load, connection, answered);
		break;
	case LOAD_UDP: /* has no connections */
		break;
	}
}

static void detail_keep(struct load *load, const struct connection *connection,
			const char *what)
{
	if (load->tally.detail[0] == '\0')
		snprintf(load->tally.detail, sizeof load->tally.detail, "%.100s: %.50s",
			 connection->target->path, what);
}

static void request_fail(struct load *load, struct connection *connection, int error)
{
	const char *what = strerror(-error);
	if (error == -EPROTO)
		what = "the reply is not HTTP/1.x";
	if (error == -ECONNRESET || error == -EPIPE)
		what = "closed before the reply's end";
	detail_keep(load, connection, what);
	request_end(load, connection, connection_outcome(error));
}

/* The time of sending is load->now_ns: the caller has just read the clock. */
static void request_begin(struct load *load, struct connection *connection)
{
	bool fresh = connection->fd < 0;
	int error = 0;
	connection_load(connection, mix_pick(&load->options->mix, load->options->seed,
					     connection->index++));
	load->busy++;
	connection->request.sent_ns = 0;
	if (fresh)
		error = connection_dial(connection, &load->dialer);
	if (error == 0 || connection_outcome(error) == OUTCOME_REFUSED) {
		connection->request.sent_ns = load->now_ns;
		tally_sent(&load->tally, &connection->request);
	}
	if (fresh && error == 0)
		tally_live(&load->tally, 1, load->now_ns);
	if (error == 0)
		error = connection_send(connection, &load->dialer, fresh);
	if (error)
		request_fail(load, connection, error);
}

static void reply_receive(struct load *load, struct connection *connection)
{
	enum outcome outcome = OUTCOME_ERROR;
	uint64_t bytes = 0;
	char status[32];
	int error = connection_receive(connection, &load->dialer, &outcome, &bytes);
	load->now_ns = clock_now_ns();
	tally_bytes(&load->tally, bytes, load->now_ns);
	if (error == -EAGAIN)
		return;
	if (error) {
		request_fail(load, connection, error);
		return;
	}
	if (outcome == OUTCOME_BAD_STATUS) {
		snprintf(status, sizeof status, "status %d", connection->head.status);
		detail_keep(load, connection, status);
	} else if (outcome == OUTCOME_BAD_BODY) {
		detail_keep(load, connection, "a body unlike the first");
	}
	request_end(load, connection, outcome);
}

void request_event(struct load *load, struct connection *connection)
{
	if (!connection->busy) {
		/* Idle, and yet readable: the server has closed it, or speaks unasked.
		 */
		hang_up(load, connection);
		return;
	}
	if (connection->awaits_output) {
		int error = connection_send(connection, &load->dialer, false);
		if (error)
			request_fail(load, connection, error);
		return;
	}
	reply_receive(load, connection);
}

uint64_t request_dispatch(struct load *load, uint64_t most)
{
	uint64_t taken = 0;
	uint64_t requests = load->options->session_requests;
	while (taken < most && arrival_count(&load->waiting) > 0) {
		struct connection *connection = line_take(&load->idle);
		if (connection == NULL && load->options->mode == LOAD_POOL)
			break;
		uint64_t number = load->waiting.taken;
		struct request request = {.planned_ns = arrival_take(&load->waiting)};
		taken++;
		load->now_ns = clock_now_ns();
		if (connection == NULL) {
			tally_ended(&load->tally, &request, OUTCOME_NO_CONNECTION,
				    load->now_ns);
			tally_unmade(&load->tally, request.planned_ns,
				     OUTCOME_NO_CONNECTION, requests - 1);
			continue;
		}
		connection->request = request;
		connection->index = number * requests;
		connection->left = requests - 1;
		request_begin(load, connection);
	}
	return taken;
}

uint64_t request_wake(struct load *load, uint64_t most)
{
	uint64_t woken = 0;
	while (woken < most && load->sleeping.head &&
	       load->sleeping.head->wake_ns <= load->now_ns) {
		struct connection *connection = line_take(&load->sleeping);
		woken++;
		if (connection->wake_ns >= load->stop_ns) {
			session_leave(load, connection);
			continue;
		}
		request_plan(load, connection, connection->wake_ns, false);
		load->now_ns = clock_now_ns();
		request_begin(load, connection);
	}
	return woken;
}

void request_start_closed(struct load *load)
{
	struct connection *connection;
	for (uint64_t i = 0; i < load->slots; i++) {
		connection = line_take(&load->idle);
		connection->index = i << 40; /* connections walk the mix apart */
		connection->left = load->options->session_requests;
		load->now_ns = clock_now_ns();
		request_plan(load, connection, load->now_ns, false);
		request_begin(load, connection);
	}
}

void request_lose_rest(struct load *load)
{
	struct request request = {.sent_ns = 0};
	for (uint64_t i = 0; i < load->slots; i++) {
		struct connection *connection = &load->connections[i];
		if (connection->busy)
			tally_ended(&load->tally, &connection->request, OUTCOME_LOST,
				    load->now_ns);
		connection->busy = false;
	}
	while (arrival_count(&load->waiting) > 0) {
		request.planned_ns = arrival_take(&load->waiting);
		tally_ended(&load->tally, &request, OUTCOME_LOST, load->now_ns);
	}
}
