/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_disk.c - a file that changes while it is being sent, and a disk that is full
 * where the counters go. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "fetch.h"
#include "gate.h"
#include "tap.h"
#include "tree.h"

enum {
	STOP_S = 6,
	READERS = 4,
	PINNED = 12 << 20, /* bytes: more than any socket buffer */
	LOOK = 100000,
	TURNS = 60, /* a file is replaced so often */
	TURN_BYTES = 100000,
	PATIENCE_MS = 10000
};

/* --- files that change
 * ---------------------------------------------------------------- */

/* Let another file take the name, in one step. */
static bool file_replace(const struct gate *g, const char *name,
			 const struct fetch_bytes *b)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof from, "%s/tree/next.bin", g->top);
	snprintf(to, sizeof to, "%s/tree/%s", g->top, name);
	return tree_write(g->top, "next.bin", b->bytes, b->size) == 0 &&
	       rename(from, to) == 0;
}

/* Ask, and see enough of the reply to know that it is under way. */
static bool pinned_begin(struct fetch *f, uint16_t port, const struct fetch_bytes *b)
{
	if (!fetch_open(f, port))
		return false;
	f->choice[0] = *b;
	if (!fetch_ask(f, "GET", "/pinned.bin"))
		return false;
	while (f->body_done < LOOK)
		if (!client_wait(f->fd, PATIENCE_MS) ||
		    fetch_take(f, LOOK) != FETCH_MORE)
			return false;
	return true;
}

static enum fetch_end pinned_end(struct fetch *f)
{
	enum fetch_end end = FETCH_MORE;

	while (end == FETCH_MORE && client_wait(f->fd, PATIENCE_MS))
		end = fetch_take(f, ~(size_t)0);
	return end;
}

/* What the replies under way come to when the file is replaced, or truncated. */
static bool pinned_check(const struct gate *g, uint16_t port, bool truncated,
			 const struct fetch_bytes *old, const struct fetch_bytes *young)
{
	struct fetch f[READERS];
	bool good = tree_write(g->top, "pinned.bin", old->bytes, old->size) == 0;

	for (int i = 0; i < READERS; i++)
		f[i].fd = -1;
	for (int i = 0; i < READERS && good; i++)
		good = pinned_begin(&f[i], port, old);
	good = good && (truncated ? tree_write(g->top, "pinned.bin", "", 0) == 0
				  : file_replace(g, "pinned.bin", young));
	for (int i = 0; i < READERS && good; i++) {
		enum fetch_end end = pinned_end(&f[i]);

		good = end == FETCH_DONE || (truncated && end == FETCH_CUT);
		if (!good)
			tap_diag("%s under way: %s, at byte %zu of %zu",
				 truncated ? "truncated" : "replaced",
				 fetch_end_name(end), f[i].body_done, f[i].body_size);
	}
	for (int i = 0; i < READERS; i++)
		fetch_close(&f[i]);
	tree_unlink(g->top, "pinned.bin");
	return good && gate_recovers(port);
}

/* Replaced again and again while it is asked for: each reply is one of the two. */
static bool turning_check(const struct gate *g, uint16_t port,
			  const struct fetch_bytes *a, const struct fetch_bytes *b)
{
	struct fetch f;
	bool good = true;

	for (int i = 0; i < TURNS && good; i++) {
		enum fetch_end end;

		good = file_replace(g, "turning.bin", i % 2 ? a : b) &&
		       fetch_open(&f, port);
		f.choice[0] = *a;
		f.choice[1] = *b;
		good = good && fetch_ask(&f, "GET", "/turning.bin") &&
		       file_replace(g, "turning.bin", i % 2 ? b : a);
		end = good ? pinned_end(&f) : FETCH_ENDED;
		good = end == FETCH_DONE;
		if (!good)
			tap_diag("turn %d: %s", i, fetch_end_name(end));
		fetch_close(&f);
	}
	tree_unlink(g->top, "turning.bin");
	return good;
}

