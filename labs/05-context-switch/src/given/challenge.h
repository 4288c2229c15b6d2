/* SPDX-License-Identifier: BSD-2-Clause */
/* challenge.h - what the judge and the program it judges agree upon: numbers that
 * follow from a key, which is new in every run, and the order of switches. */
#ifndef LAB_CHALLENGE_H
#define LAB_CHALLENGE_H

#include <stddef.h>
#include <stdint.h>

enum { CHALLENGE_REGISTERS = 22, CHALLENGE_CONTEXTS = 3 };

/* What a number is for. */
enum {
	CHALLENGE_LOAD,
	CHALLENGE_ARG,
	CHALLENGE_NAME,
	CHALLENGE_RESULT,
	CHALLENGE_COUNT
};

enum challenge_kind {
	CHALLENGE_GENERAL,
	CHALLENGE_VECTOR,
	CHALLENGE_MODE,    /* rounding: two bits at `shift` of `base` */
	CHALLENGE_POINTER, /* the stack pointer: how far it is off */
};

struct challenge_register {
	const char *name;
	enum challenge_kind kind;
	uint32_t base, mask;
	unsigned shift;
};

/* Who goes on at each turn; 0, main(), begins. */
extern const unsigned char challenge_order[];
extern const unsigned challenge_turns;

uint64_t challenge_mix(uint64_t key, unsigned what, unsigned a, unsigned b);

/* The registers that a called function keeps, on x86_64 or aarch64; NULL: another
 * machine. */
const struct challenge_register *challenge_registers(const char *machine,
						     size_t *count);

/* What context `who` has in register i when it leaves at `turn`. */
uint64_t challenge_load(uint64_t key, const struct challenge_register *r, unsigned who,
			unsigned turn, unsigned i);

#endif
