/* SPDX-License-Identifier: BSD-2-Clause */
/* fetch.c - one of many clients at once. */
#include "config.h"

#include "fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

enum { PIECE = 1 << 16, OPEN_TRIES = 400, STEP_US = 50000 };

bool fetch_open(struct fetch *f, uint16_t port)
{
	int tries = 0;

	*f = (struct fetch){.fd = client_open(port)};
	while (f->fd == -EADDRNOTAVAIL && tries++ < OPEN_TRIES) {
		usleep(STEP_US);
		f->fd = client_open(port);
	}
	return f->fd >= 0;
}

void fetch_close(struct fetch *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool fetch_ask(struct fetch *f, const char *method, const char *path)
{
	char text[512];
	int size = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n",
			    method, path);

	f->status = 0;
	f->head_size = f->body_size = f->body_done = 0;
	f->head[0] = f->body[0] = '\0';
	f->fits = ~0U;
	f->asked = send(f->fd, text, (size_t)size, MSG_NOSIGNAL) == size;
	return f->asked;
}

/* Take the head out of n bytes.  Returns how many of them were the head's. */
static size_t head_take(struct fetch *f, const char *bytes, size_t n)
{
	const char *length;
	size_t taken = 0;

	while (taken < n && f->status == 0) {
		if (f->head_size == FETCH_HEAD - 1) {
			f->status = -1;
			break;
		}
		f->head[f->head_size++] = bytes[taken++];
		f->head[f->head_size] = '\0';
		if (f->head_size < 4 ||
		    memcmp(f->head + f->head_size - 4, "\r\n\r\n", 4) != 0)
			continue;
		length = strstr(f->head, "\r\nContent-Length: ");
		if (sscanf(f->head, "HTTP/1.1 %3d ", &f->status) != 1 || !length)
			f->status = -1;
		else
			f->body_size = strtoul(length + 18, NULL, 10);
	}
	return taken;
}

static void body_take(struct fetch *f, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && f->body_done + i < FETCH_BODY - 1; i++) {
		f->body[f->body_done + i] = bytes[i];
		f->body[f->body_done + i + 1] = '\0';
	}
	for (unsigned i = 0; i < FETCH_CHOICES; i++) {
		const struct fetch_bytes *c = &f->choice[i];

		if (!c->bytes || f->body_done + n > c->size ||
		    memcmp(c->bytes + f->body_done, bytes, n) != 0)
			f->fits &= ~(1U << i);
	}
	f->body_done += n;
}

static bool is_wrong(const struct fetch *f)
{
	bool fits = !f->choice[0].bytes;

	for (unsigned i = 0; i < FETCH_CHOICES; i++)
		fits |= (f->fits >> i & 1) && f->choice[i].size == f->body_size;
	return f->status < 0 || f->body_done > f->body_size || (f->status && !fits);
}

enum fetch_end fetch_take(struct fetch *f, size_t most)
{
	static char bytes[PIECE];
	ssize_t n = recv(f->fd, bytes, most < PIECE ? most : PIECE, MSG_DONTWAIT);
	size_t head;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FETCH_MORE;
	if (n <= 0)
		return f->head_size > 0 && f->asked ? FETCH_CUT : FETCH_ENDED;
	if (!f->asked)
		return FETCH_WRONG;
	head = head_take(f, bytes, (size_t)n);
	body_take(f, bytes + head, (size_t)n - head);
	if (is_wrong(f))
		return FETCH_WRONG;
	if (f->status == 0 || f->body_done < f->body_size)
		return FETCH_MORE;
	f->asked = false;
	return FETCH_DONE;
}

const char *fetch_end_name(enum fetch_end end)
{
	static const char *const names[] = {"not all has come", "whole", "ended",
					    "cut off", "not these bytes"};

	return names[end];
}
