/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_load.c - from the disk into the cache: open below the root, look whether the
 * file is still the one the cache has, else read it; the lock is never held meanwhile.
 * What finds no room becomes a private mapping. */
#include "config.h"

#include "cache_load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	LOAD_TRIES = 8,   /* of a call that may be disturbed by others */
	LOAD_PIECES = 64, /* of one preadv */
	LOAD_POPULATE = 64 << 20,
};

/* The errors callers know; what else a file system may say is EIO. */
static int load_error(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EXDEV:
	case ELOOP:
	case ENAMETOOLONG:
	case EACCES:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case ENOSYS:
		return -error;
	case EPERM:
	case ENXIO: /* a socket, or a device without a driver: open(2) */
	case ENODEV:
		return -EACCES;
	default:
		return -EIO;
	}
}

/* RESOLVE_BENEATH: links and `..` work inside the root and give EXDEV where they would
 * leave it.  EAGAIN: something was renamed while `..` was resolved, so that the kernel
 * cannot tell; try again (openat2(2)); with `resident` also: a name would have to be
 * read from the disk.  O_NONBLOCK: a FIFO does not wait for its
 * writer. */
static int open_beneath(int root, const char *path, bool resident)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
			   (resident ? RESOLVE_CACHED : 0),
	};

	path += strspn(path, "/");
	if (*path == '\0')
		path = ".";
	for (int tries = 0; tries < LOAD_TRIES; tries++) {
		long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno == EAGAIN && resident)
			return -EAGAIN;
		if (errno != EAGAIN && errno != EINTR)
			return load_error(errno);
	}
	return -EIO;
}

int load_open_root(const char *root)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int probe;

	if (fd < 0)
		return -errno;
	probe = open_beneath(fd, "/", false);
	if (probe < 0) {
		close(fd);
		return probe;
	}
	close(probe);
	return fd;
}

static int file_stat(int fd, struct file_stamp *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return load_error(errno);
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	*out = (struct file_stamp){
		.dev = st.st_dev,
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_s = st.st_mtim.tv_sec,
		.mtime_ns = st.st_mtim.tv_nsec,
		.is_index = out->is_index,
	};
	return 0;
}

/* Opened by its whole path, so that index.html may be a link to anywhere in the root.
 */
static int open_index(int root, const char *path, bool resident)
{
	char index[PATH_MAX];
	int length = snprintf(index, sizeof(index), "%s/index.html", path);
	int fd;

	if (length < 0 || (size_t)length >= sizeof(index))
		return -ENAMETOOLONG;
	fd = open_beneath(root, index, resident);
	return fd == -ENOENT ? -EISDIR : fd;
}

/* A descriptor of the file, or of the index.html of the folder, that path names. */
static int file_open(int root, const char *path, bool resident, struct file_stamp *out)
{
	int fd = open_beneath(root, path, resident);
	int rc;

	if (fd < 0)
		return fd;
	rc = file_stat(fd, out);
	if (rc == -EISDIR) {
		close(fd);
		fd = open_index(root, path, resident);
		if (fd < 0)
			return fd;
		out->is_index = true;
		rc = file_stat(fd, out);
	}
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

static bool stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns &&
	       a->is_index == b->is_index;
}

static void entry_seen(struct entry *e, uint64_t now_ns)
{
	if (e->seen_ns < now_ns)
		e->seen_ns = now_ns;
}

/* Pin what the cache has if it is this very file, else -ENOENT. */
static int pin_unchanged(struct cache *c, const struct cache_key *key,
			 const struct file_stamp *file, uint64_t now_ns,
			 struct body *out)
{
	struct entry *e;
	int rc = -ENOENT;

	cache_enter(c);
	e = store_find(c, key);
	if (e != NULL && stamp_equal(&e->file, file)) {
		entry_seen(e, now_ns);
		rc = store_pin(c, e, out);
	}
	cache_leave(c);
	return rc;
}

/* Let a filled entry be found.  If another load of the same file was faster its entry
 * is taken instead; if they read different files, the one looked at later stays. */
static void body_publish(struct cache *c, const struct cache_key *key, struct body *b)
{
	struct entry *mine = &c->entries[b->entry];
	struct entry *other;

	cache_enter(c);
	other = store_find(c, key);
	if (other != NULL && stamp_equal(&other->file, &mine->file)) {
		entry_seen(other, mine->seen_ns);
		store_repin(c, b, other);
	} else if (other == NULL || other->seen_ns <= mine->seen_ns) {
		if (other != NULL)
			store_hide(c, other);
		store_show(c, mine);
	}
	cache_leave(c);
}

/* A mapping of the file for this one reply.  Reading beyond the end of a file truncated
 * meanwhile raises SIGBUS in user space but gives EFAULT from writev(2), so the
 * server's own code never touches these bytes.  Populated here, where blocking on the
 * disk is allowed; beyond the first 64 MiB writev waits for the disk. */
