/* SPDX-License-Identifier: BSD-2-Clause */
/* tasks.c - sums over living processes and threads, from /proc (proc(5)). */
#include "config.h"

#include "harness/sample/tasks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/sample/text.h"

enum { PATH_ROOM = 64, MEMORY_LIMIT_S = 1 };

int tasks_open(struct tasks *t, const struct cgroup *group)
{
	*t = (struct tasks){
		.group = group,
		.tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK),
		.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	int rc = t->proc < 0 ? -errno : 0;

	t->row = malloc(TASKS_ROWS * sizeof *t->row);
	t->id = malloc(TASKS_MAX * sizeof *t->id);
	t->text = malloc(TASKS_TEXT);
	if (rc == 0 && (!t->row || !t->id || !t->text))
		rc = -ENOMEM;
	if (rc < 0)
		tasks_close(t);
	return rc;
}

void tasks_close(struct tasks *t)
{
	if (t->proc >= 0)
		close(t->proc);
	free(t->row);
	free(t->id);
	free(t->text);
	t->proc = -1;
	t->row = NULL;
	t->id = NULL;
	t->text = NULL;
}

/* The file /proc/ID/NAME into t->text. */
static int read_of(struct tasks *t, pid_t id, const char *name)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof path, "%d/%s", (int)id, name);
	ssize_t n = text_read(t->proc, path, t->text, TASKS_TEXT);
	return n < 0 ? (int)n : 0;
}

/* Call visit for every numeric name in a directory, in the kernel's order: rising. */
static int each_id(struct tasks *t, int dir, int (*visit)(struct tasks *, pid_t))
{
	_Alignas(struct dirent64) char names[8192];
	ssize_t n;

	lseek(dir, 0, SEEK_SET);
	while ((n = getdents64(dir, names, sizeof names)) > 0) {
		const struct dirent64 *entry;

		for (ssize_t at = 0; at < n; at += entry->d_reclen) {
			entry = (const void *)(names + at);
			if (!isdigit((unsigned char)entry->d_name[0]))
				continue;
			int rc = visit(t, (pid_t)strtol(entry->d_name, NULL, 10));
			if (rc < 0)
				return rc;
		}
	}
	return n < 0 ? -errno : 0;
}

/* A process that has gone meanwhile is no error.  The name may hold anything, so the
 * fields are counted from its closing parenthesis. */
static int row_add(struct tasks *t, pid_t pid)
{
	unsigned long long minor, minor_waited, major, major_waited, user, system;
	long long user_waited, system_waited;
	int parent;

	if (read_of(t, pid, "stat") < 0)
		return 0;
	const char *at = strrchr(t->text, ')');
	if (!at || sscanf(at + 1,
			  " %*c %d %*d %*d %*d %*d %*u %llu %llu %llu %llu %llu %llu "
			  "%lld %lld",
			  &parent, &minor, &minor_waited, &major, &major_waited, &user,
			  &system, &user_waited, &system_waited) != 9)
		return 0;
	if (t->rows == TASKS_ROWS)
		return -E2BIG;
	t->row[t->rows++] = (struct tasks_row){
		.pid = pid,
		.parent = parent,
		.member = pid == t->leader || parent == t->leader,
		.user_s = (double)((long long)user + user_waited) * t->tick_s,
		.system_s = (double)((long long)system + system_waited) * t->tick_s,
		.faults_minor = (double)(minor + minor_waited),
		.faults_major = (double)(major + major_waited),
	};
	return 0;
}

static int row_compare(const void *a, const void *b)
{
	const struct tasks_row *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Mark the descendants: a parent mostly has the lower number, so few passes are needed.
 */
static void mark_members(struct tasks *t)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < t->rows; i++) {
			struct tasks_row key = {.pid = t->row[i].parent};
			const struct tasks_row *parent;

			if (t->row[i].member)
				continue;
			parent =
				bsearch(&key, t->row, t->rows, sizeof key, row_compare);
			if (parent && parent->member)
				changed = t->row[i].member = true;
		}
	}
}

static int tree_read(struct tasks *t)
{
	struct tasks_row key = {.pid = t->leader};

	t->rows = 0;
	if (t->leader == 0)
		return -ESRCH;
	int rc = each_id(t, t->proc, row_add);
	if (rc < 0)
		return rc;
	mark_members(t);
	return bsearch(&key, t->row, t->rows, sizeof key, row_compare) ? 0 : -ESRCH;
}

