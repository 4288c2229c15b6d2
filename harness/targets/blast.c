/* SPDX-License-Identifier: BSD-2-Clause */
/* blast.c - duality-blast, a helper of duality-netns: datagrams as fast as they can be
 * sent, to an address where nobody is, so that what passes a link can be counted behind
 * it. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/clock.h"

enum { SIZE = 1472, BATCH = 32, PORT = 9, SECONDS_MOST = 60 };

/* Returns how many were sent, or -errno. */
static int64_t blast(int fd, double seconds)
{
	static char bytes[SIZE];
	struct iovec piece = {bytes, sizeof bytes};
	struct mmsghdr batch[BATCH];
	uint64_t until_ns = clock_now_ns() + (uint64_t)(seconds * 1e9);
	int64_t sent = 0;
	for (int i = 0; i < BATCH; i++)
		batch[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}};
	while (clock_now_ns() < until_ns) {
		int n = sendmmsg(fd, batch, BATCH, 0);
		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		sent += n > 0 ? n : 0;
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	double seconds = argc == 3 ? strtod(argv[2], NULL) : 0;
	if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    !(seconds > 0) || seconds > SECONDS_MOST) {
		fprintf(stderr, "usage: duality-blast IPV4-ADDRESS SECONDS (to %d)\n",
			SECONDS_MOST);
		return 2;
	}
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int64_t sent;
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		sent = blast(fd, seconds);
	else
		sent = -errno;
	if (sent < 0) {
		fprintf(stderr, "duality-blast: %s: %s\n", argv[1],
			strerror((int)-sent));
		return 1;
	}
	printf("%lld\n", (long long)sent);
	return 0;
}
