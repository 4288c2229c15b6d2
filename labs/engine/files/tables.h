/* SPDX-License-Identifier: BSD-2-Clause */
/* tables.h - the carriers' tables of descriptors as the kernel has them: which files
 * are in them (/proc/PID/fd), and which of these descriptors are one open file
 * (kcmp(2)). */
#ifndef FILES_TABLES_H
#define FILES_TABLES_H

#include <stdbool.h>
#include <sys/types.h>

#include "labs/07-open-files/src/call.h"

enum { TABLES_HELD = 1024, TABLES_KNOWN = 256 };

/* A file that the judge made or saw opened. */
struct known {
	char name[16];
	dev_t device;
	ino_t inode;
};

struct held {
	int carrier, fd;
	int known; /* index of its file */
	int row;   /* descriptors of one row are one open file */
};

struct row {
	int known;
	long offset; /* -1: none, as of a FIFO */
};

struct tables {
	int count[CARRIERS]; /* all descriptors, of files known or not */
	struct held held[TABLES_HELD];
	int helds;
	struct row row[TABLES_HELD];
	int rows;
};

/* Reads the tables of processes that do nothing meanwhile.  0 or -errno; -EPERM: we may
 * not. */
int tables_read(struct tables *tables, const pid_t pid[CARRIERS],
		const struct known *known, int knowns);

/* Are they processes that share neither descriptors nor memory but the heap?  1, 0, or
 * -errno. */
int tables_distinct(const pid_t pid[CARRIERS]);

/* The descriptor of an open file in a carrier, -1: none; *more: it has several. */
int tables_find(const struct tables *tables, int row, int carrier, bool *more);

/* A picture: a row for each open file, a column for each carrier. */
void tables_print(const struct tables *tables, const struct known *known);

#endif
