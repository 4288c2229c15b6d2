/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h - one run of a suite: what every part of it needs to know. */
#ifndef DUALITY_RUN_H
#define DUALITY_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/bench/journal.h"
#include "harness/bench/suite.h"
#include "harness/sample/canary.h"
#include "harness/targets/target.h"
#include "harness/targets/variants.h"

enum { RUN_NOTES = 64, RUN_NOTE = 160, RUN_CPUS = 256 };

/* A variant in this run.  The A/A twin is the same variant under a second name. */
struct entry {
	const struct variant *variant;
	const char *family;
	char name[ROW_TEXT];
	bool twin;
	int failures;     /* of the server, in a row */
	bool dropped;     /* it failed too often: no more trials */
	double scale_rps; /* what the probe reached; NAN */
};

struct testbed;
struct run {
	struct suite suite;
	struct variants variants;
	struct entry *entry;
	size_t entries;
	bool named; /* the user named the variants: no file's list counts */
	struct target *target;
	struct testbed *testbed; /* while an experiment has one; or NULL */
	struct journal journal;
	char folder[PATH_MAX]; /* absolute */
	uint64_t seed;
	char server_cpus[RUN_CPUS], client_cpus[RUN_CPUS]; /* lists */
	char all_cpus[RUN_CPUS]; /* every one but the client's */
	int client_cpu;
	bool one_cpu;   /* server and client share it: no claims */
	bool undrawn;   /* a figure could not be drawn, or a table not be made */
	bool fruitless; /* a variant gave not one good reply */
	int interrupt_fd;
	struct canary canary;
	int until_canary; /* trials */

	/* Time, in seconds of work: what a resumed run did before counts as well. */
	double planned_s, spent_s;
	double left_s;     /* of the experiment's budget */
	double due_s;      /* what its first attempts still to come will take */
	double reserve_s;  /* of it kept for its last trials */
	int unaffordable;  /* trials there was no time for */
	double overhead_s; /* of a trial beyond warm-up, window and drain; learned */

	char source[METRICS]
		   [RUN_NOTE]; /* where each metric came from; "": not known yet */
	char note[RUN_NOTES][RUN_NOTE]; /* what the reader of the table must know */
	size_t notes;
};

/* printf into the notes; when there is no more room the note is dropped. */
__attribute__((format(printf, 2, 3))) void run_note(struct run *r, const char *format,
						    ...);

/* The same, if it is not there yet. */
__attribute__((format(printf, 2, 3))) void run_note_once(struct run *r,
							 const char *format, ...);

/* Start, stop and canary of a trial, as assumed when planning: nothing measured, so
 * that a resumed run plans alike. */
double run_overhead_s(const struct run *r);

/* Why an entry has no part in an experiment, or NULL: static text. */
const char *run_unfit(const struct entry *entry, const struct experiment *e);

/* Is the experiment's list of variants what keeps it out? */
bool run_unlisted(const struct entry *entry, const struct experiment *e);

/* How many entries have a part in it, A/A twin included. */
size_t run_fitting(const struct run *r, const struct experiment *e);

/* Note the variants each experiment leaves out, and why; those that its list leaves out
 * are only counted. */
void run_note_unfit(struct run *r);

/* Note the variants that were tried in an experiment and gave not one good reply.
 * Returns how many. */
int run_note_fruitless(struct run *r);

/* NULL if there is none. */
struct entry *run_entry(const struct run *r, const char *name);
#endif
