/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_limits.c - what a TFTP server cannot or must not do for its client: more than
 * the disk has room for, more threads than there may be, an answer to a broadcast. */
#include "config.h"

#include "tftp_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "tree.h"

enum {
	READERS = 24,
	PROCESSES = 8,
	BLOCK = 512,
	STEP_MS = 5,
	STEPS = 2000,
	STOP_S = 10
};

static const char broadcast[] = "127.255.255.255";

static bool asks_tsize(const struct subject *s, const char *options, size_t len,
		       struct peer *p)
{
	bool good = peer_open(p, s->port);

	peer_request(p, 2, "new.bin", "octet", options, len);
	return good;
}

/* RFC 2349 section 2: ERROR 3 for what is too much; what is not, goes on. */
static bool limit_tsize(struct subject *s)
{
	static const char vast[] = "tsize\0009223372036854775807",
			  larger[] = "tsize\0001152921504606846976",
			  none[] = "tsize\0000";
	struct peer p;
	bool good = asks_tsize(s, vast, sizeof vast, &p) && peer_gets_error(&p, 3);

	peer_close(&p);
	good = good && asks_tsize(s, larger, sizeof larger, &p) &&
	       peer_gets_error(&p, 3) && tftp_file_absent(s, "new.bin");
	peer_close(&p);
	good = good && asks_tsize(s, none, sizeof none, &p) &&
	       peer_gets_oack(&p, none, sizeof none) &&
	       peer_writes(&p, "some", 4, BLOCK) &&
	       tftp_file_is(s, "new.bin", "some", 4);
	peer_close(&p);
	tree_unlink(s->top, "new.bin");
	return good;
}

static bool send_to_all(const struct peer *p, uint16_t port, const char *bytes,
			size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1;

	inet_pton(AF_INET, broadcast, &to.sin_addr);
	return setsockopt(p->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
	       sendto(p->fd, bytes, len, 0, (const struct sockaddr *)&to, sizeof to) ==
		       (ssize_t)len;
}

/* The server's address is the broadcast one, so that it gets what is sent there.  It
 * has read both requests, and has ended: an answer would be here by now. */
static bool limit_broadcast(struct subject *s)
{
	static const char read[] = "\0\1one.txt\0octet", wrong[] = "\0\1one.txt";
	int64_t sent = sizeof read + sizeof wrong;
	struct subject_end end;
	struct peer p;
	bool good = peer_open(&p, s->port) &&
		    send_to_all(&p, s->port, wrong, sizeof wrong) &&
		    send_to_all(&p, s->port, read, sizeof read);

	for (int i = 0; good && i < STEPS && subject_live(s, "bytes_in") < sent; i++)
		usleep(STEP_MS * 1000);
	if (good && subject_live(s, "bytes_in") != sent) {
		tap_diag("what is sent to %s does not come", broadcast);
		good = false;
	}
	end = subject_stop(s, STOP_S);
	s->pid = -1;
	good = good && end.exited && end.status == 0 && peer_silent(&p) &&
	       subject_counter(s, "requests") == 0;
	peer_close(&p);
	return good;
}

/* A thread may take a moment to be gone. */
static bool serves_again(const struct subject *s)
{
	struct peer p;
	bool good = peer_open(&p, s->port), served = false;

	for (int i = 0; good && !served && i < STEPS; i++) {
		p.port = 0;
		peer_read(&p, "one.txt");
		good = peer_receive(&p);
		served = p.in[1] == 3;
		usleep(served ? 0 : STEP_MS * 1000);
	}
	peer_ack(&p, 1);
	peer_close(&p);
	return served;
}

/* They all want a file at once, and get its first block, or ERROR 0 where there is no
 * thread for it; as soon as they let go there is one again. */
static bool limit_threads(struct subject *s)
{
	static unsigned char big[BLOCK];
	struct peer p[READERS];
	unsigned served = 0, refused = 0;
	bool good = true;

	tree_fill("big.bin", big, sizeof big);
	for (int i = 0; i < READERS && good; i++) {
		good = peer_open(&p[i], s->port);
		peer_read(&p[i], "big.bin");
		good = good && peer_receive(&p[i]);
		served += p[i].in[1] == 3;
		refused += p[i].in[1] == 5 && p[i].in[3] == 0;
	}
	tap_diag("%u served, %u refused, by %u threads", served, refused,
		 subject_holdings(s).threads);
	good = good && served > 0 && served + refused == READERS &&
	       subject_live(s, "refused") == (int64_t)refused &&
	       (refused > 0 || subject_holdings(s).threads == 1 || geteuid() != 0);
	for (int i = 0; i < READERS; i++) {
		if (good && p[i].in[1] == 3)
			peer_error(&p[i], 0);
		peer_close(&p[i]);
	}
	return good && tftp_settles(s) && serves_again(s) && tftp_settles(s);
}

const struct tftp_check tftp_limits[] = {
	{"a tsize beyond the disk is ERROR 3", TFTP_PATIENT, limit_tsize, {0}, 0},
	{"a broadcast is not answered",
	 TFTP_PATIENT,
	 limit_broadcast,
	 {"--address", broadcast},
	 0},
	{"out of threads", TFTP_PATIENT, limit_threads, {0}, PROCESSES},
	{0},
};
