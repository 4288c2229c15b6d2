/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_file.c - files below the root.  The kernel keeps names inside (openat2(2)); a
 * new file is written without a name (O_TMPFILE, open(2)), and linked when complete. */
#include "config.h"

#include "tftp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN_TRIES = 8, NEW_MODE = 0644 };

/* EAGAIN: something was renamed while `..` was resolved, so that the kernel cannot tell
 * whether it left the root. */
static int open_beneath(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	path += strspn(path, "/"); /* the root is the client's "/" */
	for (int i = 0; i < OPEN_TRIES; i++) {
		long fd = syscall(SYS_openat2, root, *path ? path : ".", &how,
				  sizeof how);

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return errno == EAGAIN || errno == EINTR ? -EIO : -errno;
}

int tftp_root_open(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), probe;

	if (fd < 0)
		return -errno;
	probe = open_beneath(fd, ".", O_PATH); /* -ENOSYS: a kernel before 5.6 */
	if (probe < 0) {
		close(fd);
		return probe;
	}
	close(probe);
	return fd;
}

/* O_NONBLOCK: a FIFO does not wait for its writer. */
static int open_to_read(struct tftp_file *f, int root, struct tftp_request *r)
{
	struct stat st;

	f->fd = open_beneath(root, r->name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (f->fd == -ENXIO || f->fd == -ENODEV) /* a socket, a device: open(2) */
		return -EACCES;
	if (f->fd < 0)
		return f->fd;
	if (fstat(f->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	r->size = (uint64_t)st.st_size;
	if (r->netascii)
		r->asks_size = false; /* the file's is not the transfer's */
	return 0;
}

/* The folder of a new file, from all of its name but the last part. */
static int open_folder(int root, const struct tftp_request *r, const char *base)
{
	char path[TFTP_REQUEST_MAX];

	snprintf(path, sizeof path, "%.*s", (int)(base - r->name), r->name);
	return open_beneath(root, path, O_PATH | O_DIRECTORY);
}

/* RFC 2349 section 2 (tsize): a file too large is an ERROR 3, now rather than after as
 * much as there is room for came.  In netascii it may become smaller.  A file system
 * without blocks does not tell. */
static int check_room(const struct tftp_file *f, const struct tftp_request *r)
{
	struct statvfs disk;

	if (!r->asks_size || r->netascii || fstatvfs(f->fd, &disk) < 0 ||
	    disk.f_blocks == 0)
		return 0;
	return (r->size + disk.f_frsize - 1) / disk.f_frsize > disk.f_bavail ? -ENOSPC
									     : 0;
}

static int open_to_write(struct tftp_file *f, int root, const struct tftp_request *r)
{
	const char *slash = strrchr(r->name, '/');
	struct stat st;

	f->base = slash ? slash + 1 : r->name;
	if (!*f->base || strcmp(f->base, ".") == 0 || strcmp(f->base, "..") == 0)
		return -EACCES;
	f->folder = open_folder(root, r, f->base);
	if (f->folder < 0)
		return f->folder;
	if (fstatat(f->folder, f->base, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST; /* now, rather than after all of it came */
	f->fd = openat(f->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, NEW_MODE);
	return f->fd < 0 ? -errno : check_room(f, r);
}

int tftp_file_open(struct tftp_file *f, int root, struct tftp_request *r)
{
	int err;

	f->fd = f->folder = -1;
	f->base = NULL;
	f->is_text = r->netascii;
	f->netascii = (struct netascii){0};
	f->start = f->end = 0;
	err = r->write ? open_to_write(f, root, r) : open_to_read(f, root, r);
	if (err < 0)
		tftp_file_close(f);
	return err;
}

static ssize_t read_full(int fd, char *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, to + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t read_text(struct tftp_file *f, char *to, size_t size)
{
	size_t done = 0;

	for (;;) {
		size_t used;
		ssize_t n;

		done += netascii_encode(&f->netascii, to + done, size - done,
					f->chunk + f->start, f->end - f->start, &used);
		f->start += used;
		if (done == size)
			return (ssize_t)done;
		n = read_full(f->fd, f->chunk, sizeof f->chunk);
		if (n < 0)
			return n;
		if (n == 0)
			return (ssize_t)done;
		f->start = 0;
		f->end = (size_t)n;
	}
}

ssize_t tftp_file_read(struct tftp_file *f, void *to, size_t size)
{
	return f->is_text ? read_text(f, to, size) : read_full(f->fd, to, size);
}

static int write_full(int fd, const char *from, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		from += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int tftp_file_write(struct tftp_file *f, const void *from, size_t len)
{
	char text[TFTP_BLOCK_MAX + 1];

	if (!f->is_text)
		return write_full(f->fd, from, len);
	return write_full(f->fd, text, netascii_decode(&f->netascii, text, from, len));
}

int tftp_file_commit(struct tftp_file *f)
{
	char last, path[32];
	int err = write_full(f->fd, &last, netascii_end(&f->netascii, &last));

	if (err < 0)
		return err;
	/* The way for those without CAP_DAC_READ_SEARCH: open(2), O_TMPFILE. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, path, f->folder, f->base, AT_SYMLINK_FOLLOW) < 0
		       ? -errno
		       : 0;
}

void tftp_file_close(struct tftp_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->folder >= 0)
		close(f->folder);
	f->fd = f->folder = -1;
}
