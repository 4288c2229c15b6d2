/* SPDX-License-Identifier: BSD-2-Clause */
/* facts.h - what a run came to, in numbers that a scenario can expect something of. */
#ifndef VK_FACTS_H
#define VK_FACTS_H

#include "kernel.h"

enum fact_of {
	FACT_OF_NOTHING,
	FACT_OF_SOURCE,
	FACT_OF_CALL,
	FACT_OF_TEXT, /* of a file: `output` */
};

/* What stands behind the fact's name; FACT_OF_NOTHING as well if there is no such fact.
 */
enum fact_of facts_of(const char *fact);
/* -EINVAL: there is no such fact, nothing of that name, or no such comparison. */
int facts_check(const struct scenario *scenario, const struct expect *expect);
/* The fact's number after the run; for `output`: 1 if the file holds that text. */
long facts_tell(const struct kernel *kernel, const struct expect *expect);
bool facts_hold(const struct expect *expect, long number);
/* As the scenario wants it: the outcome, and every expectation. */
bool facts_good(const struct kernel *kernel);
bool facts_outcome_good(const struct kernel *kernel);

/* The event of this source that took longest to be delivered, or answered; -1: none. */
int facts_slowest(const struct kernel *kernel, int source, bool answered);
uint64_t facts_delay(const struct kernel *kernel, int event, bool answered);
int facts_source(const struct scenario *scenario, const char *name);
bool facts_wants_answer(const struct scenario *scenario, int event);
bool facts_unjoined(const struct kernel *kernel, int thread);

#endif
