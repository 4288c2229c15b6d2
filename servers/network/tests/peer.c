/* SPDX-License-Identifier: BSD-2-Clause */
/* peer.c - the other end of the wire for tests of net: Linux's own sockets.
 *   peer echo ADDRESS PORT COUNT SIZE RATE [WINDOW]  datagrams are sent, and looked at
 *       as they come back, byte for byte.  SIZE 0: all from 8 to 1,472.  RATE 0: 16 at
 *       once, each as another came back; else so many a second, whatever comes back,
 *       or with at most WINDOW on their way
 *   peer ping ADDRESS COUNT [MS]            ICMP echo, one after the other; an answer
 *       is waited for that long, or until it must be lost
 * Prints what was sent, received, wrong and twice; 0 if all came back right. */
#include "config.h"

#include "timer_heap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	WINDOW = 16,
	SIZE_LEAST = 8,
	SIZE_MOST = 1472,
	DATAGRAM = 65536,
	PATIENCE_MS = 20000, /* nothing came for so long: no more will */
	LOSSY_MS = 2000,     /* where some are lost, whatever happens */
	LIFE_S = 300
};

#define NS_IN_S UINT64_C(1000000000)

struct peer {
	int fd;
	uint64_t count, size, rate, window;
	int patience_ms;
	uint64_t sent, received, wrong, twice;
	unsigned char *came; /* one for each */
};

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end) {
		fprintf(stderr, "peer: %s: not a number\n", text);
		exit(2);
	}
	return n;
}

static int must(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int socket_to(const char *address, const char *port, int type, int protocol)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = must(socket(AF_INET, type, protocol), "socket");
	int bytes = 4 << 20;

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
		fprintf(stderr, "peer: %s: not an address\n", address);
		exit(2);
	}
	to.sin_port = htons((uint16_t)number(port));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	must(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
	return fd;
}

/* Datagram i: its number, and bytes that depend on it.  Returns its size. */
static size_t datagram_make(const struct peer *p, uint64_t i, unsigned char *to)
{
	size_t size =
		p->size ? p->size : SIZE_LEAST + i * 37 % (SIZE_MOST - SIZE_LEAST + 1);
	uint64_t word = i;

	memcpy(to, &word, sizeof word);
	for (size_t at = sizeof word; at < size; at++) {
		word = word * 6364136223846793005U + 1442695040888963407U;
		to[at] = (unsigned char)(word >> 56);
	}
	return size;
}

static void datagram_send(struct peer *p)
{
	unsigned char bytes[DATAGRAM];
	size_t size = datagram_make(p, p->sent, bytes);

	if (send(p->fd, bytes, size, 0) < 0 && errno != ECONNREFUSED)
		must(-1, "send");
	p->sent++;
}

static void datagram_look(struct peer *p)
{
	unsigned char came[DATAGRAM], right[DATAGRAM];
	ssize_t n = recv(p->fd, came, sizeof came, MSG_DONTWAIT);
	uint64_t i = UINT64_MAX;

	if (n < 0)
		return;
	if (n >= (ssize_t)sizeof i)
		memcpy(&i, came, sizeof i);
	if (i >= p->sent || (size_t)n != datagram_make(p, i, right) ||
	    memcmp(came, right, (size_t)n) != 0)
		p->wrong++;
	else if (p->came[i]++)
		p->twice++;
	else
		p->received++;
}

/* May the next be sent?  Else in how many milliseconds to ask again, in *wait_ms. */
static bool is_due(const struct peer *p, uint64_t begun_ns, int *wait_ms)
{
	uint64_t due_ns, now_ns;

	*wait_ms = p->patience_ms;
	if (p->sent == p->count || p->sent - p->received >= p->window)
		return false;
	if (!p->rate)
		return true;
	due_ns = begun_ns + p->sent * NS_IN_S / p->rate;
	now_ns = timer_now();
	if (due_ns > now_ns)
		*wait_ms = (int)((due_ns - now_ns) / 1000000);
	return due_ns <= now_ns;
}

static int echo(struct peer *p)
{
	uint64_t begun_ns = timer_now();
	int wait_ms;

	while (p->received < p->count) {
		struct pollfd ready = {.fd = p->fd, .events = POLLIN};
		int n;

		if (is_due(p, begun_ns, &wait_ms)) {
			datagram_send(p);
			wait_ms = 0;
		}
		n = poll(&ready, 1, wait_ms);
		if (n > 0)
			datagram_look(p);
		else if (wait_ms == p->patience_ms)
			break;
	}
	return p->received == p->count && !p->wrong && !p->twice;
}

/* The peer's own address answers too, where it is the same machine's. */
static int ping(struct peer *p)
{
	for (; p->sent < p->count; p->sent++) {
		struct {
			struct icmphdr header;
			unsigned char bytes[56];
		} ask = {.header = {.type = ICMP_ECHO}}, *answer;
		unsigned char packet[256];
		struct pollfd ready = {.fd = p->fd, .events = POLLIN};
		uint32_t sum = ICMP_ECHO;

		ask.header.un.echo.sequence = htons((uint16_t)p->sent);
		sum += ask.header.un.echo.sequence; /* the rest is 0 (RFC 792) */
		sum = (sum & 0xffff) + (sum >> 16);
		ask.header.checksum = (uint16_t)~sum;
		must((int)send(p->fd, &ask, sizeof ask, 0), "send");
		if (poll(&ready, 1, p->patience_ms) <= 0)
			continue;
		answer = (void *)(packet + sizeof(struct iphdr));
		if (recv(p->fd, packet, sizeof packet, 0) ==
			    sizeof(struct iphdr) + sizeof ask &&
		    answer->header.type == ICMP_ECHOREPLY &&
		    answer->header.un.echo.sequence == ask.header.un.echo.sequence)
			p->received++;
		else
			p->wrong++;
	}
	return p->received == p->count;
}

int main(int argc, char **argv)
{
	struct peer p = {.patience_ms = PATIENCE_MS};
	bool pings = (argc == 4 || argc == 5) && !strcmp(argv[1], "ping");
	int right;

	alarm(LIFE_S);
	if ((argc == 7 || argc == 8) && !strcmp(argv[1], "echo")) {
		p.fd = socket_to(argv[2], argv[3], SOCK_DGRAM, 0);
		p.count = number(argv[4]);
		p.size = number(argv[5]);
		p.rate = number(argv[6]);
		p.window = p.rate ? UINT64_MAX : WINDOW;
		if (argc == 8)
			p.window = number(argv[7]);
		if (p.window == UINT64_MAX)
			p.patience_ms = LOSSY_MS;
	} else if (pings) {
		p.fd = socket_to(argv[2], "0", SOCK_RAW, IPPROTO_ICMP);
		p.count = number(argv[3]);
		if (argc == 5)
			p.patience_ms = (int)number(argv[4]);
	} else {
		fprintf(stderr,
			"usage: peer echo ADDRESS PORT COUNT SIZE RATE [WINDOW]\n"
			"       peer ping ADDRESS COUNT [MS]\n");
		return 2;
	}
	p.came = calloc(p.count + 1, 1);
	must(p.came ? 0 : -1, "calloc");
	right = pings ? ping(&p) : echo(&p);
	printf("sent %llu received %llu wrong %llu twice %llu\n",
	       (unsigned long long)p.sent, (unsigned long long)p.received,
	       (unsigned long long)p.wrong, (unsigned long long)p.twice);
	free(p.came);
	return right ? 0 : 1;
}
