/* SPDX-License-Identifier: BSD-2-Clause */
/* mutexes.h - which thread holds which mutex, as the calls that passed tell. */
#ifndef LAB_STEP_MUTEXES_H
#define LAB_STEP_MUTEXES_H

#include <stdbool.h>
#include <stdint.h>

enum { MUTEXES_MAX = 128 };

struct mutexes {
	struct {
		uint64_t address;
		unsigned thread, times;
	} held[MUTEXES_MAX];
	unsigned n;
};

enum mutex_call { MUTEX_NONE, MUTEX_LOCK, MUTEX_UNLOCK, MUTEX_WAIT };

/* What the function does; NULL is none.  MUTEX_WAIT gives back and takes its second
   argument, the others work on their first. */
enum mutex_call mutex_call_of(const char *function);

void mutexes_take(struct mutexes *m, uint64_t address, unsigned thread);
/* False: the thread does not hold it. */
bool mutexes_give(struct mutexes *m, uint64_t address, unsigned thread);
/* The thread that holds it, or -1. */
int mutexes_owner(const struct mutexes *m, uint64_t address);
/* A mutex that the thread holds, or 0. */
uint64_t mutexes_of(const struct mutexes *m, unsigned thread);

#endif
