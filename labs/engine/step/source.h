/* SPDX-License-Identifier: BSD-2-Clause */
/* source.h - from addresses of a program to lines of its source. */
#ifndef LAB_STEP_SOURCE_H
#define LAB_STEP_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source;
struct source_line; /* the same for all addresses of one line */

/* Looks up all addresses at once, which it sorts.  NULL: out of memory. */
struct source *source_new(const char *program, uint64_t *addresses, size_t n);
void source_free(struct source *source);

const struct source_line *source_at(const struct source *source, uint64_t address);

/* "bank.c:31  balance += n;", or the function and how far in it. */
void source_print(const struct source_line *line, char *text, size_t room);

#endif
