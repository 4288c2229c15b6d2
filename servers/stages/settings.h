/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.h - the options only staged.c has. */
#ifndef DUALITY_STAGED_SETTINGS_H
#define DUALITY_STAGED_SETTINGS_H

#include "setup.h"
#include "stage.h"

extern const struct own_option settings[]; /* --controllers, --response-target */

/* What they set; all act, unless told otherwise. */
extern struct stage_controls controls;
#endif
