/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.c - a scripted peer. */
#include "config.h"

#include "wire.h"

#include "machine.h"
#include "session.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATE_LEN = 29 }; /* of an IMF-fixdate, RFC 9110 section 5.6.7 */

/* struct io has no place for a context: there is one connection at a time. */
static struct wire wire;
static char *output;
static size_t input_at, output_len, output_room;

static size_t piece(size_t most)
{
	size_t n = (size_t)rand_r(&wire.seed) % wire.piece_max + 1;

	return n < most ? n : most;
}

static bool interrupted(void)
{
	return wire.interrupts && rand_r(&wire.seed) % 8 == 0;
}

static ssize_t wire_read(int fd, void *buffer, size_t len)
{
	size_t left = wire.input_len - input_at;
	size_t n = left < len ? left : len;

	(void)fd;
	if (interrupted()) {
		errno = EINTR;
		return -1;
	}
	n = n ? piece(n) : 0;
	memcpy(buffer, wire.input + input_at, n);
	input_at += n;
	return (ssize_t)n;
}

/* Room for len further bytes and a NUL. */
static bool output_grow(size_t len)
{
	char *larger;

	if (output_len + len < output_room)
		return true;
	larger = realloc(output, (output_len + len + 1) * 2);
	if (!larger)
		return false;
	output = larger;
	output_room = (output_len + len + 1) * 2;
	return true;
}

static ssize_t wire_writev(int fd, const struct iovec *iov, int n)
{
	size_t room = piece(wire.output_max - output_len), sent = 0;

	(void)fd;
	errno = interrupted() ? EINTR : EPIPE;
	if (errno == EINTR || room == 0 || !output_grow(room))
		return -1;
	for (int i = 0; i < n && room > 0; i++) {
		size_t len = iov[i].iov_len < room ? iov[i].iov_len : room;

		memcpy(output + output_len, iov[i].iov_base, len);
		output_len += len;
		room -= len;
		sent += len;
	}
	return (ssize_t)sent;
}

static int wire_readable(int fd, uint64_t timeout_ns)
{
	(void)fd;
	(void)timeout_ns;
	return 1;
}

static void wire_sleep(uint64_t ns)
{
	(void)ns;
}

static int wire_fan(const struct fan *f)
{
	int result = 0;

	for (unsigned i = 0; i < f->n; i++)
		result = result < 0 ? result : fan_part_result(f, i);
	return result;
}

static const struct io io_wire = {wire_read,    wire_writev, wire_readable,
				  service_load, wire_sleep,  wire_fan};

static void direct_serve(int fd, const struct service *s)
{
	session_serve(fd, &io_wire, s);
}

/* As a readiness loop does: it is told again, so an interrupted call is none. */
static void event_read(struct machine *m, int fd)
{
	size_t len;
	char *room = machine_room(m, &len);
	ssize_t n = room ? wire_read(fd, room, len) : -ENOMEM;

	machine_got(m, n == -1 ? -EAGAIN : n);
	if (m->by_steps && n > 0 && !m->lingering)
		assert(machine_due(m) == STEP_PARSE); /* not one it took itself */
}

static void event_write(struct machine *m, int fd)
{
	struct iovec iov[EXCHANGE_PIECES];
	ssize_t n = wire_writev(fd, iov, machine_output(m, iov));

	if (n >= 0 || errno != EINTR)
		machine_sent(m, n < 0 ? -errno : n);
}

/* Seeded, too: a machine that goes by steps, or one that does not. */
static void event_serve(int fd, const struct service *s)
{
	struct machine m;

	machine_init(&m, s);
	m.by_steps = rand_r(&wire.seed) % 2;
	for (;;) {
		while (machine_due(&m) != STEP_NONE)
			machine_step(&m);
		switch (machine_wants(&m)) {
		case WANT_READ:
			event_read(&m, fd);
			break;
		case WANT_WRITE:
			event_write(&m, fd);
			break;
		case WANT_LOAD:
		case WANT_SPIN:
			machine_block(&m);
			break;
		case WANT_WAIT:
			machine_done(&m, 0);
			break;
		case WANT_FAN:
			machine_done(&m, wire_fan(machine_fan(&m)));
			break;
		case WANT_SHUT:
			machine_shut(&m);
			break;
		case WANT_CLOSE:
			machine_free(&m);
			return;
		}
	}
}

/* The Date may differ by a second between the two. */
static void dates_blank(char *at, size_t len)
{
	static const char field[] = "\r\nDate: ";
	const char *end = at + len;

	while ((at = memmem(at, (size_t)(end - at), field, sizeof field - 1))) {
		at += sizeof field - 1;
		len = (size_t)(end - at);
		memset(at, 'x', len < DATE_LEN ? len : DATE_LEN);
	}
}

static char *serve(void (*style)(int fd, const struct service *s),
		   const struct service *s, const struct wire *w, size_t *len)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0); /* for shutdown(2) */

	wire = *w;
	output = NULL;
	input_at = output_len = output_room = 0;
	style(fd, s);
	close(fd);
	*len = output_len;
	if (!output_grow(0))
		return NULL;
	output[output_len] = '\0';
	dates_blank(output, output_len);
	return output;
}

char *wire_direct(const struct service *s, const struct wire *w, size_t *len)
{
	return serve(direct_serve, s, w, len);
}

char *wire_event(const struct service *s, const struct wire *w, size_t *len)
{
	return serve(event_serve, s, w, len);
}
