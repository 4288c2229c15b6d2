/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_abuses.c - what a TFTP server must refuse, or not be moved by: names that lead
 * out of the root, strangers, nonsense, too much. */
#include "config.h"

#include "tftp_gate.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "tree.h"

enum { BOGUS = 10000, BATCH = 50, BIG = 100000, ANY = 1000 };

static unsigned char big[BIG];

static bool begin(struct peer *p, const struct subject *s)
{
	tree_fill("big.bin", big, sizeof big);
	if (!peer_open(p, s->port))
		return false;
	peer_read(p, "big.bin");
	return peer_gets_data(p, 1, big, 512);
}

/* ... and that transfer goes on as if nothing had been. */
static bool goes_on(struct peer *p)
{
	bool good;

	peer_ack(p, 1);
	good = peer_gets_data(p, 2, big + 512, 512);
	peer_error(p, 0);
	peer_close(p);
	return good;
}

static bool refused(const struct subject *s, unsigned op, const char *name,
		    unsigned code)
{
	struct peer p;
	bool good = peer_open(&p, s->port);

	peer_request(&p, op, name, "octet", "", 0);
	good = good && peer_gets_error(&p, code);
	if (!good)
		tap_diag("op %u of \"%s\"", op, name);
	peer_close(&p);
	return good;
}

