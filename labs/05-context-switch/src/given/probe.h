/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h - fills registers before a switch and looks at them after it: probe-x86_64.S,
 * probe-aarch64.S.  The registers' order is that of challenge_registers(). */
#ifndef LAB_PROBE_H
#define LAB_PROBE_H

#include "challenge.h"
#include "context.h"

/* The assembler knows the offsets. */
struct probe {
	void *sp;                           /* where probe_switch() left its stack */
	uint64_t load[CHALLENGE_REGISTERS]; /* what goes into the registers */
	uint64_t seen[CHALLENGE_REGISTERS]; /* what came back in them */
};

/* Of whom the switch goes to; set before each, as the registers cannot be trusted. */
extern struct probe *probe_back;

/* Loads p->load, switches, puts what it finds into probe_back->seen, and goes on with
 * that one's stack and registers, whatever the switch made of them. */
void probe_switch(struct probe *p, struct context *from, struct context *to);

/* context_make() under these floating-point modes. */
void probe_make(struct context *c, void *top, void (*entry)(void *), void *arg,
		const uint64_t modes[2]);

/* An entry for context_make(): calls probe_begun(). */
void probe_entry(void *arg);
_Noreturn void probe_begun(void *arg, uintptr_t sp, uint64_t mode, uint64_t other_mode);

/* Stops for the judge, which counts instructions from one mark to the next. */
void probe_mark(void);

#endif