static bool ignores_children(struct tasks *t)
{
	const char *line;

	if (read_of(t, t->leader, "status") < 0)
		return true;
	line = strstr(t->text, "\nSigIgn:");
	return !line ||
	       strtoull(line + strlen("\nSigIgn:"), NULL, 16) >> (SIGCHLD - 1) & 1;
}

int tasks_usage(struct tasks *t, struct tasks_usage *out)
{
	int rc = tree_read(t);

	if (rc == 0 && ignores_children(t))
		rc = -ENODATA;
	if (rc < 0)
		return rc;
	*out = (struct tasks_usage){0};
	for (size_t i = 0; i < t->rows; i++) {
		if (!t->row[i].member)
			continue;
		out->user_s += t->row[i].user_s;
		out->system_s += t->row[i].system_s;
		out->faults_minor += t->row[i].faults_minor;
		out->faults_major += t->row[i].faults_major;
	}
	return 0;
}

/* While threads are listed, `rows` counts the ids: the rows themselves are done with.
 */
static int id_add(struct tasks *t, pid_t id)
{
	if (t->rows == TASKS_MAX)
		return -E2BIG;
	t->id[t->rows++] = id;
	return 0;
}

static int threads_add(struct tasks *t, pid_t pid)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof path, "%d/task", (int)pid);
	int fd = openat(t->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = each_id(t, fd, id_add);
	close(fd);
	return rc;
}

/* Fill t->id; returns how many. */
static int ids_read(struct tasks *t, bool threads)
{
	size_t rows;

	if (t->group)
		return cgroup_ids(t->group, threads, t->id, TASKS_MAX);
	int rc = tree_read(t);
	rows = t->rows;
	t->rows = 0;
	for (size_t i = 0; rc == 0 && i < rows; i++)
		if (t->row[i].member)
			rc = threads ? threads_add(t, t->row[i].pid)
				     : id_add(t, t->row[i].pid);
	return rc < 0 ? rc : (int)t->rows;
}

int tasks_switches(struct tasks *t, struct tasks_switches *out)
{
	int n = ids_read(t, true);

	if (n > TASKS_CHEAP)
		n = -E2BIG;
	*out = (struct tasks_switches){0, 0, 14695981039346656037u};
	for (int i = 0; i < n; i++) {
		uint64_t voluntary, involuntary;
		int rc = read_of(t, t->id[i], "status");

		if (rc < 0 ||
		    text_number(t->text, "voluntary_ctxt_switches", &voluntary) < 0 ||
		    text_number(t->text, "nonvoluntary_ctxt_switches", &involuntary) <
			    0)
			return -ESRCH;
		out->voluntary += (double)voluntary;
		out->involuntary += (double)involuntary;
		/* FNV-1a, a word at a time; the sum check guards against collisions. */
		out->signature = (out->signature ^ (uint64_t)t->id[i]) * 1099511628211u;
	}
	out->signature |= 1;
	return n > 0 ? 0 : n < 0 ? n : -ESRCH;
}

static uint64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

int tasks_memory(struct tasks *t, double *kib)
{
	uint64_t value, end = seconds() + MEMORY_LIMIT_S + 1;
	int n = ids_read(t, false);
	int rc, found = 0;

	*kib = 0;
	if (n == 1) {
		rc = read_of(t, t->id[0], "status");
		if (rc < 0 || (rc = text_number(t->text, "VmHWM", &value)) < 0)
			return rc;
		*kib = (double)value;
		return 0;
	}
	for (int i = 0; i < n; i++) {
		rc = read_of(t, t->id[i], "smaps_rollup");
		if (rc == -ENOENT || rc == -ESRCH) /* it has ended */
			continue;
		if (rc < 0 || (rc = text_number(t->text, "Pss", &value)) < 0)
			return rc;
		if (seconds() >= end)
			return -ETIMEDOUT;
		*kib += (double)value;
		found++;
	}
	return n < 0 ? n : found > 0 ? 0 : -ESRCH;
}

/* The last field of /proc/loadavg. */
uint64_t tasks_last_pid(struct tasks *t)
{
	if (text_read(t->proc, "loadavg", t->text, TASKS_TEXT) < 0)
		return 0;
	const char *last = strrchr(t->text, ' ');
	return last ? strtoull(last, NULL, 10) : 0;
}

int tasks_kill(struct tasks *t)
{
	int n = 0;

	if (tree_read(t) < 0)
		return 0;
	for (size_t i = 0; i < t->rows; i++)
		if (t->row[i].member && kill(t->row[i].pid, SIGKILL) == 0)
			n++;
	return n;
}
