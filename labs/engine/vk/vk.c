/* SPDX-License-Identifier: BSD-2-Clause */
/* vk.c - the subject's side: calls go over the wire, and whom the answer names goes on.
 * The kernel's threads are contexts of one thread of Linux, so that nothing but calls
 * switches, and a program may well have user threads of its own on top. */
#include "config.h"

#include "subject.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_BYTES = 128 * 1024, GUARD_BYTES = 4096, STACK_MOST = 8 << 20 };

#define FOREVER_NS (3600 * UINT64_C(1000000000))

struct vk_context {
	ucontext_t context;
	uint64_t (*fn)(void *);
	void *arg;
	int exit_op;
	char *stack; /* NULL: the main thread's, which is not ours */
	char *top;   /* where it began */
};

static struct {
	struct wire wire;
	struct vk_page *page;
	int self;
	struct vk_context *ended; /* its stack can go, as soon as another runs */
	struct vk_context *context[VK_THREADS_MAX + 1];
} vk;

/* Of the linker: where the program lies. */
extern const char __executable_start[];

static _Noreturn void vk_die(const char *why)
{
	fprintf(stderr, "vk: %s\n", why);
	_exit(2);
}

/* --- turns -------------------------------------------------------------------------
 */

static void context_free(struct vk_context *c)
{
	if (c && c->stack)
		munmap(c->stack, STACK_BYTES);
	free(c);
}

/* Whoever runs now: the stack that was left may go. */
static void ended_free(void)
{
	context_free(vk.ended);
	vk.ended = NULL;
}

/* Hands the call over, and goes on as whom the kernel says.  Returns when it says this
 * one: what the page holds then is this call's. */
static void turn_pass(void)
{
	struct vk_context *from = vk.context[vk.self], *to;
	int status;

	wire_give(&vk.page->whose, WIRE_JUDGE);
	do
		status = wire_await(&vk.page->whose, WIRE_SUBJECT, FOREVER_NS);
	while (status == -EINTR);
	if (status < 0)
		vk_die("the judge does not answer");
	if (vk.page->turn.over) {
		fflush(NULL);
		_exit(0);
	}
	vk.self = vk.page->turn.thread;
	to = vk.context[vk.self];
	if (to == from)
		return;
	swapcontext(&from->context, &to->context);
	ended_free();
}

/* addr2line(1) wants addresses of the file: those of a program that may lie anywhere
 * begin at 0 there. */
static uint64_t where_of(const void *caller)
{
	const ElfW(Ehdr) *header = (const void *)__executable_start;
	uintptr_t start = header->e_type == ET_DYN ? (uintptr_t)header : 0;

	return (uintptr_t)caller - start;
}

/* How deep the stack is; 0 on one that a program has made for itself. */
static uint32_t depth_of(const void *frame)
{
	ptrdiff_t depth = vk.context[vk.self]->top - (const char *)frame;

	return depth > 0 && depth < STACK_MOST ? (uint32_t)depth : 0;
}

static int64_t vk_pass(struct vk_call *call, const void *caller)
{
	call->thread = vk.self;
	call->where = where_of(caller);
	call->depth = depth_of(__builtin_frame_address(0));
	memcpy(&vk.page->call, call,
	       offsetof(struct vk_call, data) + sizeof(call->data));
	turn_pass();
	if (vk.page->turn.result >= 0)
		return vk.page->turn.result;
	errno = (int)-vk.page->turn.result;
	return -1;
}

const struct vk_turn *subject_turn(void)
{
	return &vk.page->turn;
}

static void vk_atexit(void)
{
	struct vk_call call = {.op = VK_OP_EXIT};

	vk_pass(&call, NULL);
}

static void vk_join_wire(void)
{
	int status = wire_join(&vk.wire, sizeof(*vk.page));

	if (status == -ENOENT)
		vk_die("this program runs on the virtual kernel only: "
		       "lab-vk SCENARIO -- PROGRAM");
	if (status < 0)
		vk_die(strerror(-status));
	vk.page = vk.wire.page;
	vk.self = 1;
	vk.context[1] = calloc(1, sizeof(*vk.context[1]));
	if (vk.context[1])
		vk.context[1]->top = __builtin_frame_address(0);
	if (!vk.context[1] || atexit(vk_atexit))
		vk_die("out of memory");
}

int64_t subject_call(struct vk_call *call, const void *caller)
{
	if (!vk.page)
		vk_join_wire();
	return vk_pass(call, caller);
}

/* --- threads -----------------------------------------------------------------------
 */

static _Noreturn void exit_with(int op, uint64_t result)
{
	struct vk_call call = {.op = op, .value = result};

	/* The main thread's stack is not ours. */
	if (vk.context[vk.self]->stack)
		vk.ended = vk.context[vk.self];
	vk_pass(&call, __builtin_return_address(0));
	vk_die("a thread that has ended was told to go on");
}

static void context_main(void)
{
	struct vk_context *me = vk.context[vk.self];

	ended_free();
	exit_with(me->exit_op, me->fn(me->arg));
}

static void context_set(ucontext_t *context, char *stack)
{
	getcontext(context);
	context->uc_stack.ss_sp = stack;
	context->uc_stack.ss_size = STACK_BYTES;
	makecontext(context, context_main, 0);
}

static struct vk_context *context_new(uint64_t (*fn)(void *), void *arg, int exit_op)
{
	struct vk_context *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c->stack == MAP_FAILED) {
		free(c);
		return NULL;
	}
	mprotect(c->stack, GUARD_BYTES, PROT_NONE);
	c->top = c->stack + STACK_BYTES;
	c->fn = fn;
	c->arg = arg;
	c->exit_op = exit_op;
	context_set(&c->context, c->stack);
	return c;
}

static int create(int op, struct vk_context *context, const void *caller)
{
	struct vk_call call = {.op = op};
	int id;

	if (!context) {
		errno = ENOMEM;
		return -1;
	}
	id = (int)subject_call(&call, caller);
	if (id > 0)
		vk.context[id] = context;
	else
		context_free(context);
	return id;
}

int vk_thread(uint64_t (*fn)(void *), void *arg)
{
	return create(VK_OP_THREAD, context_new(fn, arg, VK_OP_THREAD_EXIT),
		      __builtin_return_address(0));
}

int vk_process(uint64_t (*fn)(void *), void *arg)
{
	return create(VK_OP_PROCESS, context_new(fn, arg, VK_OP_EXIT),
		      __builtin_return_address(0));
}

void vk_thread_exit(uint64_t result)
{
	exit_with(VK_OP_THREAD_EXIT, result);
}
