/* SPDX-License-Identifier: BSD-2-Clause */
/* unread.c - how much of what was sent has the peer's program not read yet? */
#include "config.h"

#include "unread.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

int unread_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

int unread_bytes(int fd, const struct sockaddr_in *own, const struct sockaddr_in *peer)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 ask;
	} question = {
		.header = {.nlmsg_len = sizeof question,
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST},
		.ask = {.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0U},
	};
	struct inet_diag_sockid *id = &question.ask.id;
	union {
		struct nlmsghdr header;
		char room[4096];
	} answer;
	struct inet_diag_msg found;

	id->idiag_sport = peer->sin_port;
	id->idiag_dport = own->sin_port;
	id->idiag_src[0] = peer->sin_addr.s_addr;
	id->idiag_dst[0] = own->sin_addr.s_addr;
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (send(fd, &question, sizeof question, 0) < 0 ||
	    recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.header)
		return -errno;
	if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	memcpy(&found, NLMSG_DATA(&answer.header), sizeof found);
	return (int)found.idiag_rqueue;
}
