/* SPDX-License-Identifier: BSD-2-Clause */
/* trial.h - one tree of one student under test: built in the box, then judged. */
#ifndef GRADE_TRIAL_H
#define GRADE_TRIAL_H

#include "labs/grade/lab.h"

enum verdict {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_NOT_RUN,
	VERDICT_ERROR
};

struct outcome {
	enum verdict verdict;
	char *text; /* feedback, or why there is none; may be NULL */
};

/* Folders below `work`: tree (the student's, under test), scratch, home. */
struct trial {
	const struct lab *lab;
	const char *work;
	const char *judges; /* where the compiled ones are */
	unsigned slot; /* trials at the same time have different ones: users of the box
			*/
	unsigned seed;
	bool twice;       /* a second run has to agree */
	bool built;       /* and may be linked with what is the lab's own */
	bool refused;     /* it may not: not built then */
	char *build_text; /* what the compiler said, or why it was refused; owned */
};

/* Compiles the lab's judges that are written in C into a folder.  False: one does not
   compile, which has been said on standard error. */
bool judges_compile(const struct lab *lab, const char *judges, bool hidden_too);

/* Runs the lab's build in work/tree, in the box: no hidden test is there to be seen;
   and looks whether the lab's objects define names that are not theirs (lab-names).
   0, with `built` set or not, or -errno. */
int trial_build(struct trial *t);

/* Runs a judge on the tree.  The outcome's text is the caller's. */
void trial_test(const struct trial *t, const struct lab_test *test,
		struct outcome *outcome);

/* The walls that the box has here, in words; from now on it is refused where one of
   them does not stand (LAB_WALLS). */
void trial_walls(char *text, size_t room);

void trial_free(struct trial *t);

const char *verdict_name(enum verdict verdict);

#endif
