/* SPDX-License-Identifier: BSD-2-Clause */
/* fileset.c - the files and their shares. */
#include "config.h"

#include "harness/fileset/fileset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/stats/random.h"

enum { WEIGHT_MAX = 1000000, BLOCK = 65536 };

static const double class_share[FILESET_CLASSES] = {0.35, 0.50, 0.14, 0.01};
static const unsigned rank_of[FILESET_FILES] = {9, 6, 4, 2, 1, 3, 5, 7, 8};

uint64_t fileset_directories(uint64_t bytes)
{
	uint64_t n = (bytes + FILESET_DIRECTORY / 2) / FILESET_DIRECTORY;
	return n > 0 ? n : 1;
}

uint64_t fileset_size(const struct fileset_file *f)
{
	uint64_t size = 1024 * f->index;
	for (unsigned i = 0; i < f->decade; i++)
		size *= 10;
	return size / 10;
}

void fileset_name(const struct fileset_file *f, char name[static FILESET_NAME])
{
	snprintf(name, FILESET_NAME, "dir%05u/class%u_%u", (unsigned)f->directory,
		 f->decade, f->index);
}

/* Zipf's law: 1/rank, of the directory and in the class. */
double fileset_weight(const struct fileset_file *f)
{
	return class_share[f->decade] / rank_of[f->index - 1] /
	       (double)(f->directory + 1);
}

/* Calls `each` for all files of a directory, until one returns an error. */
static int directory_walk(uint64_t directory,
			  int (*each)(const struct fileset_file *f, void *arg),
			  void *arg)
{
	struct fileset_file f = {.directory = directory};
	int error = 0;
	for (f.decade = 0; f.decade < FILESET_CLASSES; f.decade++)
		for (f.index = 1; f.index <= FILESET_FILES && error == 0; f.index++)
			error = each(&f, arg);
	return error;
}

struct writing {
	int folder_fd;
	uint64_t seed;
};

static int content_write(int fd, struct random *random, uint64_t left)
{
	uint64_t words[BLOCK / sizeof(uint64_t)];
	while (left > 0) {
		size_t now = left < sizeof words ? (size_t)left : sizeof words;
		for (size_t i = 0; i * sizeof *words < now; i++)
			words[i] = random_next(random);
		ssize_t done = write(fd, words, now);
		if (done < 0)
			return -errno;
		if ((size_t)done < now)
			return -ENOSPC; /* write(2): the device is full */
		left -= now;
	}
	return 0;
}

static int file_write(const struct fileset_file *f, void *arg)
{
	const struct writing *w = arg;
	char name[FILESET_NAME];
	fileset_name(f, name);
	struct random random = {random_seed(w->seed, name)};
	int fd = openat(w->folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0644);
	if (fd < 0)
		return -errno;
	int error = content_write(fd, &random, fileset_size(f));
	if (close(fd) < 0 && error == 0)
		error = -errno;
	return error;
}

int fileset_write(const char *folder, uint64_t directories, uint64_t seed)
{
	struct writing w = {open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), seed};
	int error = w.folder_fd < 0 ? -errno : 0;
	for (uint64_t i = 0; i < directories && error == 0; i++) {
		char name[FILESET_NAME];
		snprintf(name, sizeof name, "dir%05u", (unsigned)i);
		if (mkdirat(w.folder_fd, name, 0755) < 0)
			error = -errno;
		else
			error = directory_walk(i, file_write, &w);
	}
	if (error == 0 && syncfs(w.folder_fd) < 0)
		error = -errno;
	if (w.folder_fd >= 0)
		close(w.folder_fd);
	return error;
}

static int mix_line(const struct fileset_file *f, void *to)
{
	static const struct fileset_file most = {.decade = 1, .index = 5};
	char name[FILESET_NAME];
	double weight = round(fileset_weight(f) / fileset_weight(&most) * WEIGHT_MAX);
	fileset_name(f, name);
	fprintf(to, "%.0f /%s\n", fmax(weight, 1), name);
	return ferror((FILE *)to) ? -EIO : 0;
}

int fileset_mix(FILE *to, uint64_t directories)
{
	int error = 0;
	for (uint64_t i = 0; i < directories && error == 0; i++)
		error = directory_walk(i, mix_line, to);
	return error;
}
