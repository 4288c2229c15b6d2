/* SPDX-License-Identifier: BSD-2-Clause */
/* service.c - request -> reply. */
#include "config.h"

#include "service.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum {
	SPIN_MAX_US = 10000000,
	WAIT_MAX_US = 60000000,
	TRANSFER_MAX = ACCOUNTS * ACCOUNT_START,
	SPIN_STEP = 400, /* turns of the busy loop between two looks at the clock, at
			    least */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What changes something is posted, all else is got. */
static bool is_transfer(const struct request *r)
{
	return !r->path_status && strcmp(r->path, "/transfer") == 0;
}

/* Make the head; a text of len bytes goes behind it as the body. */
static void reply_make(const struct service *s, struct exchange *x, int status,
		       const char *type, const char *text, size_t len)
{
	struct reply_head head = {
		.status = status,
		.type = type,
		.length = text ? len : x->body.size,
		.date = (time_t)(clock_ns(CLOCK_REALTIME_COARSE) / 1000000000),
	};

	x->close = x->close || *s->stopping;
	head.close = x->close;
	head.keep_alive_http10 = x->request.http10;
	if (status == 405)
		head.allow = is_transfer(&x->request) ? "POST" : "GET, HEAD";
	x->head_len = (uint32_t)http_head(x->head, &head);
	x->body_len = text || x->request.method == METHOD_HEAD ? 0 : x->body.size;
	if (text && x->request.method != METHOD_HEAD) {
		memcpy(x->head + x->head_len, text, len);
		x->head_len += (uint32_t)len;
	}
	x->sent = 0;
	counter_add(s->counters, COUNTER_REQUESTS, 1);
	if (status >= 400)
		counter_add(s->counters, COUNTER_ERRORS, 1);
}

static enum effect reply_error(const struct service *s, struct exchange *x, int status)
{
	char text[64];
	char *end = text_put(text_number(text, (uint64_t)status, 3), " ");

	end = text_put(text_put(end, http_reason(status)), "\n");
	reply_make(s, x, status, "text/plain", text, (size_t)(end - text));
	return EFFECT_NONE;
}

/* "spun 30\n" */
static enum effect reply_number(const struct service *s, struct exchange *x,
				const char *word, uint64_t number)
{
	char text[64];
	char *end = text_put(text_put(text, word), " ");

	end = text_put(text_number(end, number, 1), "\n");
	reply_make(s, x, 200, "text/plain", text, (size_t)(end - text));
	return EFFECT_NONE;
}

/* The one NAME=N of a query, in decimal digits, from min to max.  Returns -1 if it is
 * not that; fallback where there is none. */
static int64_t query_number(const struct exchange *x, const char *name, int64_t min,
			    int64_t max, int64_t fallback)
{
	const char *query = x->request.query;
	size_t prefix = strlen(name);
	int64_t number = -1;

	while (query && *query) {
		size_t len = strcspn(query, "&"), i = prefix + 1;

		if (len >= i && memcmp(query, name, prefix) == 0 &&
		    query[prefix] == '=') {
			if (number >= 0 || len == i)
				return -1;
			for (number = 0; i < len; i++) {
				if (query[i] < '0' || query[i] > '9')
					return -1;
				number = number * 10 + query[i] - '0';
				if (number > max)
					return -1;
			}
			if (number < min)
				return -1;
		}
		query += len;
		query += *query == '&';
	}
	return number >= 0 ? number : fallback;
}

static enum effect begin_timed(const struct service *s, struct exchange *x,
			       enum effect effect, int64_t max_us)
{
	int64_t us = query_number(x, "us", 0, max_us, -1);

	if (us < 0)
		return reply_error(s, x, 400);
	x->effect = effect;
	x->effect_ns = (uint64_t)us * 1000;
	if (us > 0)
		return effect;
	service_finish(s, x, 0);
	return EFFECT_NONE;
}

static enum effect begin_spin(const struct service *s, struct exchange *x)
{
	return begin_timed(s, x, EFFECT_SPIN, SPIN_MAX_US);
}

static enum effect begin_wait(const struct service *s, struct exchange *x)
{
	return begin_timed(s, x, EFFECT_WAIT, WAIT_MAX_US);
}

static enum effect begin_fan(const struct service *s, struct exchange *x)
{
	int64_t n = query_number(x, "n", 1, FAN_MAX, -1);
	int64_t us = query_number(x, "us", 0, WAIT_MAX_US, -1);
	int64_t fail = query_number(x, "fail", 0, n, 0);

	if (n < 0 || us < 0 || fail < 0)
		return reply_error(s, x, 400);
	x->fan = (struct fan){(unsigned)n, (unsigned)fail, (uint64_t)us * 1000};
	return x->effect = EFFECT_FAN;
}

static enum effect begin_transfer(const struct service *s, struct exchange *x)
{
	int64_t from = query_number(x, "from", 0, ACCOUNTS - 1, -1);
	int64_t to = query_number(x, "to", 0, ACCOUNTS - 1, -1);
	int64_t n = query_number(x, "n", 0, TRANSFER_MAX, -1);

	if (x->request.has_body)
		return reply_error(s, x, 413);
	if (from < 0 || to < 0 || n < 0)
		return reply_error(s, x, 400);
	if (accounts_transfer(s->accounts, (unsigned)from, (unsigned)to, (uint64_t)n) <
	    0)
		return reply_error(s, x, 409);
	return reply_number(s, x, "moved", (uint64_t)n);
}

static enum effect begin_total(const struct service *s, struct exchange *x)
{
	return reply_number(s, x, "total", accounts_total(s->accounts));
}

