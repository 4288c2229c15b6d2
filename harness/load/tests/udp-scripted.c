/* SPDX-License-Identifier: BSD-2-Clause */
/* A UDP echo server that misbehaves by script, for the tests of the load generator:
 *   udp-scripted MODE [NUMBER]
 * Prints `ready 127.0.0.1:PORT`, and ends by itself after a minute.  At SIGUSR1 it
 * answers the datagram before it 20,000 times more, and prints `flooded`. */
#include "config.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIFE_S = 60, ROOM = 4 << 20, DATAGRAM = 65536, FLOOD = 20000 };

enum mode {
	ECHO,
	LOSE,    /* every NUMBERth datagram is not answered; 1: only the probe is */
	TWICE,   /* every NUMBERth is answered twice */
	SWAP,    /* of every two, the second is answered first */
	CORRUPT, /* of every NUMBERth the last byte is another */
	CUT,     /* and of every NUMBERth it is missing */
	FORGE,   /* every NUMBERth says it is the one after */
	SILENT,  /* reads and never answers */
	BABBLE,  /* answers with something else */
	DIES,    /* exits after NUMBER of them */
	MODES,
};

static const char *const modes[MODES] = {"echo", "lose",  "twice",  "swap",   "corrupt",
					 "cut",  "forge", "silent", "babble", "dies"};

struct datagram {
	struct sockaddr_in from;
	size_t length;
	unsigned char bytes[DATAGRAM];
};

static int fd;
static volatile sig_atomic_t asked_to_flood;

static void on_signal(int signal_number)
{
	asked_to_flood = signal_number;
}

/* Until a datagram is there or a signal came, which is let in nowhere else: one that
 * came just before a wait would be slept through (pselect(2)). */
static void wait_for_either(void)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	sigset_t none;

	sigemptyset(&none);
	ppoll(&p, 1, NULL, &none);
}

static void answer(const struct datagram *d)
{
	sendto(fd, d->bytes, d->length, 0, (const struct sockaddr *)&d->from,
	       sizeof d->from);
}

static void flood(const struct datagram *d)
{
	for (int i = 0; i < FLOOD; i++)
		answer(d);
	asked_to_flood = 0;
	printf("flooded\n");
	fflush(stdout);
}

static bool is_probe(const struct datagram *d)
{
	uint64_t number = 0;

	if (d->length >= sizeof number)
		memcpy(&number, d->bytes, sizeof number);
	return number == UINT64_MAX;
}

static void swap(const struct datagram *d)
{
	static struct datagram held;

	if (held.length == 0) {
		held = *d;
		return;
	}
	answer(d);
	answer(&held);
	held.length = 0;
}

/* One of every NUMBERth. */
static void spoil(struct datagram *d, enum mode mode)
{
	switch (mode) {
	case LOSE:
		return;
	case TWICE:
		answer(d);
		break;
	case CORRUPT:
		d->bytes[d->length - 1] ^= 1;
		break;
	case CUT:
		d->length--;
		break;
	case FORGE:
		d->bytes[0]++;
		break;
	case DIES:
		exit(0);
	default:
		break;
	}
	answer(d);
}

static void handle(struct datagram *d, enum mode mode, long number)
{
	static long count;

	if (mode == BABBLE)
		memset(d->bytes, 'b', d->length);
	if (mode == SILENT)
		return;
	if (is_probe(d) || mode == BABBLE)
		answer(d);
	else if (mode == SWAP)
		swap(d);
	else if (++count % number == 0)
		spoil(d, mode);
	else
		answer(d);
}

static int mode_of(const char *name)
{
	for (int i = 0; name && i < MODES; i++)
		if (strcmp(name, modes[i]) == 0)
			return i;
	fprintf(stderr, "udp-scripted: no such mode\n");
	exit(2);
}

static void serve(enum mode mode, long number)
{
	static struct datagram d;
	sigset_t flooding;

	sigemptyset(&flooding);
	sigaddset(&flooding, SIGUSR1);
	sigprocmask(SIG_BLOCK, &flooding, NULL);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
	for (;;) {
		socklen_t from_length = sizeof d.from;
		ssize_t n;

		wait_for_either();
		n = recvfrom(fd, d.bytes, sizeof d.bytes, MSG_DONTWAIT,
			     (struct sockaddr *)&d.from, &from_length);
		if (n > 0) {
			d.length = (size_t)n;
			handle(&d, mode, number);
		} else if (asked_to_flood) {
			flood(&d);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in own = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof own;
	enum mode mode = (enum mode)mode_of(argc > 1 ? argv[1] : NULL);
	long number = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
	int room = ROOM;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	/* That nothing is lost but by script, even when it is kept from its CPU. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(fd, (struct sockaddr *)&own, length) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &length) < 0)
		return 1;
	printf("ready 127.0.0.1:%u\n", ntohs(own.sin_port));
	fflush(stdout);
	alarm(LIFE_S);
	serve(mode, number);
}
