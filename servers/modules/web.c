/* SPDX-License-Identifier: BSD-2-Clause */
/* web.c - what modules that are processes need: descriptors passed, and all let go of
 * that is none of theirs. */
#include "config.h"

#include "web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header; /* aligns it, cmsg(3) */
	char bytes[CMSG_SPACE(sizeof(int))];
};

int passing_open(struct passing *p, unsigned descriptors)
{
	int ends[2];

	p->most = descriptors;
	p->taken = calloc(descriptors, sizeof *p->taken);
	if (!p->taken)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	p->give = ends[0];
	p->take = ends[1];
	return 0;
}

int passing_give(const struct passing *p, int connection)
{
	union control control = {.bytes = {0}};
	struct iovec iov = {&connection, sizeof connection};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof control.bytes};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof connection);
	memcpy(CMSG_DATA(c), &connection, sizeof connection);
	return sendmsg(p->give, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The next that has come, unless there was no descriptor left to receive it with. */
static bool take_one(struct passing *p)
{
	union control control = {.bytes = {0}};
	unsigned connection;
	struct iovec iov = {&connection, sizeof connection};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof control.bytes};
	ssize_t n = recvmsg(p->take, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	int fd;

	if (c && connection < p->most) {
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
		if (p->taken[connection]) /* it was refused */
			close(p->taken[connection] - 1);
		p->taken[connection] = fd + 1;
	}
	return n > 0;
}

void passing_take(struct passing *p)
{
	while (take_one(p))
		continue;
}

int passing_find(struct passing *p, uint32_t connection)
{
	if (connection >= p->most)
		return -EBADF;
	if (!p->taken[connection])
		passing_take(p);
	return p->taken[connection] ? p->taken[connection] - 1 : -EMFILE;
}

void passing_drop(struct passing *p, uint32_t connection)
{
	int fd = passing_find(p, connection);

	if (fd < 0)
		return;
	close(fd);
	p->taken[connection] = 0;
}

void passing_close(struct passing *p)
{
	close(p->give);
	close(p->take);
	free(p->taken);
}

void web_keep_only(struct web *w, unsigned keeps)
{
	struct server *s = w->server;

	if (!w->apart)
		return;
	if (keeps & KEEPS_LISTENER) {
		s->listener = w->listener;
	} else {
		close(w->listener);
		close(s->reserve);
		s->reserve = -1;
	}
	if (!(keeps & KEEPS_FILES))
		cache_destroy(s->service.cache);
	if (!(keeps & KEEPS_ACCOUNTS))
		accounts_destroy(s->service.accounts);
	if (!(keeps & KEEPS_GIVE))
		close(w->passing.give);
	if (!(keeps & KEEPS_TAKE))
		close(w->passing.take);
}
