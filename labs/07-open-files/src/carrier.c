/* SPDX-License-Identifier: BSD-2-Clause */
/* carrier.c - a carrier's main program waits until a thread is to run, and runs it
 * until it relinquishes (Jones, lecture 31, section 3).  A thread's registers and stack
 * are in the heap, so that it does not notice which carrier resumes it; its descriptors
 * notice. */
#define _GNU_SOURCE

#include "carrier.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

#include "call.h"
#include "files.h"
#include "heap.h"

enum { STACK_BYTES = 64 * 1024 };

struct thread {
	ucontext_t context;
	struct call call; /* what it is asked to do next, then what came of it */
};

static struct thread *threads; /* in the heap */

/* The carrier's own registers, while a thread runs.  Each process has a `home` of its
 * own, all at one address: a thread that relinquishes gets home to whoever resumed it.
 */
static ucontext_t home;

static void thread_relinquish(struct thread *thread)
{
	swapcontext(&thread->context, &home);
}

static long result_of(long result)
{
	return result < 0 ? -errno : result;
}

/* Read, write, seek, truncate: what is called is the kernel, with a descriptor of
 * whichever carrier this runs on at the moment. */
static long descriptor_call(struct call *call)
{
	size_t bytes = (size_t)call->number;
	int fd = files_local(call->file);

	if (fd < 0)
		return fd;
	if (bytes > CALL_BYTES)
		bytes = CALL_BYTES;
	switch (call->name) {
	case CALL_READ:
		return result_of(read(fd, call->bytes, bytes));
	case CALL_WRITE:
		return result_of(write(fd, call->bytes, bytes));
	case CALL_SEEK:
		return result_of(lseek(fd, call->number, SEEK_SET));
	case CALL_TRUNCATE:
		return result_of(ftruncate(fd, call->number));
	default:
		return -ENOSYS;
	}
}

/* Every user thread: does what it is asked, then lets others run. */
static void thread_body(int number)
{
	struct thread *thread = &threads[number];

	for (;;) {
		struct call *call = &thread->call;

		if (call->name == CALL_OPEN)
			call->result = files_open(call->bytes, call->flags, 0666);
		else if (call->name == CALL_CLOSE)
			call->result = files_close(call->file);
		else
			call->result = descriptor_call(call);
		thread_relinquish(thread);
	}
}

static int thread_init(int number)
{
	ucontext_t *context = &threads[number].context;

	if (getcontext(context) < 0)
		return -errno;
	context->uc_link = NULL;
	context->uc_stack.ss_size = STACK_BYTES;
	context->uc_stack.ss_sp = heap_alloc(STACK_BYTES);
	if (context->uc_stack.ss_sp == NULL)
		return -ENOMEM;
	makecontext(context, (void (*)(void))thread_body, 1, number);
	return 0;
}

int threads_init(void)
{
	int error = 0;

	threads = heap_alloc(THREADS * sizeof(*threads));
	if (threads == NULL)
		return -ENOMEM;
	for (int i = 0; i < THREADS && error == 0; i++)
		error = thread_init(i);
	return error;
}

static void thread_resume(const struct call *call, int answers)
{
	struct thread *thread = &threads[call->thread];

	thread->call = *call;
	swapcontext(&home, &thread->context);
	if (write(answers, &thread->call, sizeof(thread->call)) < 0)
		exit(1);
}

int carrier_run(int self, int commands, int answers)
{
	struct call call = {.name = CALL_READY, .carrier = self};
	int bell = files_start(self);
	/* poll(2) leaves out a negative descriptor. */
	struct pollfd wake[] = {{.fd = commands, .events = POLLIN},
				{.fd = bell, .events = POLLIN}};

	call.result = bell;
	if (write(answers, &call, sizeof(call)) < 0)
		return 1;
	for (;;) {
		if (poll(wake, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (wake[1].revents != 0)
			files_serve();
		if (wake[0].revents == 0)
			continue;
		if (read(commands, &call, sizeof(call)) != (ssize_t)sizeof(call))
			return 0;
		files_serve(); /* the thread may know of a file that is news here */
		thread_resume(&call, answers);
	}
}
