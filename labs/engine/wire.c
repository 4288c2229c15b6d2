/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.c - memory of memfd_create(2), a turn in one futex word.  Both sides on one CPU:
 * then the one's wake and sleep are a switch to the other, some microseconds. */
#include "config.h"

#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SETTING "LAB_WIRE"

static int wire_map(struct wire *w)
{
	w->page = mmap(NULL, w->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
	if (w->page != MAP_FAILED)
		return 0;
	w->page = NULL;
	return -errno;
}

int wire_make(struct wire *w, size_t bytes)
{
	int status;

	w->bytes = bytes;
	w->page = NULL;
	w->fd = memfd_create("wire", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (w->fd < 0)
		return -errno;
	if (ftruncate(w->fd, (off_t)bytes) < 0 ||
	    fcntl(w->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		status = -errno;
	else
		status = wire_map(w);
	if (status < 0)
		wire_leave(w);
	return status;
}

const char *wire_setting(const struct wire *w)
{
	static char text[sizeof SETTING + 16];

	snprintf(text, sizeof text, "%s=%d", SETTING, w->fd);
	return text;
}

int wire_join(struct wire *w, size_t bytes)
{
	const char *text = getenv(SETTING);
	struct stat is;
	char *rest;
	long fd;

	if (!text || !*text)
		return -ENOENT;
	fd = strtol(text, &rest, 10);
	if (*rest || fd < 0 || fd > INT_MAX)
		return -EPROTO;
	w->fd = (int)fd;
	if (fstat(w->fd, &is) < 0)
		return -errno;
	if (is.st_size < 0 || (size_t)is.st_size < bytes)
		return -EPROTO;
	w->bytes = bytes;
	return wire_map(w);
}

void wire_leave(struct wire *w)
{
	if (w->page)
		munmap(w->page, w->bytes);
	if (w->fd >= 0)
		close(w->fd);
	w->page = NULL;
	w->fd = -1;
}

void wire_give(struct wire_turn *t, enum wire_side to)
{
	/* pairs with the acquire in wire_await */
	atomic_store_explicit(&t->side, to, memory_order_release);
	syscall(SYS_futex, &t->side, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

int wire_await(struct wire_turn *t, enum wire_side me, uint64_t wait_ns)
{
	const struct timespec wait = {
		.tv_sec = (time_t)(wait_ns / 1000000000),
		.tv_nsec = (long)(wait_ns % 1000000000),
	};

	for (;;) {
		/* pairs with the release in wire_give */
		uint32_t side = atomic_load_explicit(&t->side, memory_order_acquire);

		if (side == (uint32_t)me)
			return 0;
		/* futex(2): sleeps only if it is still not our turn */
		if (syscall(SYS_futex, &t->side, FUTEX_WAIT, side, &wait, NULL, 0) <
			    0 &&
		    errno != EAGAIN)
			return -errno;
	}
}
