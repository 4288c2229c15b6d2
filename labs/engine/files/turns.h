/* SPDX-License-Identifier: BSD-2-Clause */
/* turns.h - in a race one carrier runs at a time, and all others are stopped.  So what
 * comes of it follows from the script, not from who is faster on this machine today. */
#ifndef FILES_TURNS_H
#define FILES_TURNS_H

#include "subject.h"
#include "trace.h"

/* Stops all carriers, which sleep.  0 or -errno. */
int turns_begin(struct subject *subject);

/* Lets one go on until it stops as `how` says, sleeps, computes on and on, or ends.  It
 * is not stopped then unless it is SUBJECT_STOPPED. */
enum subject_state turn_go(struct subject *subject, int carrier, enum trace_how how);

/* The same, of one that has gone on already. */
enum subject_state turn_await(struct subject *subject, int carrier, enum trace_how how);

/* The same, and it is stopped again unless it ended. */
enum subject_state turn_take(struct subject *subject, int carrier);

/* So many turns for each but `but` (-1: none), `first` first.  false: one has ended. */
bool turns_take(struct subject *subject, int first, int but, int times);

/* All go on by themselves.  0 or -errno. */
int turns_end(struct subject *subject);

#endif
