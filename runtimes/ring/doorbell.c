/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.c - the semaphore is one futex word, whose top bit says that its module
 * sleeps (or is about to), so that signals to who is awake stay out of the kernel. */
#include "config.h"

#include "runtimes/ring/doorbell.h"
#include "runtimes/ring/fence.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ASLEEP (UINT32_C(1) << 31)

void doorbell_init(struct doorbell *b)
{
	atomic_init(&b->word, 0);
}

void doorbell_request(struct doorbell_flag *f)
{
	atomic_store_explicit(&f->wanted, 1, memory_order_relaxed);
	/* Pairs with the fence in doorbell_answer: either the caller, who looks into
	 * the queue after this, sees what was put, or the producer sees the flag. */
	fence_full();
}

void doorbell_cancel(struct doorbell_flag *f)
{
	/* Pairs with nothing: who does not see it yet signals once too often. */
	atomic_store_explicit(&f->wanted, 0, memory_order_relaxed);
}

bool doorbell_answer(struct doorbell_caller *c, struct doorbell_flag *f)
{
	/* Pairs with the fence in doorbell_request: the queue is written before the
	 * flag is read. */
	fence_full();
	if (!atomic_load_explicit(&f->wanted, memory_order_relaxed) ||
	    !atomic_exchange_explicit(&f->wanted, 0, memory_order_relaxed)) {
		c->elided++;
		return false;
	}
	doorbell_ring(c);
	return true;
}

void doorbell_ring(struct doorbell_caller *c)
{
	c->sent++;
	/* Pairs with the acquire in doorbell_take.  Of several who signal a sleeper
	 * only the first wakes it. */
	if (atomic_fetch_add_explicit(&c->bell->word, 1, memory_order_release) ==
	    ASLEEP)
		doorbell_wake(c);
}

void doorbell_wake(struct doorbell_caller *c)
{
	const uint64_t one = 1;

	c->wakes++;
	if (c->eventfd < 0)
		syscall(SYS_futex, &c->bell->word, FUTEX_WAKE, 1, NULL, NULL, 0);
	else
		while (write(c->eventfd, &one, sizeof one) < 0 && errno == EINTR)
			;
}

bool doorbell_doze(struct doorbell *b)
{
	uint32_t word = 0;

	/* Pairs with the addition in doorbell_ring: that word decides who was first. */
	return atomic_compare_exchange_strong_explicit(&b->word, &word, ASLEEP,
						       memory_order_relaxed,
						       memory_order_relaxed) ||
	       word == ASLEEP;
}

uint32_t doorbell_take(struct doorbell *b)
{
	/* pairs with the release in doorbell_ring */
	return atomic_exchange_explicit(&b->word, 0, memory_order_acquire) & ~ASLEEP;
}

/* Until the word is another, or a signal handler ran; shared: the waker may be another
 * process (futex(2): FUTEX_WAIT_BITSET takes a deadline). */
static int sleep_until(struct doorbell *b, uint64_t deadline_ns)
{
	const struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / 1000000000),
		.tv_nsec = (long)(deadline_ns % 1000000000),
	};

	if (syscall(SYS_futex, &b->word, FUTEX_WAIT_BITSET, ASLEEP,
		    deadline_ns == DOORBELL_FOREVER ? NULL : &deadline, NULL,
		    FUTEX_BITSET_MATCH_ANY) == 0 ||
	    errno == EAGAIN)
		return 0;
	return -errno;
}

int doorbell_wait(struct doorbell *b, uint64_t deadline_ns)
{
	for (;;) {
		int result = doorbell_doze(b) ? sleep_until(b, deadline_ns) : 0;
		uint32_t n = doorbell_take(b);

		if (n)
			return (int)n;
		if (result < 0)
			return result;
	}
}
