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
	SPIN_STEP = 400, /* turns of the busy loop between two looks at the clock, at
			    least */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
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

/* "spun 30\n": the word and the number of the request. */
static void reply_done(const struct service *s, struct exchange *x, const char *word)
{
	char text[64];
	char *end = text_put(text_put(text, word), " ");

	end = text_put(text_number(end, x->effect_ns / 1000, 1), "\n");
	reply_make(s, x, 200, "text/plain", text, (size_t)(end - text));
}

/* The one us=N of a query, in decimal digits, at most max.  Returns -1 if it is not
 * that. */
static int64_t query_us(const char *query, int64_t max)
{
	int64_t us = -1;

	while (query && *query) {
		size_t len = strcspn(query, "&");

		if (strncmp(query, "us=", 3) == 0) {
			if (us >= 0 || len == 3)
				return -1;
			us = 0;
			for (size_t i = 3; i < len; i++) {
				if (query[i] < '0' || query[i] > '9')
					return -1;
				us = us * 10 + query[i] - '0';
				if (us > max)
					return -1;
			}
		}
		query += len;
		query += *query == '&';
	}
	return us;
}

static enum effect begin_timed(const struct service *s, struct exchange *x,
			       enum effect effect, int64_t max_us)
{
	int64_t us = query_us(x->request.query, max_us);

	if (us < 0)
		return reply_error(s, x, 400);
	x->effect = effect;
	x->effect_ns = (uint64_t)us * 1000;
	if (us > 0)
		return effect;
	service_finish(s, x, 0);
	return EFFECT_NONE;
}

static void reply_file(const struct service *s, struct exchange *x)
{
	const char *type = x->body.is_index ? "text/html" : http_type(x->request.path);

	reply_make(s, x, 200, type, NULL, 0);
}

enum effect service_begin(const struct service *s, struct exchange *x)
{
	int result;

	x->body = (struct body){.cache = NULL};
	x->close = !x->request.keep_alive;
	if (x->request.method == METHOD_OTHER)
		return reply_error(s, x, 405);
	if (x->request.path_status)
		return reply_error(s, x, x->request.path_status);
	if (strcmp(x->request.path, "/spin") == 0)
		return begin_timed(s, x, EFFECT_SPIN, SPIN_MAX_US);
	if (strcmp(x->request.path, "/wait") == 0)
		return begin_timed(s, x, EFFECT_WAIT, WAIT_MAX_US);

	result = cache_get(s->cache, x->request.path, clock_ns(CLOCK_MONOTONIC_COARSE),
			   &x->body);
	x->effect = EFFECT_LOAD;
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
	counter_add(s->counters, COUNTER_LOADS, 1);
	return cache_load(s->cache, x->request.path, clock_ns(CLOCK_MONOTONIC_COARSE),
			  &x->body);
}

void service_spin(const struct exchange *x)
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
		if (spent >= x->effect_ns)
			break;
		step = (uint64_t)(0.9 * (double)(x->effect_ns - spent) * (double)turns /
				  (double)(spent + 1));
		if (step < SPIN_STEP)
			step = SPIN_STEP;
	}
}

/* What the client is told of a file that could not be had. */
static int load_status(int error)
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
	case ENOMEM:
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
		reply_error(s, x, load_status(-result));
	else if (x->effect == EFFECT_LOAD)
		reply_file(s, x);
	else
		reply_done(s, x, x->effect == EFFECT_SPIN ? "spun" : "waited");
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
