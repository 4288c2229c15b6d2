/* SPDX-License-Identifier: BSD-2-Clause */
/* @solution LAB-SECRET */
/* files.c - a table of open files in the shared heap.  It holds no descriptors, which
 * mean nothing elsewhere: only which handles are open, and for the how many-eth time.
 * Who opens a file posts its descriptor to all other carriers (SCM_RIGHTS, unix(7)),
 * which take it out before they resume a thread; who closes one rings, and each carrier
 * then compares what it has with the table. */
/* @starter */
//| /* files.c - open files for user threads, as it is done where all run in one
//|  * process: a handle is a descriptor.  It is all there is to change. */
/* @end */
#define _GNU_SOURCE

#include "files.h"

#include <errno.h>
#include <fcntl.h>
/* @solution LAB-SECRET */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
/* @starter */
/* @end */
#include <unistd.h>

/* @solution LAB-SECRET */
#include "call.h"
#include "heap.h"

struct table {
	struct lock lock; /* held to take a handle and to close it */
	/* Odd: open.  Each open and each close adds 1, so that a handle that is taken
	 * again is not mistaken for what it was. */
	atomic_uint state[FILES_MAX];
};

/* In a carrier's inbox: with a descriptor, it is this file's; without, it is a bell. */
struct news {
	int file;
	unsigned state;
};

/* What this carrier has.  Not in the heap: each carrier has its own. */
struct local {
	int fd; /* -1: none */
	unsigned state;
};

static struct table *table; /* in the heap */
static int inbox[CARRIERS], outbox[CARRIERS];
static int self;
static struct local local[FILES_MAX];

int files_init(void)
{
	table = heap_alloc(sizeof(*table));
	if (table == NULL)
		return -ENOMEM;
	for (int i = 0; i < CARRIERS; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
			return -errno;
		inbox[i] = ends[0];
		outbox[i] = ends[1];
	}
	return 0;
}

int files_start(int carrier)
{
	self = carrier;
	for (int i = 0; i < FILES_MAX; i++)
		local[i].fd = -1;
	return inbox[self];
}

static bool local_is_current(int file)
{
	return local[file].fd >= 0 &&
	       local[file].state == atomic_load(&table->state[file]);
}

static void local_set(int file, int fd, unsigned state)
{
	if (local[file].fd >= 0)
		close(local[file].fd);
	local[file].fd = fd;
	local[file].state = state;
}

/* Posts news of a file to one carrier, with a descriptor unless fd is -1; never waits.
 */
static int news_post(int carrier, struct news *news, int fd)
{
	struct iovec bytes = {news, sizeof(*news)};
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	if (sendmsg(outbox[carrier], &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* Takes one letter out of this carrier's inbox; false if there is none. */
static bool news_take(struct news *news, int *fd)
{
	struct iovec bytes = {news, sizeof(*news)};
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = &bytes,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *rights;

	if (recvmsg(inbox[self], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
		return false;
	*fd = -1;
	rights = CMSG_FIRSTHDR(&message);
	if (rights != NULL && rights->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(rights), sizeof(*fd));
	return true;
}

/* A letter may be older than the table: the file was closed since, perhaps another is
 * open under its handle. */
void files_serve(void)
{
	struct news news;
	int fd;

	while (news_take(&news, &fd)) {
		if (fd < 0)
			continue;
		if (news.state == atomic_load(&table->state[news.file]))
			local_set(news.file, fd, news.state);
		else
			close(fd);
	}
	for (int i = 0; i < FILES_MAX; i++)
		if (local[i].fd >= 0 && !local_is_current(i))
			local_set(i, -1, 0);
}

/* The state is told as it was at that moment: who closes the handle before it is known
 * makes it stale, not somebody else's. */
static int handle_take(unsigned *state)
{
	int file = -EMFILE;

	lock_take(&table->lock);
	for (int i = 0; i < FILES_MAX && file < 0; i++)
		if (atomic_load(&table->state[i]) % 2 == 0)
			file = i;
	if (file >= 0)
		*state = atomic_fetch_add(&table->state[file], 1) + 1;
	lock_drop(&table->lock);
	return file;
}

/* Posts the descriptor to all other carriers.  An inbox is full if its carrier has been
 * away for long: the file is not opened then, rather than opened for some. */
static int descriptor_post(int file)
{
	struct news news = {file, local[file].state};
	int error = 0;

	for (int i = 0; i < CARRIERS && error == 0; i++)
		if (i != self)
			error = news_post(i, &news, local[file].fd);
	return error;
}

/* A bell that finds the inbox full is not needed: there are letters to come for. */
static void bells_ring(int file)
{
	struct news news = {.file = file};

	for (int i = 0; i < CARRIERS; i++)
		if (i != self)
			news_post(i, &news, -1);
}

/* The handle first: with O_TRUNC, open() leaves traces even if there is no handle for
 * it. */
int files_open(const char *path, int flags, mode_t mode)
{
	unsigned state;
	int file = handle_take(&state);
	int fd, error;

	if (file < 0)
		return file;
	fd = open(path, flags | O_CLOEXEC, mode);
	error = fd < 0 ? -errno : 0;
	local_set(file, fd, state);
	if (error == 0)
		error = descriptor_post(file);
	if (error == 0)
		return file;
	files_close(file);
	return error;
}

int files_local(int file)
{
	if (file < 0 || file >= FILES_MAX)
		return -EBADF;
	if (!local_is_current(file))
		files_serve(); /* it may have been opened since the thread was resumed
				*/
	return local_is_current(file) ? local[file].fd : -EBADF;
}

int files_close(int file)
{
	bool was_open;

	if (file < 0 || file >= FILES_MAX)
		return -EBADF;
	lock_take(&table->lock);
	was_open = atomic_load(&table->state[file]) % 2 == 1;
	if (was_open)
		atomic_fetch_add(&table->state[file], 1);
	lock_drop(&table->lock);
	if (!was_open)
		return -EBADF;
	files_serve();
	bells_ring(file);
	return 0;
}
/* @starter */
//| int files_init(void)
//| {
//| 	return 0;
//| }
//|
//| int files_start(int carrier)
//| {
//| 	(void)carrier;
//| 	return -1;
//| }
//|
//| void files_serve(void)
//| {
//| }
//|
//| int files_open(const char *path, int flags, mode_t mode)
//| {
//| 	int fd = open(path, flags, mode);
//|
//| 	return fd < 0 ? -errno : fd;
//| }
//|
//| int files_local(int file)
//| {
//| 	return file;
//| }
//|
//| int files_close(int file)
//| {
//| 	return close(file) < 0 ? -errno : 0;
//| }
/* @end */
