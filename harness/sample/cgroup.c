/* SPDX-License-Identifier: BSD-2-Clause */
/* cgroup.c - making, listing, killing and removing a server's control groups.
 * cgroups(7); Documentation/admin-guide/cgroup-v2.rst in the kernel. */
#include "config.h"

#include "harness/sample/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/sample/text.h"

enum { IDS_MAX = 4096, KILL_ROUNDS = 2000, REMOVE_TRIES = 100 };

static const char *const controller[CGROUP_KINDS] = {
	[CGROUP_UNIFIED] = "",
	[CGROUP_CPUACCT] = "cpuacct",
	[CGROUP_PERF_EVENT] = "perf_event",
};

/* Where a hierarchy is mounted; 0 or -ENOENT. */
static int find_mount(enum cgroup_kind kind, char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	int found = -ENOENT;

	if (!mounts)
		return -errno;
	while (found < 0 && (m = getmntent(mounts)) != NULL) {
		bool unified = strcmp(m->mnt_type, "cgroup2") == 0;
		bool v1 = strcmp(m->mnt_type, "cgroup") == 0;

		if (kind == CGROUP_UNIFIED ? !unified
					   : !v1 || !hasmntopt(m, controller[kind]))
			continue;
		if (strlen(m->mnt_dir) < size) {
			memcpy(path, m->mnt_dir, strlen(m->mnt_dir) + 1);
			found = 0;
		}
	}
	endmntent(mounts);
	return found;
}

static bool lists(const char *controllers, const char *end, const char *wanted)
{
	size_t length = strlen(wanted);

	if (length == 0)
		return controllers == end;
	while (controllers < end) {
		size_t n = strcspn(controllers, ",:");

		if (n == length && strncmp(controllers, wanted, n) == 0)
			return true;
		controllers += n + 1;
	}
	return false;
}

/* The caller's own group: a line "ID:CONTROLLERS:PATH" of /proc/self/cgroup; "" if
 * unknown or outside of what this mount shows (cgroup_namespaces(7)). */
static void find_own(enum cgroup_kind kind, char *path, size_t size)
{
	char text[8192];
	char *line, *rest = text;

	path[0] = '\0';
	if (text_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) < 0)
		return;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *first = strchr(line, ':');
		char *second = first ? strchr(first + 1, ':') : NULL;

		if (!second || !lists(first + 1, second, controller[kind]))
			continue;
		if (strlen(second + 1) < size && !strstr(second, "/.."))
			memcpy(path, second + 1, strlen(second + 1) + 1);
		return;
	}
}

/* Remove what runs that ended without closing have left; rmdir refuses what is in use.
 */
static void sweep(int parent)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		pid_t owner;
		unsigned serial;

		if (sscanf(entry->d_name, "duality-%d-%u", &owner, &serial) == 2 &&
		    kill(owner, 0) < 0 && errno == ESRCH)
			unlinkat(parent, entry->d_name, AT_REMOVEDIR);
	}
	if (dir)
		closedir(dir);
}

/* Open the files of a group just made. */
static int place_open(struct cgroup_place *p)
{
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir >= 0)
		p->procs = openat(p->dir, "cgroup.procs", O_RDWR | O_CLOEXEC);
	if (p->dir >= 0 && p->procs >= 0)
		return 0;

	int error = errno;
	if (p->dir >= 0)
		close(p->dir);
	p->dir = -1;
	rmdir(p->path);
	return -error;
}

/* To move a process takes write access to cgroup.procs of the common ancestor as well
 * (cgroup-v2.rst, "Delegation Containment"), which is the parent here. */
static int place_make(struct cgroup_place *p, const char *parent)
{
	int at = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = -EEXIST;

	if (at < 0)
		return -errno;
	if (faccessat(at, "cgroup.procs", W_OK, AT_EACCESS) < 0) {
		rc = -errno;
		close(at);
		return rc;
	}
	sweep(at);
	for (unsigned serial = 0; rc == -EEXIST; serial++) {
		int n = snprintf(p->path, sizeof p->path, "%s/duality-%d-%u", parent,
				 (int)getpid(), serial);

		if (n >= (int)sizeof p->path)
			rc = -ENAMETOOLONG;
		else
			rc = mkdir(p->path, 0755) < 0 ? -errno : 0;
	}
	close(at);
	return rc < 0 ? rc : place_open(p);
}