static bool abuse_reads(struct subject *s)
{
	static const struct {
		const char *name;
		unsigned code;
	} tries[] = {
		{"../outside/secret.txt", 2},
		{"/../outside/secret.txt", 2},
		{"dir/../../outside/secret.txt", 2},
		{"dir/sub/../../../outside/secret.txt", 2},
		{"..", 2},
		{"link-out.txt", 2},
		{"link-out-absolute.txt", 2},
		{"link-out-dir/secret.txt", 2},
		{"link-out-and-in.txt", 2},
		{"link-loop.txt", 2},
		{"/etc/passwd", 1}, /* of the root's etc, which it has not */
		{"//etc/passwd", 1},
		{"link-dangling.txt", 1},
		{"none.txt", 1},
		{"one.txt/", 1},
		{"dir", 2},
		{"/", 2},
		{".", 2},
		{"fifo", 2},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		good = refused(s, 1, tries[i].name, tries[i].code) && good;
	good = refused(s, 1, "unreadable.txt", 2) && good;
	return good && tftp_serves(s, "one.txt");
}

static bool abuse_writes(struct subject *s)
{
	static const struct {
		const char *name;
		unsigned code;
	} tries[] = {
		{"one.txt", 6},
		{"link-in.txt", 6},
		{"link-dangling.txt", 6},
		{"link-out.txt", 6},
		{"fifo", 6},
		{"dir", 6},
		{"dir/", 2},
		{"..", 2},
		{".", 2},
		{"dir/..", 2},
		{"../evil.txt", 2},
		{"/../evil.txt", 2},
		{"../outside/evil.txt", 2},
		{"dir/../../outside/evil.txt", 2},
		{"link-out-dir/evil.txt", 2},
		{"none/evil.txt", 1},
		{"one.txt/evil.txt", 1},
		{"fifo/evil.txt", 1},
	};
	char path[PATH_MAX];
	struct stat st;
	bool good = true;

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		good = refused(s, 2, tries[i].name, tries[i].code) && good;
	snprintf(path, sizeof path, "%s/outside/evil.txt", s->top);
	good = stat(path, &st) < 0 && good;
	snprintf(path, sizeof path, "%s/evil.txt", s->top);
	return stat(path, &st) < 0 && good && tftp_serves(s, "one.txt");
}

/* Another port, another address with the same port, an ERROR from there. */
static bool abuse_strangers(struct subject *s)
{
	struct peer p, port, address;
	bool good = begin(&p, s) && peer_open(&port, s->port) &&
		    peer_open_at(&address, "127.0.0.2", peer_port(&p));

	port.port = address.port = p.port;
	peer_ack(&port, 1);
	good = good && peer_gets_error(&port, 5);
	peer_ack(&address, 1);
	good = good && peer_gets_error(&address, 5);
	peer_send(&port, "", 0);
	good = good && peer_gets_error(&port, 5);
	peer_error(&port, 0); /* not to be answered; nor the end of the transfer */
	good = good && peer_silent(&p) && goes_on(&p) && tftp_settles(s) &&
	       peer_silent(&port) && subject_live(s, "errors") == 3;
	peer_close(&port);
	peer_close(&address);
	return good;
}

/* From the peer itself: the transfer ends, it is told why. */
static bool broken(const struct subject *s, const void *bytes, size_t len)
{
	struct peer p;
	bool good = begin(&p, s);

	peer_send(&p, bytes, len);
	good = good && peer_gets_error(&p, 4);
	peer_close(&p);
	return good;
}

static bool abuse_nonsense(struct subject *s)
{
	static const unsigned char packets[][6] = {
		{0, 4, 0},          /* half an ACK */
		{0, 3, 0, 1},       /* a DATA in a read */
		{0, 6, 0, 0},       /* an OACK */
		{0, 1, 'a', 0},     /* a request */
		{4, 0, 1, 0, 0, 0}, /* bytes in the wrong order */
		{255, 255, 255, 255},
	};
	unsigned char wide[600] = {0, 3, 0, 1};
	struct peer p;
	bool good = broken(s, "", 0) && broken(s, packets[0], 3);

	for (size_t i = 1; good && i < sizeof packets / sizeof *packets; i++)
		good = broken(s, packets[i], 4);
	good = good && peer_open(&p, s->port);
	peer_write(&p, "new.bin");
	good = good && peer_gets_ack(&p, 0);
	peer_send(&p, wide, sizeof wide); /* a DATA beyond the block's size */
	good = good && peer_gets_error(&p, 4) && tftp_file_absent(s, "new.bin");
	peer_close(&p);
	return good;
}

/* What comes to the request port, and the ERROR it is answered with; ANY: none. */
static const struct {
	unsigned code;
	size_t len;
	const char *bytes;
} bogus[] = {
	{ANY, 0, ""},
	{ANY, 1, "\0"},
	{ANY, 4, "\0\4\0\1"},
	{ANY, 8, "\0\3\0\1data"},
	{ANY, 9, "\0\5\0\0text"},
	{ANY, 4, "\0\6\0"},
	{ANY, 4, "\377\377\377\377"},
	{4, 2, "\0\1"},
	{4, 3, "\0\1"},
	{4, 9, "\0\1one.txt"},
	{4, 10, "\0\1one.txt"},
	{4, 15, "\0\1one.txt\0octet"},
	{4, 9, "\0\1\0octet"},
	{4, 15, "\0\1one.txt\0mail"},
	{4, 15, "\0\2new.txt\0mail"},
	{4, 18, "\0\1one.txt\0netascii"},
	{8, 24, "\0\1one.txt\0octet\0blksize"},
	{8, 25, "\0\1one.txt\0octet\0blksize\0008"},
	{8, 45, "\0\1one.txt\0octet\0blksize\0008\0blksize\00016\0tsize\0000"},
};
enum { BOGUSES = sizeof bogus / sizeof *bogus };

static bool bogus_send(struct peer *p, size_t which)
{
	p->port = 0;
	peer_ask(p, bogus[which].bytes, bogus[which].len);
	return bogus[which].code == ANY || peer_gets_error(p, bogus[which].code);
}

/* Ten thousand of them, and a read that is refused with each round; what the server
 * holds then is what it held before. */
static bool abuse_bogus(struct subject *s)
{
	static char large[600];
	unsigned zombies;
	int before = subject_descriptors(s, &zombies);
	struct peer p;
	bool good = peer_open(&p, s->port);

	memcpy(memset(large, 'a', sizeof large), "\0\1", 2);
	memcpy(large + sizeof large - 7, "\0octet", 7);
	for (unsigned i = 0; good && i < BOGUS; i++) {
		good = bogus_send(&p, i % BOGUSES);
		if (i % BATCH == 0) {
			good = good && refused(s, 1, "none.txt", 1);
			peer_ask(&p, large, sizeof large);
			good = good && peer_gets_error(&p, 4);
		}
	}
	good = good && peer_silent(&p) && tftp_serves(s, "one.txt") &&
	       tftp_settles(s) && subject_live(s, "connections_opened") == 1;
	/* The last thread may still be about to close its port. */
	for (int i = 0; i < 1000 && subject_descriptors(s, &zombies) != before; i++)
		usleep(10000);
	good = good && subject_descriptors(s, &zombies) == before;
	peer_close(&p);
	return good;
}

/* The third open file is refused; when one ends there is room again. */
static bool abuse_many(struct subject *s)
{
	struct peer p, other, third;
	bool good = begin(&p, s) && begin(&other, s) && peer_open(&third, s->port),
	     served = false;

	peer_read(&third, "big.bin");
	good = good && peer_gets_error(&third, 0) && subject_live(s, "refused") == 1;
	peer_error(&other, 0);
	for (int tries = 0; good && !served && tries < 1000; tries++) {
		peer_read(&third, "big.bin");
		good = peer_receive(&third);
		served = third.in[1] == 3;
		if (!served)
			usleep(10000);
	}
	peer_error(&third, 0);
	good = good && served && goes_on(&p) && tftp_settles(s);
	peer_close(&other);
	peer_close(&third);
	return good;
}

/* From port 0, where nobody can be answered (udp(7): only a raw socket can send so). */
static bool abuse_no_port(struct subject *s)
{
	unsigned char datagram[8 + 16] = {0, 0, 0, 0, 0, sizeof datagram};
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	bool good;

	if (fd < 0) {
		tap_diag("no raw sockets here: port 0 was not tried");
		return true;
	}
	datagram[2] = (unsigned char)(s->port >> 8);
	datagram[3] = (unsigned char)s->port;
	memcpy(datagram + 8, "\0\1one.txt\0octet", 16);
	good = sendto(fd, datagram, sizeof datagram, 0, (const struct sockaddr *)&to,
		      sizeof to) == sizeof datagram;
	close(fd);
	return good && tftp_serves(s, "one.txt") && tftp_settles(s) &&
	       subject_live(s, "requests") == 1 && subject_live(s, "errors") == 0;
}

const struct tftp_check tftp_abuses[] = {
	{"no read leads out of the root", TFTP_PATIENT, abuse_reads, {0}, 0},
	{"no write leads out, or over a file", TFTP_PATIENT, abuse_writes, {0}, 0},
	{"strangers change nothing", TFTP_PATIENT, abuse_strangers, {0}, 0},
	{"nonsense ends a transfer", TFTP_PATIENT, abuse_nonsense, {0}, 0},
	{"10,000 bogus requests leave nothing", TFTP_PATIENT, abuse_bogus, {0}, 0},
	{"--max-connections", TFTP_PATIENT, abuse_many, {"--max-connections", "2"}, 0},
	{"a request from port 0 is ignored", TFTP_PATIENT, abuse_no_port, {0}, 0},
	{0},
};
