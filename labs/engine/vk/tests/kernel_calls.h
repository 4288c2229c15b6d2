/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_calls.h - for tests of the virtual kernel by itself: calls in, turns out. */
#ifndef VK_KERNEL_CALLS_H
#define VK_KERNEL_CALLS_H

#include "facts.h"

extern struct scenario *scenario;
extern struct kernel *kernel;
extern struct vk_turn turn; /* whose turn it is, and what its call came to */

/* A kernel by that scenario, which is one line or more. */
void begin(const char *text);
/* The end of it; a test's teardown. */
int kernel_test_end(void **state);

/* What the thread whose turn it is calls.  The result is that of whoever goes on then.
 */
int64_t call_with(int op, int object, unsigned ticks, uint64_t value, const char *data);
int64_t call(int op, int object);
/* The same, with a message of that text, and of that port. */
int64_t call_message(int port, int told, const char *text);

long fact(const char *name, const char *of);
/* What the last call returned, as an event, or as a message. */
struct vk_event event_got(void);
struct vk_message message_got(void);
/* Does the log say that? */
bool said(const char *text);

#endif
