/* SPDX-License-Identifier: BSD-2-Clause */
/* tables.c - asks the kernel, not the carriers, what they have open. */
#include "config.h"

#include "tables.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 0: the same; 1, 2, 3: not; or -errno. */
static long same_ask(pid_t one, pid_t other, int type, int one_fd, int other_fd)
{
	long answer = syscall(SYS_kcmp, one, other, type, one_fd, other_fd);

	return answer < 0 ? -errno : answer;
}

int tables_distinct(const pid_t pid[CARRIERS])
{
	static const int types[] = {KCMP_FILES, KCMP_VM};

	for (int i = 0; i < CARRIERS; i++)
		for (int j = 0; j < i; j++)
			for (int t = 0; t < 2; t++) {
				long answer = same_ask(pid[i], pid[j], types[t], 0, 0);

				if (answer <= 0)
					return (int)answer;
			}
	return 1;
}

static long offset_read(pid_t pid, int fd)
{
	char path[64];
	long offset = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)pid, fd);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	if (fscanf(file, "pos: %ld", &offset) != 1)
		offset = -1;
	fclose(file);
	return offset;
}

/* The row that a descriptor belongs to: that of an open file seen before, or a new one.
 */
static long row_find(struct tables *tables, const pid_t pid[CARRIERS],
		     const struct held *held)
{
	for (int i = 0; i < tables->helds; i++) {
		const struct held *other = &tables->held[i];
		long answer;

		if (other->known != held->known)
			continue;
		answer = same_ask(pid[other->carrier], pid[held->carrier], KCMP_FILE,
				  other->fd, held->fd);
		if (answer < 0)
			return answer;
		if (answer == 0)
			return other->row;
	}
	tables->row[tables->rows].known = held->known;
	tables->row[tables->rows].offset = offset_read(pid[held->carrier], held->fd);
	return tables->rows++;
}

static int known_find(const struct known *known, int knowns, const struct stat *status)
{
	for (int i = 0; i < knowns; i++)
		if (known[i].device == status->st_dev &&
		    known[i].inode == status->st_ino)
			return i;
	return -1;
}

static int held_add(struct tables *tables, const pid_t pid[CARRIERS], struct held held)
{
	long row;

	if (tables->helds == TABLES_HELD)
		return 0; /* far too many already, as the counts say */
	row = row_find(tables, pid, &held);
	if (row < 0)
		return (int)row;
	held.row = (int)row;
	tables->held[tables->helds++] = held;
	return 0;
}

static int number_compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

/* The numbers in /proc/PID/fd, in their order; how many, or -errno. */
static int fds_list(pid_t pid, int fds[TABLES_HELD])
{
	char path[64];
	struct dirent *entry;
	int n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	if (folder == NULL)
		return -errno;
	while (n < TABLES_HELD && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			fds[n++] = atoi(entry->d_name);
	closedir(folder);
	qsort(fds, (size_t)n, sizeof(*fds), number_compare);
	return n;
}

static int carrier_read(struct tables *tables, const pid_t pid[CARRIERS], int carrier,
			const struct known *known, int knowns)
{
	int fds[TABLES_HELD], error = 0;
	int n = fds_list(pid[carrier], fds);

	if (n < 0)
		return n == -EACCES ? -EPERM : n;
	tables->count[carrier] = n;
	for (int i = 0; i < n && error == 0; i++) {
		struct held held = {.carrier = carrier, .fd = fds[i]};
		struct stat status;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid[carrier],
			 fds[i]);
		if (stat(path, &status) < 0)
			return errno == EACCES ? -EPERM : -errno;
		held.known = known_find(known, knowns, &status);
		if (held.known >= 0)
			error = held_add(tables, pid, held);
	}
	return error;
}

int tables_read(struct tables *tables, const pid_t pid[CARRIERS],
		const struct known *known, int knowns)
{
	int error = 0;

	tables->helds = tables->rows = 0;
	for (int i = 0; i < CARRIERS && error == 0; i++)
		error = carrier_read(tables, pid, i, known, knowns);
	return error;
}

int tables_find(const struct tables *tables, int row, int carrier, bool *more)
{
	int fd = -1;

	*more = false;
	for (int i = 0; i < tables->helds; i++) {
		const struct held *held = &tables->held[i];

		if (held->row != row || held->carrier != carrier)
			continue;
		*more = fd >= 0;
		if (fd < 0)
			fd = held->fd;
	}
	return fd;
}

/* A line of columns, without blanks at its end. */
static void cells_print(const char *what, char cell[CARRIERS][24])
{
	int last = CARRIERS - 1;

	printf("    %-24s", what);
	for (int i = 0; i < last; i++)
		printf("  %-12s", cell[i]);
	printf("  %s\n", cell[last]);
}

static void row_print(const struct tables *tables, int row, const struct known *known)
{
	const char *name = known[tables->row[row].known].name;
	long offset = tables->row[row].offset;
	char what[64], cell[CARRIERS][24];

	if (offset >= 0)
		snprintf(what, sizeof(what), "#%d %s at %ld", row + 1, name, offset);
	else
		snprintf(what, sizeof(what), "#%d %s", row + 1, name);
	for (int i = 0; i < CARRIERS; i++) {
		bool more;
		int fd = tables_find(tables, row, i, &more);

		if (fd < 0)
			snprintf(cell[i], sizeof(cell[i]), "  -");
		else
			snprintf(cell[i], sizeof(cell[i]), "  %d%s", fd,
				 more ? " ..." : "");
	}
	cells_print(what, cell);
}

enum { ROWS_SHOWN = 12 };

void tables_print(const struct tables *tables, const struct known *known)
{
	char cell[CARRIERS][24];

	for (int i = 0; i < CARRIERS; i++)
		snprintf(cell[i], sizeof(cell[i]), "carrier %d", i);
	cells_print("open file", cell);
	for (int row = 0; row < tables->rows && row < ROWS_SHOWN; row++)
		row_print(tables, row, known);
	if (tables->rows > ROWS_SHOWN)
		printf("    and %d more\n", tables->rows - ROWS_SHOWN);
	if (tables->rows == 0)
		printf("    none\n");
	for (int i = 0; i < CARRIERS; i++)
		snprintf(cell[i], sizeof(cell[i]), "  %d in all", tables->count[i]);
	cells_print("descriptors", cell);
}
