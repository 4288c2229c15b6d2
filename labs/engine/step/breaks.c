/* SPDX-License-Identifier: BSD-2-Clause */
/* breaks.c - breakpoints where the code under test is entered: at its functions, and
   where the calls it makes return to. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "breaks.h"
#include "tracee.h"

struct breakpoint *break_at(struct execution *x, uint64_t address)
{
	for (unsigned i = 0; i < x->n_breaks; i++)
		if (x->breaks[i].address == address)
			return &x->breaks[i];
	return NULL;
}

int break_add(struct execution *x, uint64_t address)
{
	if (break_at(x, address))
		return 0;
	if (x->n_breaks == EXECUTION_BREAKS)
		return -ENOSPC;
	struct breakpoint *b = &x->breaks[x->n_breaks];
	b->address = address;
	int status = tracee_read(x->pid, address, b->bytes, cpu_break_bytes);
	status = status ? status
			: tracee_write(x->pid, address, cpu_break, cpu_break_bytes);
	if (status == 0)
		x->n_breaks++;
	return status;
}

int breaks_plant(struct execution *x)
{
	const struct code *code = &x->subject->code;
	int status = 0;
	for (size_t i = 0; status == 0 && i < code->n; i++)
		status = break_add(x, code->list[i].start + x->subject->bias);
	return status;
}

int break_lift(struct execution *x, const struct breakpoint *b)
{
	return b ? tracee_write(x->pid, b->address, b->bytes, cpu_break_bytes) : 0;
}

int break_put_back(struct execution *x, const struct breakpoint *b)
{
	return b ? tracee_write(x->pid, b->address, cpu_break, cpu_break_bytes) : 0;
}
