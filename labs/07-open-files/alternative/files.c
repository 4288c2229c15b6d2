/* SPDX-License-Identifier: BSD-2-Clause */
/* LAB-SECRET files.c, another solution: the table says which descriptor each carrier
 * has, and who lacks one fetches it from who has it (pidfd_getfd(2)), when it is first
 * used.  Nobody has to cooperate, and nothing is under way; but one must be allowed to
 * trace the other. */
#define _GNU_SOURCE

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "heap.h"

struct copy {
	bool held;
	int fd;
	unsigned turn; /* of the entry when it was fetched */
};

struct entry {
	bool open;
	unsigned turn; /* how often the handle was taken */
	struct copy at[CARRIERS];
};

struct table {
	struct lock lock; /* over all below */
	pid_t carrier[CARRIERS];
	struct entry entry[FILES_MAX];
};

static struct table *table; /* in the heap */
static int bell[CARRIERS];
static int self;

int files_init(void)
{
	table = heap_alloc(sizeof(*table));
	if (table == NULL)
		return -ENOMEM;
	for (int i = 0; i < CARRIERS; i++) {
		bell[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (bell[i] < 0)
			return -errno;
	}
	return 0;
}

int files_start(int carrier)
{
	self = carrier;
	/* Where the Yama module restricts tracing to descendants; elsewhere it fails.
	 */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	lock_take(&table->lock);
	table->carrier[self] = getpid();
	lock_drop(&table->lock);
	return bell[self];
}

static bool copy_is_good(const struct entry *entry, int carrier)
{
	const struct copy *copy = &entry->at[carrier];

	return entry->open && copy->held && copy->turn == entry->turn;
}

static void copy_set(struct entry *entry, int fd)
{
	struct copy *own = &entry->at[self];

	if (own->held)
		close(own->fd);
	*own = (struct copy){.held = fd >= 0, .fd = fd, .turn = entry->turn};
}

static void copies_drop(void)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct entry *entry = &table->entry[i];

		if (entry->at[self].held && !copy_is_good(entry, self))
			copy_set(entry, -1);
	}
}

void files_serve(void)
{
	uint64_t rings;

	if (read(bell[self], &rings, sizeof(rings)) < 0)
		return;
	lock_take(&table->lock);
	copies_drop();
	lock_drop(&table->lock);
}

static struct entry *entry_take(unsigned *turn)
{
	struct entry *entry = NULL;

	lock_take(&table->lock);
	for (int i = 0; i < FILES_MAX && entry == NULL; i++)
		if (!table->entry[i].open)
			entry = &table->entry[i];
	if (entry != NULL) {
		entry->open = true;
		*turn = ++entry->turn;
	}
	lock_drop(&table->lock);
	return entry;
}

/* A stranger may have closed the handle before anybody knew it. */
static int entry_fill(struct entry *entry, unsigned turn, int fd)
{
	bool own;

	lock_take(&table->lock);
	own = entry->open && entry->turn == turn;
	if (own)
		copy_set(entry, fd);
	if (own && fd < 0)
		entry->open = false;
	lock_drop(&table->lock);
	if (own || fd < 0)
		return fd;
	close(fd);
	return -EBADF;
}

int files_open(const char *path, int flags, mode_t mode)
{
	unsigned turn;
	struct entry *entry = entry_take(&turn);
	int fd;

	if (entry == NULL)
		return -EMFILE;
	fd = open(path, flags | O_CLOEXEC, mode); /* may wait: not under the lock */
	fd = entry_fill(entry, turn, fd < 0 ? -errno : fd);
	return fd < 0 ? fd : (int)(entry - table->entry);
}

/* Fetches the descriptor from any carrier that has it. */
static int copy_fetch(struct entry *entry)
{
	for (int i = 0; i < CARRIERS; i++) {
		int process, fd;

		if (!copy_is_good(entry, i))
			continue;
		process = (int)syscall(SYS_pidfd_open, table->carrier[i], 0);
		if (process < 0)
			return -errno;
		fd = (int)syscall(SYS_pidfd_getfd, process, entry->at[i].fd, 0);
		if (fd < 0)
			fd = -errno;
		close(process);
		return fd;
	}
	return -EBADF;
}

int files_local(int file)
{
	struct entry *entry;
	int fd = -EBADF;

	if (file < 0 || file >= FILES_MAX)
		return -EBADF;
	entry = &table->entry[file];
	lock_take(&table->lock);
	if (copy_is_good(entry, self)) {
		fd = entry->at[self].fd;
	} else if (entry->open) {
		fd = copy_fetch(entry);
		copy_set(entry, fd);
	}
	lock_drop(&table->lock);
	return fd;
}

int files_close(int file)
{
	const uint64_t ring = 1;
	bool was_open;

	if (file < 0 || file >= FILES_MAX)
		return -EBADF;
	lock_take(&table->lock);
	was_open = table->entry[file].open;
	table->entry[file].open = false;
	copies_drop();
	lock_drop(&table->lock);
	if (!was_open)
		return -EBADF;
	for (int i = 0; i < CARRIERS; i++)
		if (i != self && write(bell[i], &ring, sizeof(ring)) < 0)
			continue; /* full: it rings already */
	return 0;
}
