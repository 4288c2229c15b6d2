/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - a student's carriers, in a box: commands to them, their answers, and
 * whether any of them will do anything more unless asked, which the kernel knows. */
#ifndef FILES_SUBJECT_H
#define FILES_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "box.h"
#include "labs/07-open-files/src/call.h"

enum subject_state {
	SUBJECT_ANSWERED,
	SUBJECT_ASLEEP,  /* every process of it sleeps, and nobody but us could wake one
			  */
	SUBJECT_GONE,    /* ended, or one of its carriers did */
	SUBJECT_AWAKE,   /* somebody runs, or may at any moment */
	SUBJECT_BUSY,    /* it computes on and on while others are held: it may wait for
			    one */
	SUBJECT_STOPPED, /* the carrier has stopped where it was to */
};

struct subject {
	struct box box;
	struct box_limits limits;
	int socket;
	bool running;
	bool all_known;          /* all carriers have said that they are ready */
	pid_t carrier[CARRIERS]; /* as we see them; 0: not heard of */
	bool answered[CARRIERS];
	struct call answer[CARRIERS]; /* the last */
	bool held[CARRIERS]; /* turns.h has stopped them: they are not looked at */
	bool counting;       /* trace_pump() is to be called while we wait */
};

/* Starts the program in `folder`, which it may write, and waits until each carrier has
 * said that it is ready.  0; -ECHILD: it ended before; -EDEADLK: it sleeps; or -errno.
 */
int subject_start(struct subject *subject, const char *program, const char *folder);

/* Sends a command; the carrier's earlier answer is forgotten.  0 or -errno. */
int subject_send(struct subject *subject, const struct call *call);

/* Waits for a carrier's answer, for ever if need be: the box has limits. */
enum subject_state subject_await(struct subject *subject, int carrier);

/* Does everybody sleep?  SUBJECT_ASLEEP, SUBJECT_AWAKE or SUBJECT_GONE.  Does not wait.
 */
enum subject_state subject_look(const struct subject *subject);

/* Waits until all sleep: SUBJECT_ASLEEP or SUBJECT_GONE. */
enum subject_state subject_settle(struct subject *subject);

/* Has the answer come?  Does not wait. */
bool subject_answered_now(struct subject *subject, int carrier);

/* Ends the subject, if it has not ended, and says how it or one of its carriers had:
 * "carrier 1: signal 11 (Segmentation fault)", "more than 10 s of CPU".  0 or -errno;
 * -ETIMEDOUT: the box's wall time was over. */
int subject_end(struct subject *subject, char *how, size_t room);

#endif
