/* SPDX-License-Identifier: BSD-2-Clause */
/* fault.c - which region a module touched that it may not: noted, before the process
 * dies of it as it would have. */
#include "config.h"

#include "runner.h"

#include <signal.h>
#include <stdlib.h>

static const struct runner *runner;
static _Thread_local struct resident *current;

void fault_current(struct resident *s)
{
	current = s;
}

static void on_fault(int signum, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;
	struct status *status = current ? current->status : NULL;

	(void)context;
	for (int i = 0; status && i < runner->g->regions; i++) {
		const char *start = runner->region[i].readable;

		if (!start || at < start || at >= start + runner->region[i].bytes)
			continue;
		status->fault_offset = (uint64_t)(at - start);
		atomic_store(&status->fault_region, i + 1);
	}
	if (status)
		status->fault_address = (uint64_t)(uintptr_t)at;
	signal(signum, SIG_DFL); /* and again, this time to die of it */
}

void fault_catch(const struct runner *r)
{
	static char stack[64 << 10];
	const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction action = {.sa_sigaction = on_fault,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};

	runner = r;
	sigaltstack(&other, NULL); /* its own may be what is used up */
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}