/* The paths that are no files. */
static const struct operation {
	const char *path;
	enum effect (*begin)(const struct service *s, struct exchange *x);
} operations[] = {
	{"/spin", begin_spin},         /* ?us=N */
	{"/wait", begin_wait},         /* ?us=N */
	{"/fan", begin_fan},           /* ?n=K&us=N&fail=I */
	{"/transfer", begin_transfer}, /* ?from=A&to=B&n=N */
	{"/total", begin_total},
};

static void reply_file(const struct service *s, struct exchange *x)
{
	const char *type = x->body.is_index ? "text/html" : http_type(x->request.path);

	reply_make(s, x, 200, type, NULL, 0);
}

enum route service_route(const struct service *s, struct exchange *x)
{
	int status = x->request.path_status;

	x->body = (struct body){.cache = NULL};
	x->close = !x->request.keep_alive;
	if (x->request.method == METHOD_OTHER ||
	    (x->request.method == METHOD_POST) != is_transfer(&x->request))
		status = 405;
	if (status) {
		reply_error(s, x, status);
		return ROUTE_REPLIED;
	}
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		x->operation = &operations[i];
		if (strcmp(x->request.path, operations[i].path) == 0)
			return ROUTE_PAGE;
	}
	return ROUTE_FILE;
}

int service_lookup(const struct service *s, struct exchange *x)
{
	int result = cache_get(s->cache, x->request.path,
			       clock_ns(CLOCK_MONOTONIC_COARSE), &x->body);

	x->effect = EFFECT_LOAD;
	if (result == -EAGAIN)
		counter_add(s->counters, COUNTER_LOADS, 1);
	return result;
}

enum effect service_page(const struct service *s, struct exchange *x)
{
	return x->operation->begin(s, x);
}

enum effect service_begin(const struct service *s, struct exchange *x)
{
	enum route route = service_route(s, x);
	int result;

	if (route == ROUTE_REPLIED)
		return EFFECT_NONE;
	if (route == ROUTE_PAGE)
		return service_page(s, x);
	result = service_lookup(s, x);
	if (result == -EAGAIN)
		return EFFECT_LOAD;
	service_finish(s, x, result);
	return EFFECT_NONE;
}

void service_reject(const struct service *s, struct exchange *x, int status)
{
	x->body = (struct body){.cache = NULL};
	x->close = true;
	reply_error(s, x, status);
}

int service_load(const struct service *s, struct exchange *x)
{
	return cache_load(s->cache, x->request.path, clock_ns(CLOCK_MONOTONIC_COARSE),
			  &x->body);
}

int service_load_begin(const struct service *s, struct exchange *x,
		       struct cache_load **load, bool resident)
{
	return cache_load_begin(load, s->cache, x->request.path, resident,
				clock_ns(CLOCK_MONOTONIC_COARSE), &x->body);
}

void service_spin(uint64_t ns)
{
	uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID), spent;
	uint64_t turns = 0, step = SPIN_STEP;
	volatile uint64_t sink = 0;

	/* That clock is a system call: look at it seldom.  Each step aims, at the pace
	 * seen so far, at nine tenths of what is left. */
	for (;;) {
		for (uint64_t i = 0; i < step; i++)
			sink++;
		turns += step;
		spent = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
		if (spent >= ns)
			break;
		step = (uint64_t)(0.9 * (double)(ns - spent) * (double)turns /
				  (double)(spent + 1));
		if (step < SPIN_STEP)
			step = SPIN_STEP;
	}
}

/* What the client is told of a file that could not be had, or a part that failed. */
static int error_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case EXDEV: /* it leads out of the root; that is nobody's business */
	case ENAMETOOLONG:
		return 404;
	case EACCES:
	case EPERM:
		return 403;
	case EREMOTEIO: /* a part of /fan */
		return 502;
	case ENOMEM:
	case EAGAIN: /* no thread to be had, pthread_create(3) */
	case ENOBUFS:
	case EMFILE:
	case ENFILE:
		return 503;
	default:
		return 500;
	}
}

void service_finish(const struct service *s, struct exchange *x, int result)
{
	if (result < 0)
		reply_error(s, x, error_status(-result));
	else if (x->effect == EFFECT_LOAD)
		reply_file(s, x);
	else if (x->effect == EFFECT_FAN)
		reply_number(s, x, "joined", x->fan.n);
	else
		reply_number(s, x, x->effect == EFFECT_SPIN ? "spun" : "waited",
			     x->effect_ns / 1000);
}

int exchange_output(const struct exchange *x, struct iovec *iov)
{
	uint64_t sent = x->sent;
	int n = 0;

	if (sent < x->head_len) {
		iov[n].iov_base = (char *)(uintptr_t)(x->head + sent);
		iov[n++].iov_len = x->head_len - sent;
		sent = x->head_len;
	}
	sent -= x->head_len;
	if (sent < x->body_len)
		n += body_iov(&x->body, sent, iov + n, EXCHANGE_PIECES - n);
	return n;
}

void exchange_sent(struct exchange *x, size_t n)
{
	x->sent += n;
}

uint64_t exchange_left(const struct exchange *x)
{
	return x->head_len + x->body_len - x->sent;
}

void exchange_end(struct exchange *x)
{
	if (x->body.cache)
		body_release(&x->body);
	x->body.cache = NULL;
}

char *buffer_room(struct buffer *b, size_t *len)
{
	if (b->start == b->end) {
		b->start = b->end = 0;
	} else if (BUFFER_SIZE - b->end < HTTP_HEAD_MAX) {
		memmove(b->data, b->data + b->start, b->end - b->start);
		b->end -= b->start;
		b->start = 0;
	}
	*len = BUFFER_SIZE - b->end;
	return b->data + b->end;
}
