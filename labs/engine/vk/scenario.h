/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.h - what happens to a program on the virtual kernel, and what is expected of
 * it: a text file, read into tables.  lab-vk(7) has the language. */
#ifndef VK_SCENARIO_H
#define VK_SCENARIO_H

#include "call.h"

#include <stdbool.h>

enum {
	SCENARIO_CPUS_MAX = 8,
	SCENARIO_SOURCES_MAX = 16,
	SCENARIO_OBJECTS_MAX = 16, /* files, semaphores and ports: of each */
	SCENARIO_HAPPENINGS_MAX = 4096,
	SCENARIO_CLIENTS_MAX = 64,
	SCENARIO_STEPS_MAX = 16,
	SCENARIO_STAGES_MAX = 8,
	SCENARIO_FAILURES_MAX = 32,
	SCENARIO_EXPECTS_MAX = 32,
	SCENARIO_FILE_MAX = 4096, /* bytes */
	SCENARIO_WORD_MAX = 512,
	SCENARIO_WORDS_MAX = 32,
};

enum outcome {
	OUTCOME_GOOD,  /* as expected of a run: ENDED or REST */
	OUTCOME_ENDED, /* every thread has ended */
	OUTCOME_REST,  /* all wait, as servers do, and nothing is left to do */
	OUTCOME_HANG,  /* all wait, nothing is due, and something is unfinished */
	OUTCOME_BUSY,  /* the same, but somebody asks again and again */
	OUTCOME_LIMIT, /* of ticks, or of calls */
	OUTCOME_DIED,  /* the program, without a call that says so */
	OUTCOMES,
};

/* One event of a source. */
struct occurrence {
	int source;
	unsigned ticks;
	int stages;
	struct {
		int place; /* from 1 */
		unsigned ticks;
	} stage[SCENARIO_STAGES_MAX];
	uint64_t value;
};

enum happening_kind {
	HAPPENS_EVENT,  /* object: index into occurrences */
	HAPPENS_ARRIVE, /* bytes on a stream */
	HAPPENS_FINISH, /* its end */
	HAPPENS_SIGNAL, /* another process signals a semaphore */
	HAPPENS_TAKE,   /* or takes it, if it is free at that moment */
};

struct happening {
	uint64_t due;
	enum happening_kind kind;
	int object;
	char text[VK_TEXT_MAX];
};

struct file {
	char name[VK_NAME_MAX];
	bool stream;
	unsigned takes; /* ticks, for each read or write */
	size_t size;    /* of a stream: what has arrived */
	bool finished;
	char data[SCENARIO_FILE_MAX];
};

enum step_kind { STEP_ASK, STEP_TELL, STEP_WANT, STEP_THINK, STEP_MEET };

/* Of a client, which is another process: it lives in the kernel. */
struct step {
	enum step_kind kind;
	char port[VK_NAME_MAX]; /* a port's name, or "it" */
	char text[VK_TEXT_MAX];
	unsigned ticks;
};

struct client {
	char name[VK_NAME_MAX];
	uint64_t at;
	int first, count; /* of its block: whom it meets */
	int steps;
	struct step step[SCENARIO_STEPS_MAX];
};

struct failure {
	int op;
	unsigned number; /* the nth such call, from 1 */
	int error;
};

struct expect {
	int line;
	char fact[24];
	char of[VK_NAME_MAX]; /* a source, a call, a file; or empty */
	char compare[3];
	long number;
	char text[SCENARIO_WORD_MAX]; /* of `output` */
};

struct scenario {
	uint64_t seed;
	unsigned cpus, quantum, cold;
	uint64_t limit;
	unsigned calls_max;
	bool server;
	enum outcome outcome;
	unsigned cost[VK_OPS];
	int sources, files, sems, ports, clients, failures, expects;
	int happenings, occurrences;
	char source[SCENARIO_SOURCES_MAX][VK_NAME_MAX];
	struct file file[SCENARIO_OBJECTS_MAX];
	struct {
		char name[VK_NAME_MAX];
		unsigned value;
	} sem[SCENARIO_OBJECTS_MAX];
	char port[SCENARIO_OBJECTS_MAX][VK_NAME_MAX];
	struct client client[SCENARIO_CLIENTS_MAX];
	struct failure failure[SCENARIO_FAILURES_MAX];
	struct expect expect[SCENARIO_EXPECTS_MAX];
	struct happening happening[SCENARIO_HAPPENINGS_MAX]; /* in order */
	struct occurrence occurrence[SCENARIO_HAPPENINGS_MAX];
	char error[160]; /* NAME:LINE: what is wrong */
};

/* Reads text, where $WORD stands for what settings ("WORD=VALUE", NULL at the end) say.
 * 0 or -EINVAL, with the scenario's error. */
int scenario_read(struct scenario *scenario, const char *name, const char *text,
		  const char *const *settings);

/* An errno by its name; 0 if it is not known here. */
int scenario_errno(const char *name);
const char *scenario_errno_name(int error);
const char *scenario_outcome_name(enum outcome outcome);
/* The nth number of a stream of its own. */
uint64_t scenario_random(uint64_t seed, uint64_t n);

#endif
