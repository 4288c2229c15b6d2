/* SPDX-License-Identifier: BSD-2-Clause */
/* stage.c - takes files from submissions: by descriptors, one component of a name at a
   time, so that no link is followed even if it appears meanwhile (openat(2),
   O_NOFOLLOW). */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/grade/path.h"
#include "labs/grade/stage.h"

enum { FOLDERS_OPEN = 16, ROUNDS = 100 };

uint64_t stage_sum(uint64_t sum, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = (sum ^ ((const unsigned char *)bytes)[i]) *
		      UINT64_C(0x100000001b3);
	return sum;
}

struct take {
	const char *to;
	FILE *notes;
	uint64_t sum;
	int taken;
};

static int refuse(const struct take *t, const char *name, const char *why)
{
	fprintf(t->notes, "%s: not taken: %s\n", name, why);
	return 0;
}

static int folders_make(const char *path)
{
	char part[PATH_MAX];
	path_make(part, "%s", path);
	for (char *slash = part + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int bytes_write(const char *path, const char *bytes, size_t n)
{
	int error = folders_make(path);
	if (error < 0)
		return error;
	/* The pristine file goes: it may be a link's target or not writable. */
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, n) != (ssize_t)n)
		error = errno ? -errno : -EIO;
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

/* All that a file of at most `room` bytes has; it may grow while it is read. */
static ssize_t bytes_read(int fd, char *bytes, size_t room)
{
	size_t n = 0;
	while (n < room) {
		ssize_t got = read(fd, bytes + n, room - n);
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static int open_file_take(struct take *t, const char *name, int fd)
{
	static char bytes[STAGE_FILE_BYTES + 1];
	char path[PATH_MAX];
	struct stat about;
	if (fstat(fd, &about) != 0)
		return refuse(t, name, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return refuse(t, name, "not a regular file");
	if (about.st_size > STAGE_FILE_BYTES)
		return refuse(t, name, "more than 1 MiB");
	ssize_t n = bytes_read(fd, bytes, sizeof(bytes));
	if (n < 0 || n > STAGE_FILE_BYTES)
		return refuse(t, name, n < 0 ? strerror((int)-n) : "more than 1 MiB");
	path_make(path, "%s/%s", t->to, name);
	int error = bytes_write(path, bytes, (size_t)n);
	if (error < 0)
		return error;
	t->sum = stage_sum(t->sum, name, strlen(name) + 1);
	t->sum = stage_sum(t->sum, &n, sizeof(n));
	t->sum = stage_sum(t->sum, bytes, (size_t)n);
	t->taken++;
	return 0;
}

/* O_NONBLOCK: opening a pipe nobody writes would wait. */
static int file_take(struct take *t, const char *name, int folder, const char *last)
{
	int fd = openat(folder, last,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return refuse(t, name,
			      errno == ELOOP ? "a symbolic link" : strerror(errno));
	int error = open_file_take(t, name, fd);
	close(fd);
	return error;
}

static int name_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Whatever a folder holds, in the order of the names. */
static int folder_take(struct take *t, const char *prefix, int folder)
{
	struct dirent **list;
	char name[PATH_MAX];
	int n = scandirat(folder, ".", &list, not_dots, name_compare), error = 0;
	for (int i = 0; i < n; i++) {
		path_make(name, "%s/%s", prefix, list[i]->d_name);
		if (error == 0)
			error = file_take(t, name, folder, list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return error;
}

/* "a/b/c.c": opens a, then b, each only if it is a folder and no link. */
static int name_take(struct take *t, int top, const char *name)
{
	char part[PATH_MAX];
	int folder = dup(top), error = 0;
	const char *at = name;
	for (const char *slash; folder >= 0 && (slash = strchr(at, '/'));
	     at = slash + 1) {
		path_make(part, "%.*s", (int)(slash - at), at);
		int next = openat(folder, part,
				  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(folder);
		folder = next;
	}
	if (folder < 0)
		return errno == ENOENT
			       ? 0
			       : refuse(t, name, "its folder is none, or a link");
	if (strcmp(at, "*") == 0) {
		path_make(part, "%.*s", (int)(at - name) - 1, name);
		error = folder_take(t, part, folder);
	} else {
		error = file_take(t, name, folder, at);
	}
	close(folder);
	return error;
}

int stage_take(const struct lab *lab, const char *from, const char *to, FILE *notes,
	       uint64_t *sum)
{
	struct take t = {.to = to, .notes = notes, .sum = UINT64_C(0xcbf29ce484222325)};
	int top = open(from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
	    error = 0;
	if (top < 0)
		return -errno;
	for (size_t i = 0; error == 0 && i < json_array_size(lab->files); i++)
		error = name_take(&t, top,
				  json_string_value(json_array_get(lab->files, i)));
	close(top);
	*sum = t.sum;
	return error < 0 ? error : t.taken;
}

bool stage_folder(const struct lab *lab, const char *submission, char *path)
{
	struct stat about;
	path_make(path, "%s/lab-%02d", submission, lab->number);
	if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode))
		return true;
	path_make(path, "%s", submission);
	return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static int unlock(const char *path, const struct stat *about, int kind,
		  struct FTW *where)
{
	(void)about, (void)where;
	if (kind != FTW_DNR)
		return 0;
	return chmod(path, 0700) == 0 ? 1 : -1;
}

static int entry_remove(const char *path, const struct stat *about, int kind,
			struct FTW *where)
{
	(void)about, (void)where;
	if (kind == FTW_DP)
		chmod(path, 0700);
	return remove(path);
}

static int folder_open(const char *path, const struct stat *about, int kind,
		       struct FTW *where)
{
	(void)where;
	if (kind == FTW_D && (about->st_mode & S_IRWXU) != S_IRWXU)
		chmod(path, 0700);
	return 0;
}

/* Folders that may not be read, or not written, are opened up first, one by one. */
int stage_remove(const char *path)
{
	struct stat about;
	if (lstat(path, &about) != 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < ROUNDS && nftw(path, unlock, FOLDERS_OPEN, FTW_PHYS) > 0;
	     i++)
		continue;
	nftw(path, folder_open, FOLDERS_OPEN, FTW_PHYS);
	return nftw(path, entry_remove, FOLDERS_OPEN, FTW_PHYS | FTW_DEPTH) == 0
		       ? 0
		       : -errno;
}

int stage_empty(const char *path)
{
	int error = stage_remove(path);
	if (error < 0)
		return error;
	return mkdir(path, 0755) == 0 ? 0 : -errno;
}

static uint64_t file_sum(uint64_t sum, int folder, const char *name)
{
	char bytes[8192];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	sum = stage_sum(sum, name, strlen(name) + 1);
	for (ssize_t n; fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0;)
		sum = stage_sum(sum, bytes, (size_t)n);
	if (fd >= 0)
		close(fd);
	return sum;
}

uint64_t stage_sum_tree(const char *path)
{
	struct dirent **list;
	struct stat about;
	char below[PATH_MAX];
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n = scandirat(folder, ".", &list, not_dots, name_compare);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		bool known = fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
		if (known && S_ISREG(about.st_mode))
			sum = file_sum(sum, folder, name);
		if (known && S_ISDIR(about.st_mode)) {
			path_make(below, "%s/%s", path, name);
			uint64_t more = stage_sum_tree(below);
			sum = stage_sum(sum, &more, sizeof(more));
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	close(folder);
	return sum;
}
