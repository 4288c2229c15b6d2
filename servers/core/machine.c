/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c - the states of a connection. */
#include "config.h"

#include "machine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct work {
	struct exchange x;
	struct cache_load *load; /* under way in steps */
	int result;              /* of the effect, for STEP_REPLY */
	struct buffer in;
};

/* What ended last in this thread, for what begins next: free(3) and malloc(3) of so
 * much are a twentieth of the instructions of a request for a cached file. */
static _Thread_local struct work *spare;

void machine_init(struct machine *m, const struct service *service)
{
	*m = (struct machine){.service = service, .want = WANT_READ};
}

static struct work *work_begin(void)
{
	struct work *w = spare ? spare : malloc(sizeof *w);

	spare = NULL;
	if (!w)
		return NULL;
	w->x.body.cache = NULL;
	w->load = NULL;
	w->in.start = w->in.end = 0;
	return w;
}

/* Give buffer and exchange back: nothing of this connection is in flight.  Who goes by
 * steps goes from thread to thread, and these come and go: none of them keeps any. */
static void work_end(struct machine *m)
{
	if (spare || m->by_steps)
		free(m->work);
	else
		spare = m->work;
	m->work = NULL;
}

void machine_thread_end(void)
{
	free(spare);
	spare = NULL;
}

void machine_free(struct machine *m)
{
	if (m->work) {
		cache_load_cancel(m->work->load);
		exchange_end(&m->work->x);
	}
	work_end(m);
}

enum want machine_wants(const struct machine *m)
{
	return m->want;
}

enum step machine_due(const struct machine *m)
{
	return m->step;
}

/* Take up the next request, if it is whole: the top of session_serve's loop. */
static void parse(struct machine *m)
{
	struct work *w = m->work;
	ssize_t taken = http_parse(w->in.data + w->in.start, w->in.end - w->in.start,
				   &w->x.request);

	if (taken == 0) {
		m->want = WANT_READ;
		if (w->in.start == w->in.end)
			work_end(m);
	} else if (taken < 0) {
		service_reject(m->service, &w->x, (int)-taken);
		m->want = WANT_WRITE;
	} else {
		w->in.start += (size_t)taken;
		m->step = STEP_ROUTE;
	}
}

static void route(struct machine *m)
{
	switch (service_route(m->service, &m->work->x)) {
	case ROUTE_REPLIED:
		m->want = WANT_WRITE;
		break;
	case ROUTE_FILE:
		m->step = STEP_LOOKUP;
		break;
	case ROUTE_PAGE:
		m->step = STEP_PAGE;
		break;
	}
}

static void lookup(struct machine *m)
{
	m->work->result = service_lookup(m->service, &m->work->x);
	if (m->work->result == -EAGAIN)
		m->want = WANT_LOAD;
	else
		m->step = STEP_REPLY;
}

static void page(struct machine *m)
{
	static const enum want wants[] = {
		[EFFECT_NONE] = WANT_WRITE, [EFFECT_LOAD] = WANT_LOAD,
		[EFFECT_WAIT] = WANT_WAIT,  [EFFECT_SPIN] = WANT_SPIN,
		[EFFECT_FAN] = WANT_FAN,
	};

	m->want = wants[service_page(m->service, &m->work->x)];
}

void machine_step(struct machine *m)
{
	enum step step = m->step;

	m->step = STEP_NONE;
	switch (step) {
	case STEP_NONE:
		break;
	case STEP_PARSE:
		parse(m);
		break;
	case STEP_ROUTE:
		route(m);
		break;
	case STEP_LOOKUP:
		lookup(m);
		break;
	case STEP_PAGE:
		page(m);
		break;
	case STEP_REPLY:
		service_finish(m->service, &m->work->x, m->work->result);
		m->want = WANT_WRITE;
		break;
	}
}

/* This step is next: take it, and what follows from it. */
static void go_on(struct machine *m, enum step step)
{
	m->step = step;
	while (!m->by_steps && m->step != STEP_NONE)
		machine_step(m);
}

char *machine_room(struct machine *m, size_t *len)
{
	if (!m->work)
		m->work = work_begin();
	if (!m->work)
		return NULL;
	if (m->lingering)
		m->work->in.start = m->work->in.end = 0;
	return buffer_room(&m->work->in, len);
}

static void broken(struct machine *m)
{
	counter_add(m->service->counters, COUNTER_RESETS, 1);
	m->want = WANT_CLOSE;
}

