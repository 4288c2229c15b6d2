/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_proc.c - what a server under test holds, as proc(5) tells it of its whole
 * process group: processes, threads, descriptors. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"

/* Users that nobody is; where there are but 65,536 (user_namespaces(7)), some of those.
 */
enum { UID_BASE = 1 << 24, UID_MAPPED = 52000, UID_SPAN = 8000 };

static unsigned folder_count(const char *pid, const char *what)
{
	char path[300];
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%s/%s", pid, what);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 2 ? n - 2 : 0;
}

/* /proc/PID/stat is "pid (name) state ppid pgrp ...". */
static bool process_stat(const char *pid, pid_t group, char *state)
{
	char path[300], text[512] = "";
	const char *after;
	int fd, pgrp = 0;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	after = strrchr(text, ')');
	return after && sscanf(after + 1, " %c %*d %d", state, &pgrp) == 2 &&
	       pgrp == group;
}

/* The next process of the group; NULL: no more. */
static const char *process_next(DIR *d, pid_t group, char *state)
{
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    process_stat(entry->d_name, group, state))
			return entry->d_name;
	return NULL;
}

/* Those of its group that died as orphans are no children of its: they are ours, as
 * we are their reaper (subject_launch).  It itself is left for subject_wait. */
static void orphans_bury(pid_t group)
{
	siginfo_t info = {0};

	while (waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid > 0 && info.si_pid != group) {
		waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

struct subject_holdings subject_holdings(const struct subject *s)
{
	struct subject_holdings all = {0};
	DIR *d = opendir("/proc");
	const char *pid;
	char state;

	orphans_bury(s->pid);
	while ((pid = process_next(d, s->pid, &state))) {
		if (state == 'Z') {
			all.zombies++;
			continue;
		}
		all.processes++;
		all.threads += folder_count(pid, "task");
		all.descriptors += folder_count(pid, "fd");
	}
	if (d)
		closedir(d);
	return all;
}

int subject_descriptors(const struct subject *s, unsigned *zombies)
{
	struct subject_holdings all = subject_holdings(s);

	*zombies = all.zombies;
	return (int)all.descriptors;
}

static bool uid_is_possible(uid_t uid)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0);
	if (child > 0)
		waitpid(child, &status, 0);
	return status == 0;
}

/* Told apart by our own number, which is nobody else's while we are there. */
uid_t subject_uid(void)
{
	const uid_t own = UID_BASE + (uid_t)getpid();
	const uid_t mapped = UID_MAPPED + (uid_t)getpid() % UID_SPAN;

	if (geteuid() != 0)
		return 0;
	if (uid_is_possible(own))
		return own;
	return uid_is_possible(mapped) ? mapped : 0;
}

/* They run the same program. */
static bool same_program(const char *pid, pid_t other)
{
	char path[300];
	struct stat a, b;

	snprintf(path, sizeof path, "/proc/%s/exe", pid);
	if (stat(path, &a) < 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/exe", (int)other);
	return stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

unsigned subject_workers(const struct subject *s, pid_t *pids, unsigned most)
{
	DIR *d = opendir("/proc");
	const char *pid;
	unsigned n = 0;
	char state;

	while (n < most && (pid = process_next(d, s->pid, &state)))
		if (state != 'Z' && atoi(pid) != s->pid && same_program(pid, s->pid))
			pids[n++] = (pid_t)atoi(pid);
	if (d)
		closedir(d);
	return n;
}
