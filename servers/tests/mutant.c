/* SPDX-License-Identifier: BSD-2-Clause */
/* mutant.c - preloaded into a server, makes it break one promise, named by $MUTANT. The
 * gate must reject each of these servers, and accept those with $MUTANT=none and
 * $MUTANT=slow-accept. */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	FDS = 1024,
	LONG = 1000,  /* bytes of a reply that has a body */
	OFTEN = 16,   /* one call in so many is broken */
	PIECES = 1024 /* IOV_MAX */
};

static atomic_uint calls;
static atomic_uint reads[FDS]; /* since the descriptor was accepted */
static atomic_int last_fd = -1;

static bool mutant_is(const char *name)
{
	const char *mutant = getenv("MUTANT");

	return mutant && strcmp(mutant, name) == 0;
}

static bool is_socket(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return fd >= 0 && fd < FDS &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static bool now_and_then(void)
{
	return atomic_fetch_add(&calls, 1) % OFTEN == OFTEN - 1;
}

/* slow-accept: breaks no promise, but whoever looks for a signal, and then waits for a
 * client, has a millisecond in between in which it can come. */
int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	int (*real)(int, struct sockaddr *, socklen_t *, int) =
		dlsym(RTLD_NEXT, "accept4");
	int got;

	if (mutant_is("slow-accept"))
		usleep(1000);
	got = real(fd, address, size, flags);
	if (got >= 0 && got < FDS)
		atomic_store(&reads[got], 0);
	return got;
}

/* dropped-fragment: a connection's second piece is lost. */
ssize_t read(int fd, void *to, size_t size)
{
	ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
	ssize_t n = real(fd, to, size);

	if (n > 0 && mutant_is("dropped-fragment") && is_socket(fd) &&
	    atomic_fetch_add(&reads[fd], 1) == 1)
		return real(fd, to, size);
	return n;
}

static size_t iov_total(const struct iovec *iov, int pieces)
{
	size_t total = 0;

	for (int i = 0; i < pieces; i++)
		total += iov[i].iov_len;
	return total;
}

/* The same pieces, shortened to `size` bytes.  Returns their number. */
static int iov_head(struct iovec *to, const struct iovec *iov, int pieces, size_t size)
{
	int n = 0;

	while (n < pieces && size > 0) {
		to[n] = iov[n];
		if (to[n].iov_len > size)
			to[n].iov_len = size;
		size -= to[n++].iov_len;
	}
	return n;
}

/* short-write: half of a long reply is lost; wrong-body: its last byte is another;
 * cross-talk: it goes to the connection written to before. */
ssize_t writev(int fd, const struct iovec *iov, int pieces)
{
	ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
	size_t total = iov_total(iov, pieces);
	bool break_it = is_socket(fd) && total > LONG && pieces <= PIECES;
	struct iovec head[PIECES];
	int other;

	if (break_it && mutant_is("short-write")) {
		real(fd, head, iov_head(head, iov, pieces, total / 2));
		return (ssize_t)total;
	}
	if (break_it && mutant_is("wrong-body")) {
		const char *end = (const char *)iov[pieces - 1].iov_base +
				  iov[pieces - 1].iov_len;
		const char wrong = (char)(end[-1] ^ 1);
		ssize_t n = real(fd, head, iov_head(head, iov, pieces, total - 1));

		return n == (ssize_t)total - 1 && write(fd, &wrong, 1) == 1 ? n + 1 : n;
	}
	other = atomic_exchange(&last_fd, fd);
	if (mutant_is("cross-talk") && other >= 0 && other != fd && now_and_then()) {
		real(other, iov, pieces);
		return (ssize_t)total;
	}
	return real(fd, iov, pieces);
}

/* fd-leak: some ends of connections leave a descriptor behind; reset: they are a reset.
 */
int close(int fd)
{
	static const struct linger at_once = {.l_onoff = 1};
	int (*real)(int) = dlsym(RTLD_NEXT, "close");

	if (mutant_is("reset") && is_socket(fd))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	if (mutant_is("fd-leak") && is_socket(fd) && now_and_then())
		open("/dev/null", O_RDONLY | O_CLOEXEC);
	return real(fd);
}

/* stale-cache: a file never looks changed. */
int fstat(int fd, struct stat *st)
{
	int (*real)(int, struct stat *) = dlsym(RTLD_NEXT, "fstat");
	int result = real(fd, st);

	if (mutant_is("stale-cache"))
		st->st_mtim = st->st_ctim = (struct timespec){0};
	return result;
}
