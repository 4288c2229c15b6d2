/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.h - trials.tsv: appended and synced row by row, so that a run killed at any
 * moment loses at most the trial in flight.
 *
 * Resuming is replay: a resumed run makes the same decisions in the same order, and as
 * long as the file holds rows, each trial asked for is answered from it. */
#ifndef DUALITY_JOURNAL_H
#define DUALITY_JOURNAL_H

#include <stddef.h>

#include "harness/bench/row.h"

struct journal {
	struct row *rows;
	size_t n;        /* rows done, or recovered and not yet replayed */
	size_t replayed; /* rows[0..replayed) have been asked for */
	int fd;
};

/* Create FOLDER/trials.tsv with its header.  0 or -errno (-EEXIST: there is one). */
int journal_create(struct journal *j, const char *folder);

/* Open it again.  A last line that was torn is cut off the file.  0, -EINVAL after one
 * line on standard error (no file, a line that is wrong, a run still at it), or -errno.
 */
int journal_resume(struct journal *j, const char *folder);

/* Append a row and wait until it is on disk.  0 or -errno. */
int journal_append(struct journal *j, const struct row *r);

enum replay {
	REPLAY_LIVE, /* nothing left to replay: do the trial */
	REPLAY_ROW,  /* *out is the row */
	REPLAY_SKIP  /* the run went on without this trial */
};

/* Was this trial done already?  `key` needs experiment, phase, block, variant, attempt,
 * load_rps and idle. */
enum replay journal_replay(struct journal *j, const struct row *key, struct row *out);

/* The last attempt so far at the trial that `key` names, whatever its number; NULL if
 * there is none.  Valid until the next row. */
const struct row *journal_last(const struct journal *j, const struct row *key);

/* The rows that the decisions so far rest on. */
size_t journal_known(const struct journal *j);

void journal_close(struct journal *j);
#endif
