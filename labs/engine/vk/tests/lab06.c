/* SPDX-License-Identifier: BSD-2-Clause */
/* lab06.c - Jones's composite threads (lecture 31, section 4): user threads whose P is
 * NonBlockingP and relinquish; without the argument `busy` the process sleeps while all
 * of them wait. */
#include "vk.h"

#include <errno.h>
#include <string.h>
#include <ucontext.h>

enum { THREADS = 3, STACK_BYTES = 64 * 1024 };

static ucontext_t loop, thread[THREADS];
static char stack[THREADS][STACK_BYTES];
enum { AWAKE, WAITS, ENDED };

static int is[THREADS], current, live = THREADS, busy, door;

static void thread_p(int sem)
{
	while (vk_nb_sem_wait(sem) < 0 && errno == EWOULDBLOCK) {
		is[current] = busy ? AWAKE : WAITS;
		swapcontext(&thread[current], &loop);
	}
}

static void thread_main(void)
{
	for (int i = 0; i < 2; i++)
		thread_p(door);
	live--;
	is[current] = ENDED;
}

/* Wakes one: there is a note for each of them that asked in vain. */
static void sleep_until_signalled(void)
{
	struct vk_event event;

	vk_wait_event(&event);
	for (int i = 0; i < THREADS; i++)
		if (is[i] == WAITS && event.kind == VK_SIGNALLED) {
			is[i] = AWAKE;
			return;
		}
}

int main(int argc, char **argv)
{
	busy = argc > 1 && !strcmp(argv[1], "busy");
	door = vk_sem_find("door");
	for (int i = 0; i < THREADS; i++) {
		getcontext(&thread[i]);
		thread[i].uc_stack.ss_sp = stack[i];
		thread[i].uc_stack.ss_size = STACK_BYTES;
		thread[i].uc_link = &loop;
		makecontext(&thread[i], thread_main, 0);
	}
	for (current = 0; live > 0; current = (current + 1) % THREADS) {
		int awake = 0;

		for (int i = 0; i < THREADS; i++)
			awake += is[i] == AWAKE;
		if (!awake)
			sleep_until_signalled();
		if (is[current] == AWAKE)
			swapcontext(&loop, &thread[current]);
	}
	return 0;
}
