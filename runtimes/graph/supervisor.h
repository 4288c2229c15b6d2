/* SPDX-License-Identifier: BSD-2-Clause */
/* supervisor.h - what the supervisor does for modules in processes of their own; where
 * they are in threads there are none of those. */
#ifndef DUALITY_GRAPH_SUPERVISOR_H
#define DUALITY_GRAPH_SUPERVISOR_H

#include "runner.h"

/* Name the thread (or process) after what it runs, and keep it on its core. */
void executor_begin(struct executor *e);

/* The error: "FILE:LINE: module 'NAME' (a TYPE) WHAT".  Returns `error`. */
int module_refuse(struct runner *r, int module, int error, const char *what);

/* The same of a module that was longer in a turn than it may.  Returns -ETIME. */
int budget_refuse(struct runner *r, int module);

int processes_begin(struct runner *r);

/* Reap those that ended; one that crashed is begun again if the graph says so.  Returns
 * 0 or -errno with an error. */
int processes_look(struct runner *r);
bool processes_live(const struct runner *r);

/* End a module by force, for its budget, which is told when it has ended.  False: it is
 * not in a process of its own. */
bool process_kill(struct runner *r, int module);

/* err < 0: end all by force.  Returns err. */
int processes_end(struct runner *r, int err);
#endif