static int place_find(struct cgroup_place *p, enum cgroup_kind kind)
{
	char mount[PATH_MAX / 4], own[PATH_MAX / 4], parent[PATH_MAX / 2];
	int rc = find_mount(kind, mount, sizeof mount);

	if (rc < 0)
		return rc;
	find_own(kind, own, sizeof own);
	snprintf(parent, sizeof parent, "%s%s", mount,
		 strcmp(own, "/") == 0 ? "" : own);
	rc = place_make(p, parent);
	if (rc < 0 && strcmp(parent, mount) != 0)
		rc = place_make(p, mount);
	return rc;
}

int cgroup_open(struct cgroup *g, bool unified)
{
	int rc = -ENOENT;

	for (int i = 0; i < CGROUP_KINDS; i++)
		g->place[i].dir = g->place[i].procs = -1;
	if (unified)
		rc = place_find(&g->place[CGROUP_UNIFIED], CGROUP_UNIFIED);
	if (rc < 0)
		rc = place_find(&g->place[CGROUP_CPUACCT], CGROUP_CPUACCT);
	if (rc == 0)
		place_find(&g->place[CGROUP_PERF_EVENT], CGROUP_PERF_EVENT);
	return rc;
}

int cgroup_join(const struct cgroup *g)
{
	int rc = 0;

	for (int i = 0; i < CGROUP_KINDS; i++)
		if (g->place[i].procs >= 0 && write(g->place[i].procs, "0", 1) != 1)
			rc = rc < 0 ? rc : -errno;
	return rc;
}

int cgroup_perf_dir(const struct cgroup *g)
{
	int v1 = g->place[CGROUP_PERF_EVENT].dir;

	return v1 >= 0 ? v1 : g->place[CGROUP_UNIFIED].dir;
}

int cgroup_file(const struct cgroup *g, enum cgroup_kind kind, const char *name)
{
	if (g->place[kind].dir < 0)
		return -ENOENT;
	int fd = openat(g->place[kind].dir, name, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Take the next id, one a line, in pieces, as there may be thousands. */
static int parse_ids(int fd, pid_t *ids, size_t max)
{
	char text[4096];
	size_t have = 0;
	pid_t id = 0;
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, text, sizeof text, at)) > 0; at += n) {
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] != '\n') {
				id = id * 10 + (text[i] - '0');
				continue;
			}
			if (have == max)
				return -E2BIG;
			ids[have++] = id;
			id = 0;
		}
	}
	return n < 0 ? -errno : (int)have;
}

int cgroup_ids(const struct cgroup *g, bool threads, pid_t *ids, size_t max)
{
	enum cgroup_kind kind = CGROUP_UNIFIED;

	if (g->place[kind].dir < 0)
		kind = CGROUP_CPUACCT;
	if (!threads)
		return parse_ids(g->place[kind].procs, ids, max);

	int fd = cgroup_file(g, kind,
			     kind == CGROUP_UNIFIED ? "cgroup.threads" : "tasks");
	if (fd < 0)
		return fd;
	int n = parse_ids(fd, ids, max);
	close(fd);
	return n;
}

/* One blow at everyone; returns how many there were.  cgroup.kill (Linux 5.14) leaves
 * no gap for a fork to slip through; the loop in cgroup_kill closes it where that is
 * absent. */
static int kill_round(const struct cgroup *g, pid_t *ids, size_t max)
{
	int n = cgroup_ids(g, false, ids, max);
	int count = n == -E2BIG ? (int)max : n;
	int dir = g->place[CGROUP_UNIFIED].dir;
	int fd = dir >= 0 ? openat(dir, "cgroup.kill", O_WRONLY | O_CLOEXEC) : -1;

	if (fd >= 0 && count > 0 && write(fd, "1", 1) == 1) {
		close(fd);
		return count;
	}
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < count; i++)
		kill(ids[i], SIGKILL);
	return count;
}

int cgroup_kill(const struct cgroup *g)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	pid_t *ids = malloc(IDS_MAX * sizeof *ids);
	int first = 0;

	if (!ids)
		return -ENOMEM;
	for (int round = 0; round < KILL_ROUNDS; round++) {
		int n = kill_round(g, ids, IDS_MAX);

		if (round == 0)
			first = n;
		if (n <= 0)
			break;
		nanosleep(&pause, NULL);
	}
	free(ids);
	return first;
}

/* A killed process may hold its group a moment longer than cgroup.procs lists it. */
void cgroup_close(struct cgroup *g)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int kind = 0; kind < CGROUP_KINDS; kind++) {
		struct cgroup_place *p = &g->place[kind];

		if (p->dir < 0)
			continue;
		close(p->procs);
		close(p->dir);
		for (int i = 0;
		     rmdir(p->path) < 0 && errno == EBUSY && i < REMOVE_TRIES; i++)
			nanosleep(&pause, NULL);
		p->dir = p->procs = -1;
	}
}