/* In the cache, or (where there is no room for it) mapped for the one reply. */
static bool changes_check(const struct gate *g, const char *const *options,
			  const struct fetch_bytes *old,
			  const struct fetch_bytes *young)
{
	const struct fetch_bytes a = {old->bytes, TURN_BYTES},
				 b = {young->bytes, TURN_BYTES + 1};
	struct subject_plan plan = gate_plan(g, options);
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false) == CHECK_PASS;
	good = pinned_check(g, s.port, false, old, young) &&
	       pinned_check(g, s.port, true, old, young) &&
	       turning_check(g, s.port, &a, &b);
	good &= gate_stop(&s, STOP_S);
	return gate_result(&s, good) == CHECK_PASS;
}

static enum check_result disk_changes(const struct gate *g)
{
	static const char *const small_cache[] = {"--cache", "131072", NULL};
	unsigned char *bytes = malloc(2 * (size_t)PINNED);
	const struct fetch_bytes old = {bytes, PINNED},
				 young = {bytes + PINNED, PINNED};
	bool good = bytes;

	if (good) {
		tree_fill("old", bytes, PINNED);
		tree_fill("young", bytes + PINNED, PINNED);
		good = changes_check(g, NULL, &old, &young) &&
		       changes_check(g, small_cache, &old, &young);
	}
	free(bytes);
	return good ? CHECK_PASS : CHECK_FAIL;
}

/* --- a full disk
 * ---------------------------------------------------------------------- */

/* A small file system of ours alone (mount_namespaces(7)); it goes with this process.
 * Returns 0 or -errno. */
static int disk_make(const char *folder)
{
	if (mkdir(folder, 0777) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", folder, "tmpfs", 0, "size=256k,mode=0777") < 0)
		return -errno;
	return 0;
}

static void disk_fill(const char *folder)
{
	static const char zeros[4096];
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/filler", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, zeros, sizeof zeros) > 0)
		continue;
	close(fd);
}

/* It must end by itself, with this status and one line. */
static bool ends_with(struct subject *s, int status, const char *when)
{
	struct subject_end end = subject_wait(s, STOP_S);
	unsigned lines = subject_stderr(s, false);

	close(s->out);
	s->out = -1;
	if (end.exited && WIFEXITED(end.status) && WEXITSTATUS(end.status) == status &&
	    lines == 1)
		return true;
	tap_diag("disk full %s: status 0x%x, %u lines on standard error", when,
		 (unsigned)end.status, lines);
	subject_stderr(s, true);
	return false;
}

/* Full when it begins: it says so and does not; full when it ends: it says so then. */
static bool full_check(const struct gate *g, const char *folder)
{
	char root[PATH_MAX], counters[PATH_MAX + 16], filler[PATH_MAX + 16], body[8];
	const char *const options[] = {"--port",     "0",      "--root", root,
				       "--counters", counters, NULL};
	struct subject_plan plan = gate_plan(g, options);
	struct subject s;
	bool good;

	snprintf(root, sizeof root, "%s/tree", g->top);
	snprintf(counters, sizeof counters, "%s/counters", folder);
	snprintf(filler, sizeof filler, "%s/filler", folder);
	plan.bare = true;
	disk_fill(folder);
	good = subject_launch(&s, &plan) == 0 && ends_with(&s, 2, "at the start");
	if (unlink(filler) < 0 || subject_start(&s, &plan))
		return false;
	disk_fill(folder);
	good &= client_get(s.port, "/kib.txt", body, sizeof body) == 200;
	kill(s.pid, SIGTERM);
	return ends_with(&s, 1, "at the end") && good;
}

/* In a process of its own, which has that file system. */
static int full_run(const struct gate *g, const char *folder)
{
	int error = disk_make(folder);

	if (error) {
		tap_diag("no file system to be had: %s", strerror(-error));
		return CHECK_SKIP;
	}
	return full_check(g, folder) ? CHECK_PASS : CHECK_FAIL;
}

static enum check_result disk_full(const struct gate *g)
{
	char folder[PATH_MAX];
	int status = 0;
	pid_t pid;

	snprintf(folder, sizeof folder, "%s/full", g->top);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(full_run(g, folder));
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return CHECK_FAIL;
	return (enum check_result)WEXITSTATUS(status);
}

const struct check gate_disk[] = {
	{"a file replaced or truncated while it is sent", disk_changes, DEPTH_SHORT},
	{"a full disk for the counters", disk_full, DEPTH_SHORT},
	{NULL, NULL, DEPTH_QUICK},
};
