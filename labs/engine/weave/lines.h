/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.h - from where in the source a program was when it asked, by addr2line(1). */
#ifndef WEAVE_LINES_H
#define WEAVE_LINES_H

#include <stdint.h>

enum { LINES_TEXT = 48, LINES_MOST = 256 };

struct lines {
	uint64_t pc[LINES_MOST];
	char text[LINES_MOST][LINES_TEXT]; /* "ring.c:40", or "?" */
	uint32_t n;
};

/* Return addresses whose calls are to be looked for. */
void lines_add(struct lines *l, uint64_t pc);

/* Looks for all of them, in a box: the program is not to be trusted. */
void lines_find(struct lines *l, const char *program);

const char *lines_text(const struct lines *l, uint64_t pc);
#endif
