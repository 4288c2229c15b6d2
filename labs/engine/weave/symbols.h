/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.h - what the program calls its global variables, by nm(1). */
#ifndef WEAVE_SYMBOLS_H
#define WEAVE_SYMBOLS_H

#include <stdint.h>

enum { SYMBOLS_NAME = 48, SYMBOLS_MOST = 512 };

struct symbols {
	uint64_t at[SYMBOLS_MOST], size[SYMBOLS_MOST];
	char name[SYMBOLS_MOST][SYMBOLS_NAME];
	uint32_t n;
};

/* None where there is no nm(1). */
void symbols_find(struct symbols *s, const char *program);

/* The variable that address is in, and how far; or NULL. */
const char *symbols_name(const struct symbols *s, uint64_t at, uint64_t *into);
#endif
