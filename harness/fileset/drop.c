/* SPDX-License-Identifier: BSD-2-Clause */
/* drop.c - posix_fadvise(2) and, not taking its word for it, mincore(2). */
#include "config.h"

#include "harness/fileset/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VECTOR = 4096, TRIES = 20, WAIT_US = 5000 };

static int resident_count(int fd, uint64_t size, uint64_t *resident)
{
	static unsigned char vector[VECTOR];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	int error = 0;
	*resident = 0;
	if (map == MAP_FAILED)
		return -errno;
	for (uint64_t at = 0; at < size && error == 0; at += VECTOR * page) {
		uint64_t length = size - at < VECTOR * page ? size - at : VECTOR * page;
		if (mincore(map + at, length, vector) < 0)
			error = -errno;
		for (uint64_t i = 0; i < (length + page - 1) / page && error == 0; i++)
			*resident += vector[i] & 1;
	}
	munmap(map, size);
	return error;
}

/* A page that is dirty, or that someone is just reading, stays: write it, try again. */
static int file_drop(int fd, uint64_t size, uint64_t *resident)
{
	int error = 0;
	*resident = 1;
	for (int i = 0; i<TRIES && * resident> 0 && error == 0; i++) {
		if (i > 0)
			usleep(WAIT_US);
		if (fdatasync(fd) < 0)
			return -errno;
		error = -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		if (error == 0)
			error = resident_count(fd, size, resident);
	}
	return error;
}

static int entry_drop(const FTSENT *entry, struct drop *out)
{
	uint64_t size = (uint64_t)entry->fts_statp->st_size, resident = 0;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR ||
	    entry->fts_info == FTS_ERR)
		return -entry->fts_errno;
	if (entry->fts_info != FTS_F || size == 0)
		return 0;
	if (entry->fts_statp->st_uid != geteuid() && geteuid() != 0)
		return -EPERM;
	int fd = open(entry->fts_accpath, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = file_drop(fd, size, &resident);
	close(fd);
	out->files++;
	out->pages += (size + page - 1) / page;
	out->resident += resident;
	return error;
}

int drop_pages(const char *folder, struct drop *out)
{
	char *paths[] = {(char *)(uintptr_t)folder, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int error = 0;
	*out = (struct drop){.files = 0};
	if (!tree)
		return -errno;
	while (error == 0 && (errno = 0, entry = fts_read(tree))) {
		error = entry_drop(entry, out);
		if (error)
			snprintf(out->file, sizeof out->file, "%s", entry->fts_path);
	}
	fts_close(tree);
	return error;
}
