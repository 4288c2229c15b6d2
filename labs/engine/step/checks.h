/* SPDX-License-Identifier: BSD-2-Clause */
/* checks.h - what a program must have in its variables when it ends. */
#ifndef LAB_STEP_CHECKS_H
#define LAB_STEP_CHECKS_H

#include "execution.h"
#include "step.h"

/* Do all checks make sense for this program?  0, or -EINVAL with one line that says
 * why. */
int checks_validate(const struct step_options *options, const struct symbols *program,
		    char *wrong, size_t room);

/* An execution_judge; its argument is the options. */
void checks_judge(struct execution *x, void *options);

#endif