void machine_got(struct machine *m, ssize_t n)
{
	if (n == -EAGAIN) {
		if (m->work->in.start == m->work->in.end)
			work_end(m);
	} else if (n < 0) {
		broken(m);
	} else if (n == 0) {
		m->want = WANT_CLOSE; /* every whole request was answered before this
					 read */
	} else {
		counter_add(m->service->counters, COUNTER_BYTES_IN, (uint64_t)n);
		m->work->in.end += (size_t)n;
		if (!m->lingering)
			go_on(m, STEP_PARSE);
	}
}

int machine_output(const struct machine *m, struct iovec *iov)
{
	return exchange_output(&m->work->x, iov);
}

bool machine_output_is_mapped(const struct machine *m)
{
	return m->work->x.body.mapping != NULL;
}

/* The reply is out: the bottom of session_serve's loop. */
static void reply_end(struct machine *m)
{
	struct work *w = m->work;

	exchange_end(&w->x);
	if (w->x.close) {
		m->want = WANT_SHUT;
	} else if (w->in.start < w->in.end) {
		go_on(m, STEP_PARSE);
	} else {
		m->want = WANT_READ;
		work_end(m);
	}
}

void machine_sent(struct machine *m, ssize_t n)
{
	if (n < 0) {
		broken(m);
		return;
	}
	counter_add(m->service->counters, COUNTER_BYTES_OUT, (uint64_t)n);
	exchange_sent(&m->work->x, (size_t)n);
	if (exchange_left(&m->work->x) == 0)
		reply_end(m);
}

int machine_load(struct machine *m)
{
	return service_load(m->service, &m->work->x);
}

int machine_load_begin(struct machine *m, bool resident)
{
	return service_load_begin(m->service, &m->work->x, &m->work->load, resident);
}

const struct cache_load *machine_loading(const struct machine *m)
{
	return m->work->load;
}

int machine_load_got(struct machine *m, ssize_t n)
{
	return cache_load_got(&m->work->load, n);
}

uint64_t machine_body_size(const struct machine *m)
{
	return m->work->x.body.size;
}

const char *machine_path(const struct machine *m)
{
	return m->work->x.request.path;
}

void machine_spin(struct machine *m)
{
	service_spin(machine_spin_ns(m));
}

uint64_t machine_spin_ns(const struct machine *m)
{
	return m->work->x.effect_ns;
}

const struct fan *machine_fan(const struct machine *m)
{
	return &m->work->x.fan;
}

bool machine_is_busy(const struct machine *m)
{
	return m->want == WANT_LOAD || m->want == WANT_WAIT || m->want == WANT_SPIN ||
	       m->want == WANT_FAN;
}

void machine_done(struct machine *m, int result)
{
	struct work *w = m->work;

	if (result < 0 && w->load) {
		cache_load_cancel(w->load);
		w->load = NULL;
	}
	w->result = result;
	go_on(m, STEP_REPLY);
}

void machine_shut(struct machine *m)
{
	m->lingering = true;
	m->want = WANT_READ;
}

uint64_t machine_timeout_ns(const struct machine *m)
{
	if (m->want == WANT_WAIT)
		return m->work->x.effect_ns;
	return m->lingering ? LINGER_NS : 0;
}

/* One read.  Returns false if there was nothing to read. */
static bool drive_read(struct machine *m, int fd)
{
	size_t len;
	char *room = machine_room(m, &len);
	ssize_t n = room ? read(fd, room, len) : -ENOMEM;

	if (room && n < 0)
		n = errno == EINTR ? -EAGAIN : -errno; /* readiness is told again */
	m->drained = room && n > 0 && (size_t)n < len;
	machine_got(m, n);
	return n != -EAGAIN;
}

static bool drive_write(struct machine *m, int fd)
{
	struct iovec iov[EXCHANGE_PIECES];
	ssize_t n = writev(fd, iov, machine_output(m, iov));

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	machine_sent(m, n < 0 ? -errno : n);
	return true;
}

enum want machine_drive(struct machine *m, int fd, bool *may_read)
{
	while (m->step == STEP_NONE) {
		switch (m->want) {
		case WANT_READ:
			if (!*may_read || !drive_read(m, fd))
				return m->want;
			*may_read = false;
			break;
		case WANT_WRITE:
			if (!drive_write(m, fd))
				return m->want;
			break;
		case WANT_SHUT:
			shutdown(fd, SHUT_WR);
			machine_shut(m);
			break;
		default:
			return m->want;
		}
	}
	return m->want;
}

void machine_block(struct machine *m)
{
	int result = 0;

	if (m->want == WANT_LOAD)
		result = machine_load(m);
	else
		machine_spin(m);
	machine_done(m, result);
}
