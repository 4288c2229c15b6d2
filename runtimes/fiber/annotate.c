/* SPDX-License-Identifier: BSD-2-Clause */
/* annotate.c - see annotate.h.  AddressSanitizer is to know the bounds of the stack in
 * use, and keeps a fake stack for each; ThreadSanitizer keeps a clock for each. */
#include "config.h"

#include "annotate.h"

#ifdef FIBER_SANITIZED
#include <pthread.h>

/* Of whichever sanitizer the program was built with; the other's are not there. */
#pragma weak __sanitizer_start_switch_fiber
#pragma weak __sanitizer_finish_switch_fiber
#pragma weak __tsan_get_current_fiber
#pragma weak __tsan_create_fiber
#pragma weak __tsan_destroy_fiber
#pragma weak __tsan_switch_to_fiber
void __sanitizer_start_switch_fiber(void **fake, const void *low, size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **low, size_t *size);
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);

/* A function that is entered on one fiber and left on another may not be recorded as
 * either; clang's no_sanitize goes on recording that. */
#ifdef __clang__
#define UNRECORDED __attribute__((disable_sanitizer_instrumentation))
#else
#define UNRECORDED __attribute__((no_sanitize("thread")))
#endif

/* The kernel thread's own stack. */
void annotate_root(struct fiber *root)
{
	pthread_attr_t attr;
	void *low;

	if (__tsan_get_current_fiber)
		root->sanitizer = __tsan_get_current_fiber();
	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	pthread_attr_getstack(&attr, &low, &root->stack.size);
	root->stack.low = low;
	pthread_attr_destroy(&attr);
}

void annotate_make(struct fiber *f)
{
	f->sanitizer = __tsan_create_fiber ? __tsan_create_fiber(0) : NULL;
}

void annotate_end(struct fiber *f)
{
	if (__tsan_destroy_fiber)
		__tsan_destroy_fiber(f->sanitizer);
	f->sanitizer = NULL;
}

UNRECORDED void annotate_leave(struct fiber *from, struct fiber *to, bool ends)
{
	if (__sanitizer_start_switch_fiber)
		__sanitizer_start_switch_fiber(ends ? NULL : &from->sanitizer,
					       to->stack.low, to->stack.size);
	if (__tsan_switch_to_fiber)
		__tsan_switch_to_fiber(to->sanitizer, 0);
}

void annotate_arrive(struct fiber *f)
{
	if (__sanitizer_finish_switch_fiber)
		__sanitizer_finish_switch_fiber(f->sanitizer, NULL, NULL);
}
#endif
