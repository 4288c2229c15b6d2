/* SPDX-License-Identifier: BSD-2-Clause */
/* overflow.c - tells a fiber that used all of its stack as such, where the guard below
 * it was touched or its canary is dead.  A handler on a stack of its own, as the
 * fiber's is at its end (sigaltstack(2)); it calls nothing but write(2). */
#include "config.h"

#include "overflow.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HANDLER_STACK = 64 << 10, TEXT_MOST = 256, DIGITS_MOST = 20 };

static struct sigaction before; /* what a fault was answered by until now */

struct text {
	char bytes[TEXT_MOST];
	size_t len;
};

static void text_put(struct text *t, const char *s)
{
	while (*s && t->len < sizeof t->bytes)
		t->bytes[t->len++] = *s++;
}

static void text_put_number(struct text *t, uint64_t n)
{
	char digits[DIGITS_MOST + 1], *d = &digits[DIGITS_MOST];

	*d = '\0';
	do {
		*--d = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	text_put(t, d);
}

/* No stdio: its locks may be held, and it takes more stack than a small fiber has. */
static void tell(const struct fiber *f, const char *how)
{
	struct text t = {.len = 0};

	text_put(&t, "fiber: stack overflow: fiber ");
	if (f->name) {
		text_put(&t, f->name);
	} else {
		text_put(&t, "#");
		text_put_number(&t, f->number);
	}
	text_put(&t, " used all of its ");
	text_put_number(&t, f->stack.size);
	text_put(&t, " bytes");
	text_put(&t, how);
	text_put(&t, "\n");
	(void)!write(STDERR_FILENO, t.bytes, t.len);
}

/* The instruction that faulted is tried again once this returns, and then whatever was
 * there before answers: by default a core that shows it.  What another process sent
 * would not come again by itself. */
static void caught(int number, siginfo_t *info, void *context)
{
	const int error = errno;
	const struct fiber *f = fiber_current();
	const bool fault = info->si_code > 0;

	(void)context;
	if (fault && f && stack_guards(&f->stack, info->si_addr))
		tell(f, "");
	sigaction(number, &before, NULL);
	if (!fault)
		raise(number);
	errno = error;
}

void overflow_abort(const struct fiber *f)
{
	tell(f, " and wrote below them");
	abort();
}

/* A stack for handlers that the kernel thread has already is as good. */
static int handler_stack(struct worker *w)
{
	stack_t now, own = {.ss_size = HANDLER_STACK};

	if (sigaltstack(NULL, &now) < 0)
		return -errno;
	if (!(now.ss_flags & SS_DISABLE))
		return 0;
	own.ss_sp = mmap(NULL, HANDLER_STACK, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (own.ss_sp == MAP_FAILED)
		return -errno;
	w->handler_stack = own.ss_sp;
	return sigaltstack(&own, NULL) < 0 ? -errno : 0;
}

int overflow_watch(struct worker *w)
{
	struct sigaction a = {.sa_sigaction = caught,
			      .sa_flags = SA_SIGINFO | SA_ONSTACK};
	const int error = handler_stack(w);

	if (error < 0 || w->number > 0)
		return error;
	sigemptyset(&a.sa_mask);
	return sigaction(SIGSEGV, &a, &before) < 0 ? -errno : 0;
}

/* Somebody may have put a handler of his own over ours. */
static void handler_restore(void)
{
	struct sigaction now;

	if (sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
	    now.sa_sigaction == caught)
		sigaction(SIGSEGV, &before, NULL);
}

void overflow_unwatch(struct worker *w)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	if (w->number == 0)
		handler_restore();
	if (!w->handler_stack)
		return;
	sigaltstack(&none, NULL);
	munmap(w->handler_stack, HANDLER_STACK);
	w->handler_stack = NULL;
}
