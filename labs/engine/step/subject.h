/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - the program under test: started once, in a box, and held just before it
   makes its first thread.  Each run is a copy of that process, made by a fork that the
   subject is led to do, so that all runs begin from the same memory. */
#ifndef LAB_STEP_SUBJECT_H
#define LAB_STEP_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "box.h"
#include "code.h"
#include "symbols.h"

enum { SUBJECT_LIBRARIES = 16, SUBJECT_PATH = 512 };

struct subject_library {
	char path[SUBJECT_PATH];
	uint64_t start, end; /* where it is in memory */
	struct symbols symbols;
};

struct subject {
	struct symbols program;
	struct code code;
	uint64_t bias; /* what the program's addresses are off in memory */
	struct subject_library library[SUBJECT_LIBRARIES];
	unsigned libraries;
	struct box box;
	bool started;
	int64_t late_s;                /* CLOCK_MONOTONIC when its time is over */
	struct user_regs_struct ready; /* about to make the system call `call` */
	long call;
};

/* Starts argv[0] and leads it to its first thread, or to its end if it makes none.  0,
   or -errno with one line that says what is wrong: -EINVAL: not with such a program;
   -ECANCELED: it died before that. */
int subject_start(struct subject *s, char *const argv[], const char *const *names,
		  const char *const *objects, const struct box_plan *plan, char *wrong,
		  size_t room);

/* A new copy, standing where the original does: its process number, or -errno. */
pid_t subject_copy(struct subject *s);

/* Is the time over that the plan's wall_s gave it? */
bool subject_is_late(const struct subject *s);

/* How much the box was used, or what ended it, is in *end. */
int subject_end(struct subject *s, struct box_end *end);

/* The function, of the program or of a library, that begins at this address; NULL:
 * none. */
const char *subject_function(const struct subject *s, uint64_t address);

#endif