static int body_map(struct cache *c, int fd, const struct file_stamp *file,
		    struct body *out)
{
	size_t size = (size_t)file->size;
	void *mapping;

	*out = (struct body){.is_index = file->is_index};
	if (size == 0)
		return 0;
	mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping == MAP_FAILED)
		return load_error(errno);
	out->cache = c;
	out->mapping = mapping;
	out->size = size;
	if (madvise(mapping, size < LOAD_POPULATE ? size : LOAD_POPULATE,
		    MADV_POPULATE_READ) == 0 ||
	    (errno != EFAULT && errno != EHWPOISON))
		return 0; /* EINVAL: before Linux 5.14; then writev does the reading */
	body_release(out);
	return -ESTALE;
}

struct cache_load {
	struct cache *cache;
	struct cache_key key;
	struct file_stamp file;
	struct body *out; /* being filled */
	uint64_t now_ns, offset;
	int fd, tries;
	bool resident;
};

/* Find the file unchanged, or room for it.  1: read it; -ESTALE: it changed under our
 * hands. */
static int load_place(struct cache_load *l)
{
	int rc = pin_unchanged(l->cache, &l->key, &l->file, l->now_ns, l->out);

	if (rc != -ENOENT)
		return rc;
	cache_enter(l->cache);
	rc = store_reserve(l->cache, &l->key, &l->file, l->now_ns, l->out);
	cache_leave(l->cache);
	if (rc == -ENOSPC && l->resident)
		return -EAGAIN;
	if (rc == -ENOSPC)
		return body_map(l->cache, l->fd, &l->file, l->out);
	if (rc != 0)
		return rc;
	l->offset = 0;
	if (l->file.size > 0)
		return 1;
	body_publish(l->cache, &l->key, l->out);
	return 0;
}

/* As load_place, as often as the file changes. */
static int load_try(struct cache_load *l)
{
	int rc;

	while (l->tries++ < LOAD_TRIES) {
		rc = load_place(l);
		if (rc == -ESTALE)
			rc = file_stat(l->fd, &l->file);
		else
			return rc;
		if (rc != 0)
			return rc;
	}
	return -EIO;
}

static int load_begin(struct cache_load *l)
{
	*l->out = (struct body){0};
	l->fd = file_open(l->cache->root, l->key.path, l->resident, &l->file);
	return l->fd < 0 ? l->fd : load_try(l);
}

/* As cache_load_got.  A read of nothing: the file has become shorter. */
static int load_got(struct cache_load *l, ssize_t n)
{
	if (n == -EINTR)
		return 1;
	if (n > 0) {
		l->offset += (uint64_t)n;
		if (l->offset < l->out->size)
			return 1;
		body_publish(l->cache, &l->key, l->out);
		return 0;
	}
	body_release(l->out);
	*l->out = (struct body){0};
	if (n < 0)
		return n == -EAGAIN ? -EAGAIN : load_error((int)-n);
	n = file_stat(l->fd, &l->file);
	return n < 0 ? (int)n : load_try(l);
}

static void load_end(struct cache_load *l)
{
	if (l->fd >= 0)
		close(l->fd);
}

int cache_load(struct cache *c, const char *path, uint64_t now_ns, struct body *out)
{
	struct cache_load l = {c, cache_key(path), {0}, out, now_ns, 0, -1, 0, false};
	int rc = load_begin(&l);

	while (rc == 1) {
		struct iovec iov[LOAD_PIECES];
		int n = cache_load_iov(&l, iov, LOAD_PIECES);
		ssize_t got = preadv(l.fd, iov, n, (off_t)l.offset);

		rc = load_got(&l, got < 0 ? -errno : got);
	}
	load_end(&l);
	return rc;
}

/* Whoever sees the end of a load frees it. */
static int load_step(struct cache_load **load, int rc)
{
	if (rc == 1)
		return rc;
	load_end(*load);
	free(*load);
	*load = NULL;
	return rc;
}

int cache_load_begin(struct cache_load **load, struct cache *c, const char *path,
		     bool resident, uint64_t now_ns, struct body *out)
{
	*load = malloc(sizeof **load);
	if (!*load)
		return -ENOMEM;
	**load = (struct cache_load){c, cache_key(path), {0}, out, now_ns, 0, -1,
				     0, resident};
	return load_step(load, load_begin(*load));
}

int cache_load_got(struct cache_load **load, ssize_t n)
{
	return load_step(load, load_got(*load, n));
}

int cache_load_fd(const struct cache_load *load)
{
	return load->fd;
}

int cache_load_iov(const struct cache_load *load, struct iovec *iov, int max)
{
	return body_iov(load->out, load->offset, iov, max);
}

uint64_t cache_load_at(const struct cache_load *load)
{
	return load->offset;
}

void cache_load_cancel(struct cache_load *load)
{
	if (!load)
		return;
	body_release(load->out);
	*load->out = (struct body){0};
	load_end(load);
	free(load);
}
