/* SPDX-License-Identifier: BSD-2-Clause */
/* where.h - in which lines of the program's source its calls stand. */
#ifndef VK_WHERE_H
#define VK_WHERE_H

#include "kernel.h"

enum { WHERE_MAX = 128, WHERE_LINE_MAX = 48 };

struct where {
	int n;
	struct {
		uint64_t offset;
		char line[WHERE_LINE_MAX]; /* FILE:LINE, or empty */
	} at[WHERE_MAX];
};

/* Asks addr2line(1), in a box, as the program's file may hold anything.  What it does
 * not know stays without. */
void where_find(struct where *where, const struct kernel *kernel, const char *program);
const char *where_line(const struct where *where, uint64_t offset);

#endif
