/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.c - the files that the servers under test serve. */
#include "config.h"

#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	size_t size;
} files[] = {
	{"index.html", 512},
	{"empty.txt", 0},
	{"one.txt", 1},
	{"kib.txt", 1024},
	{"page-less.bin", 4095},
	{"page.bin", 4096},
	{"page-more.bin", 4097},
	{"big.bin", 100000},
	{"huge.bin", 300000},
	{"dir/index.html", 700},
	{"dir/sub/deep.txt", 300},
	{"with space.txt", 40},
	{"percent%.txt", 41},
	{"question?.txt", 42},
	{"\xc3\xbc.txt", 43},
	{"plus+.txt", 44},
	{"type.html", 60},
	{"type.css", 61},
	{"type.js", 62},
	{"type.json", 63},
	{"type.png", 64},
	{"type.jpg", 65},
	{"type.svg", 66},
	{"type.xyz", 67},
	{"type", 68},
	{"unreadable.txt", 50},
	{"unreadable/one.txt", 1},
};
enum { FILES = sizeof files / sizeof *files };

static const char *const folders[] = {
	"tree", "tree/dir", "tree/dir/sub", "tree/bare", "tree/unreadable", "outside",
};
enum { FOLDERS = sizeof folders / sizeof *folders };

static const char *const links[][2] = {
	{"one.txt", "link-in.txt"},
	{"dir", "link-dir"},
	{"../outside/secret.txt", "link-out.txt"},
	{"/etc/passwd", "link-out-absolute.txt"},
	{"../outside", "link-out-dir"},
	{"../tree/one.txt", "link-out-and-in.txt"},
	{"nowhere", "link-dangling.txt"},
	{"link-loop.txt", "link-loop.txt"},
};
enum { LINKS = sizeof links / sizeof *links };

ssize_t tree_size(const char *name)
{
	for (size_t i = 0; i < FILES; i++)
		if (strcmp(files[i].name, name) == 0)
			return (ssize_t)files[i].size;
	return -ENOENT;
}

void tree_fill(const char *name, unsigned char *to, size_t size)
{
	uint64_t state = 0xcbf29ce484222325; /* FNV-1a over the name ... */

	for (const char *c = name; *c; c++)
		state = (state ^ (unsigned char)*c) * 0x100000001b3;
	for (size_t i = 0; i < size; i++) { /* ... then xorshift64 */
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		to[i] = (unsigned char)(state >> 32);
	}
}

int tree_write(const char *top, const char *name, const void *bytes, size_t size)
{
	char path[PATH_MAX];
	int fd, error = 0;

	snprintf(path, sizeof path, "%s/tree/%s", top, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, size) != (ssize_t)size || ftruncate(fd, (off_t)size) < 0)
		error = errno ? -errno : -EIO;
	close(fd);
	return error;
}

void tree_unlink(const char *top, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree/%s", top, name);
	unlink(path);
}

static int folder_create(const char *top, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", top, name);
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

static int file_create(const char *top, const char *name, size_t size)
{
	unsigned char *bytes = malloc(size + 1);
	int error;

	if (!bytes)
		return -ENOMEM;
	tree_fill(name, bytes, size);
	error = tree_write(top, name, bytes, size);
	free(bytes);
	return error;
}

static int special_create(const char *top)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < LINKS; i++) {
		snprintf(path, sizeof path, "%s/tree/%s", top, links[i][1]);
		if (symlink(links[i][0], path) < 0)
			return -errno;
	}
	snprintf(path, sizeof path, "%s/tree/fifo", top);
	if (mkfifo(path, 0644) < 0)
		return -errno;
	snprintf(path, sizeof path, "%s/tree/unreadable.txt", top);
	if (chmod(path, 0) < 0)
		return -errno;
	snprintf(path, sizeof path, "%s/tree/unreadable", top);
	return chmod(path, 0) < 0 ? -errno : 0;
}

static int give_away(const char *top, uid_t owner)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, "%s/%s", top, folders[i]);
		if (chown(path, owner, (gid_t)-1) < 0)
			return -errno;
	}
	snprintf(path, sizeof path, "%s/tree/unreadable.txt", top);
	if (chown(path, owner, (gid_t)-1) < 0)
		return -errno;
	return chown(top, owner, (gid_t)-1) < 0 ? -errno : 0;
}

int tree_create(const char *top, uid_t owner)
{
	int error = 0;

	umask(022);
	for (size_t i = 0; i < FOLDERS && !error; i++)
		error = folder_create(top, folders[i]);
	for (size_t i = 0; i < FILES && !error; i++)
		error = file_create(top, files[i].name, files[i].size);
	if (!error)
		error = file_create(top, "../outside/secret.txt", 30);
	if (!error)
		error = file_create(top, "vast.bin", TREE_VAST);
	if (!error)
		error = special_create(top);
	return error ? error : give_away(top, owner);
}

static int entry_remove(const char *path, const struct stat *st, int type,
			struct FTW *at)
{
	(void)st, (void)at;
	if (type == FTW_DNR && chmod(path, 0700) < 0)
		return 0;
	return remove(path), 0;
}

void tree_remove(const char *top)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree/unreadable", top);
	chmod(path, 0700);
	nftw(top, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}
