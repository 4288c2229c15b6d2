/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - the program that the tests start: `subject-MACHINE WHAT`, with a key, and
 * perhaps a play, on standard input.  What happens it reports on standard output;
 * whether that is right only the judge knows. */
#ifndef LAB_SUBJECT_H
#define LAB_SUBJECT_H

#include <stdint.h>

extern uint64_t subject_key; /* 0: none was given, for who looks on by himself */

/* Writes one line.  It is out before anything else happens. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each of them is all that a run does, and returns main()'s status. */
int registers_run(void);
int entry_run(void);
int play_run(void);
int count_run(unsigned threads);

#endif
