/* SPDX-License-Identifier: BSD-2-Clause */
/* child.h - run a program under a sampler, in step with it, and keep what wait4 says.
 */
#ifndef DUALITY_SAMPLE_TESTS_CHILD_H
#define DUALITY_SAMPLE_TESTS_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

#include "harness/sample/sample.h"

struct child {
	pid_t pid;
	int to, from;
	int status;
	struct rusage usage; /* of it and all it waited for, after child_end */
};

/* Start argv[0]; returns once it has said its first word, or -1 if it never did. */
int child_start(struct child *c, struct sample *s, const char *const *argv);

/* Let it go on to its next word.  Returns 0, or -1 if it ended instead. */
int child_step(struct child *c);

/* Let it end, and wait for it.  Returns its exit status, -1 if it was killed. */
int child_end(struct child *c);

/* The path of the program burn. */
const char *child_burn(void);
#endif
