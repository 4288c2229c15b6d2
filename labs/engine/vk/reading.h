/* SPDX-License-Identifier: BSD-2-Clause */
/* reading.h - a scenario while it is read: what its statements share. */
#ifndef VK_READING_H
#define VK_READING_H

#include "line.h"

struct reading {
	struct scenario *scenario;
	struct line line;
	int block; /* the first client that steps are for; -1: outside of a block */
};

/* `at T every P count N` */
struct times {
	unsigned at, every, count;
};

struct times reading_times(struct line *line);

/* The index of a name among n that lie stride bytes apart, or -1. */
int reading_find(const char *first, size_t stride, int n, const char *name);
int reading_file_of(const struct scenario *s, const char *name);
int reading_sem_of(const struct scenario *s, const char *name);

/* The statements, each of whose first word is its name here. */
void reading_event(struct reading *r);
void reading_arrive(struct reading *r);
void reading_finish(struct reading *r);
void reading_signal(struct reading *r);
void reading_take(struct reading *r);
void reading_file(struct reading *r);
void reading_stream(struct reading *r);
void reading_sem(struct reading *r);
void reading_port(struct reading *r);
void reading_client(struct reading *r);
void reading_end(struct reading *r);
void reading_ask(struct reading *r);
void reading_tell(struct reading *r);
void reading_want(struct reading *r);
void reading_think(struct reading *r);
void reading_meet(struct reading *r);

#endif
