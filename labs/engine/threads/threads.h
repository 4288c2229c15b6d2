/* SPDX-License-Identifier: BSD-2-Clause */
/* threads.h - lab-threads, the judge of lab 5: it gives the subject a key and perhaps a
   play, and compares what that reports with what has to happen.  Its verdict is its
   exit status. */
#ifndef LAB_THREADS_H
#define LAB_THREADS_H

#include "box.h"
#include "script.h"

#include <stdbool.h>

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_BROKEN, /* nobody's fault who hands in */
	VERDICT_SKIP = 77,
};

/* One run of the subject, and what it reported. */
struct run {
	const char *machine;
	uint64_t key;
	const char *args[2]; /* of subject-MACHINE */
	const char *play;    /* text behind the key, or NULL */
	char *text;          /* the report, a NUL at each line's end */
	char **lines;
	size_t count, next; /* lines, and how many of them were looked at */
	struct box_end end;
	struct box_plan plan;
};

/* Starts the subject with a new key and waits for it.  What is not a pass has been told
   to the student.  run_free() is due after VERDICT_PASS. */
enum verdict run_subject(struct run *run);
void run_free(struct run *run);

/* The same in two parts, for who traces it in between. */
enum verdict run_begin(struct run *run, struct box *box, int fds[2]);
enum verdict run_finish(struct run *run, struct box *box, int fds[2]);

/* The next line, or NULL if it ended. */
const char *run_line(struct run *run);

/* How it ended, in words. */
const char *run_ending(const struct run *run);

/* What the lines that base.c writes mean, or NULL: it is none of them. */
const char *run_trouble(const char *line);

/* Registers of these kinds, bits of enum challenge_kind. */
enum verdict registers_judge(const char *machine, unsigned kinds);
enum verdict entry_judge(const char *machine);

struct event {
	enum { EVENT_OP, EVENT_JOINED, EVENT_END, EVENT_STUCK } kind;
	unsigned who;
	struct script_op op;
	unsigned alive; /* threads that have a stack of their own and have not ended */
};

enum { MODEL_EVENTS = SCRIPT_THREADS * (2 * SCRIPT_OPS + 2) };

enum model_state {
	MODEL_NONE,
	MODEL_READY,
	MODEL_BLOCKED,
	MODEL_JOINING,
	MODEL_ENDED,
	MODEL_GONE
};

/* Threads as thread.h says they are. */
struct model {
	enum model_state state[SCRIPT_THREADS];
	bool claimed[SCRIPT_THREADS]; /* somebody joins it, or has */
	unsigned joiner[SCRIPT_THREADS], target[SCRIPT_THREADS];
	unsigned queue[SCRIPT_THREADS], first, ready;
	unsigned running, alive;
	bool over;
	size_t count;
	struct event events[MODEL_EVENTS];
};

void model_init(struct model *m);
bool model_allows(const struct model *m, struct script_op op);
/* The running thread does op, which is allowed. */
void model_step(struct model *m, struct script_op op);
/* The whole play; false: one of its steps is not allowed. */
bool model_play(struct model *m, const struct script scripts[]);

/* A play that follows from both numbers, and is longer the larger its own number is. */
void generate(unsigned seed, unsigned number, struct script scripts[]);

/* Plays it, compares, and draws what went wrong. */
enum verdict play_judge(const char *machine, const char *title,
			const struct script scripts[]);
enum verdict play_file_judge(const char *machine, const char *name);

/* Is each of these operations as long among 10,000 threads as among 10? */
enum verdict count_judge(char *const operations[]);

#endif
