/* SPDX-License-Identifier: BSD-2-Clause */
/* box_look.c - what the processes of a box use, from /proc (proc(5)).  It works with a
   /proc of the box's own and with the machine's: a box is the keeper's descendants, as
   the keeper is process 1 of their namespace or their subreaper. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box_inner.h"

enum { PROCESSES_MAX = 8192 };

struct process {
	pid_t pid, parent;
	bool ours, dead;
	unsigned threads;
	uint64_t ticks, pages;
};

static ssize_t file_read(int proc, const char *name, char *text, size_t room)
{
	int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, room - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* Fields 3 (state) to 24 (rss) of PID/stat; the name before them may hold anything. */
static int process_read(int proc, struct process *p)
{
	char name[32], text[1024];
	snprintf(name, sizeof(name), "%d/stat", (int)p->pid);
	if (file_read(proc, name, text, sizeof(text)) <= 0)
		return -ESRCH;
	const char *rest = strrchr(text, ')');
	unsigned long long utime, stime, cutime, cstime, threads, pages;
	char state;
	if (!rest || sscanf(rest + 1,
			    " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu "
			    "%llu %*d %*d %llu %*d %*u %*u %llu",
			    &state, &p->parent, &utime, &stime, &cutime, &cstime,
			    &threads, &pages) != 8)
		return -ESRCH;
	p->dead = state == 'Z' || state == 'X';
	p->ticks = utime + stime + cutime + cstime;
	p->threads = (unsigned)threads;
	p->pages = pages;
	return 0;
}

static size_t processes_read(int proc, struct process *list)
{
	size_t n = 0;
	DIR *dir = fdopendir(openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!dir)
		return 0;
	for (struct dirent *e; n < PROCESSES_MAX && (e = readdir(dir));) {
		list[n] = (struct process){.pid = (pid_t)strtol(e->d_name, NULL, 10)};
		if (list[n].pid > 0 && process_read(proc, &list[n]) == 0)
			n++;
	}
	closedir(dir);
	return n;
}

/* Marks the descendants: children of the keeper, then their children, until none is
 * new. */
static void processes_mark(int proc, struct process *list, size_t n)
{
	char self[16] = "";
	if (readlinkat(proc, "self", self, sizeof(self) - 1) <= 0)
		return;
	pid_t keeper = (pid_t)strtol(self, NULL, 10);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			struct process *p = &list[i];
			bool found = p->parent == keeper;
			for (size_t k = 0; !found && k < n; k++)
				found = list[k].ours && list[k].pid == p->parent;
			more |= found && !p->ours;
			p->ours = found;
		}
	}
}

/* Of one thread: asleep, and how often it was switched to or away. */
static void thread_look(int proc, const char *thread, struct look *look)
{
	char name[64], text[4096];
	unsigned long long n;
	snprintf(name, sizeof(name), "%s/status", thread);
	if (file_read(proc, name, text, sizeof(text)) <= 0)
		return;
	const char *state = strstr(text, "\nState:\t");
	look->asleep &= state && state[8] == 'S';
	for (const char *at = text; (at = strstr(at, "voluntary_ctxt_switches:"));) {
		at += strlen("voluntary_ctxt_switches:");
		look->switches += sscanf(at, "%llu", &n) == 1 ? n : 0;
	}
}

static void threads_look(int proc, pid_t pid, struct look *look)
{
	char name[48], thread[320];
	snprintf(name, sizeof(name), "%d/task", (int)pid);
	int fd = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(thread, sizeof(thread), "%s/%s", name, e->d_name);
		thread_look(proc, thread, look);
	}
	closedir(dir);
}

int look_take(int proc, bool with_sleep, struct look *look)
{
	struct process *list = malloc(PROCESSES_MAX * sizeof(*list));
	*look = (struct look){.asleep = with_sleep};
	if (!list)
		return -ENOMEM;
	size_t n = processes_read(proc, list);
	processes_mark(proc, list, n);
	uint64_t tick_us = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	for (size_t i = 0; i < n; i++) {
		if (!list[i].ours)
			continue;
		look->threads += list[i].threads;
		look->cpu_us += list[i].ticks * tick_us;
		look->memory_bytes += list[i].pages * (uint64_t)sysconf(_SC_PAGESIZE);
		if (with_sleep)
			threads_look(proc, list[i].pid, look);
	}
	free(list);
	return 0;
}

int look_kill(int proc, int signal)
{
	struct process *list = malloc(PROCESSES_MAX * sizeof(*list));
	if (!list)
		return -ENOMEM;
	size_t n = processes_read(proc, list);
	processes_mark(proc, list, n);
	int found = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].ours && !list[i].dead && kill(list[i].pid, signal) == 0)
			found++;
	free(list);
	return found;
}
