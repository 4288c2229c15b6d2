/* SPDX-License-Identifier: BSD-2-Clause */
/* finding.h - what can be wrong with a program. */
#ifndef WEAVE_FINDING_H
#define WEAVE_FINDING_H

#include "page.h"

enum finding_kind {
	FINDING_NONE,
	FINDING_CHECK,     /* weave_check() of what is false */
	FINDING_STUCK,     /* nobody can go on, and somebody has not ended */
	FINDING_RACE,      /* plain accesses that nothing orders */
	FINDING_MIXED,     /* plain and atomic accesses to the same place */
	FINDING_UNWRITTEN, /* read before it was written */
	FINDING_DIED,
	FINDING_OUTCOME, /* not one of those expected */
	FINDING_STRANGE, /* answered the same, it does not do the same */
	FINDING_ENDLESS, /* more steps than there should be */
	FINDING_LARGE,   /* more than fits here */
};

struct finding {
	enum finding_kind kind;
	uint32_t thread, other; /* of a race: who was there before */
	struct op op;
};
#endif
