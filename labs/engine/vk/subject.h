/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - how the subject's calls reach the kernel. */
#ifndef VK_SUBJECT_H
#define VK_SUBJECT_H

#include "call.h"

/* Fills in who calls, and from where.  Returns when the calling thread goes on: the
 * kernel's result, or -1 and errno. */
int64_t subject_call(struct vk_call *call, const void *caller);
/* What the kernel has told besides; until the next call. */
const struct vk_turn *subject_turn(void);

#endif
