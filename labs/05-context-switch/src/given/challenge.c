/* SPDX-License-Identifier: BSD-2-Clause */
/* challenge.c - see challenge.h. */
#include "challenge.h"

#include <string.h>

/* Each context comes back from each other one, and from itself by way of both. */
const unsigned char challenge_order[] = {1, 2, 0, 2, 1, 0, 1, 0, 2, 0, 1, 2, 1, 0};
const unsigned challenge_turns = sizeof challenge_order;

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * 2014). */
static uint64_t mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t challenge_mix(uint64_t key, unsigned what, unsigned a, unsigned b)
{
	return mix(mix(key ^ what) ^ ((uint64_t)a << 32 | b));
}

/* System V ABI for AMD64, 3.2.1 and figure 3.4: the status bits of mxcsr are not kept.
 */
static const struct challenge_register x86_64[] = {
	{"rbx", CHALLENGE_GENERAL, 0, 0, 0},
	{"rbp", CHALLENGE_GENERAL, 0, 0, 0},
	{"r12", CHALLENGE_GENERAL, 0, 0, 0},
	{"r13", CHALLENGE_GENERAL, 0, 0, 0},
	{"r14", CHALLENGE_GENERAL, 0, 0, 0},
	{"r15", CHALLENGE_GENERAL, 0, 0, 0},
	{"mxcsr", CHALLENGE_MODE, 0x1f80, 0xffc0, 13},
	{"x87 control word", CHALLENGE_MODE, 0x037f, 0x0f3f, 10},
	{"rsp", CHALLENGE_POINTER, 0, 0, 0},
};

/* AAPCS64, 6.1.1 and 6.1.2: of v8 to v15 the lower halves are kept, which are d8 to
 * d15. */
static const struct challenge_register aarch64[] = {
	{"x19", CHALLENGE_GENERAL, 0, 0, 0}, {"x20", CHALLENGE_GENERAL, 0, 0, 0},
	{"x21", CHALLENGE_GENERAL, 0, 0, 0}, {"x22", CHALLENGE_GENERAL, 0, 0, 0},
	{"x23", CHALLENGE_GENERAL, 0, 0, 0}, {"x24", CHALLENGE_GENERAL, 0, 0, 0},
	{"x25", CHALLENGE_GENERAL, 0, 0, 0}, {"x26", CHALLENGE_GENERAL, 0, 0, 0},
	{"x27", CHALLENGE_GENERAL, 0, 0, 0}, {"x28", CHALLENGE_GENERAL, 0, 0, 0},
	{"x29", CHALLENGE_GENERAL, 0, 0, 0}, {"d8", CHALLENGE_VECTOR, 0, 0, 0},
	{"d9", CHALLENGE_VECTOR, 0, 0, 0},   {"d10", CHALLENGE_VECTOR, 0, 0, 0},
	{"d11", CHALLENGE_VECTOR, 0, 0, 0},  {"d12", CHALLENGE_VECTOR, 0, 0, 0},
	{"d13", CHALLENGE_VECTOR, 0, 0, 0},  {"d14", CHALLENGE_VECTOR, 0, 0, 0},
	{"d15", CHALLENGE_VECTOR, 0, 0, 0},  {"fpcr", CHALLENGE_MODE, 0, 0xc00000, 22},
	{"sp", CHALLENGE_POINTER, 0, 0, 0},
};

const struct challenge_register *challenge_registers(const char *machine, size_t *count)
{
	if (!strcmp(machine, "x86_64")) {
		*count = sizeof x86_64 / sizeof *x86_64;
		return x86_64;
	}
	if (!strcmp(machine, "aarch64")) {
		*count = sizeof aarch64 / sizeof *aarch64;
		return aarch64;
	}
	return NULL;
}

/* The contexts' rounding modes all differ, as there are fewer contexts than modes. */
uint64_t challenge_load(uint64_t key, const struct challenge_register *r, unsigned who,
			unsigned turn, unsigned i)
{
	uint64_t first = challenge_mix(key, CHALLENGE_LOAD, 0, 0);

	switch (r->kind) {
	case CHALLENGE_MODE:
		return r->base | ((first + who) & 3) << r->shift;
	case CHALLENGE_POINTER:
		return 0;
	default:
		return challenge_mix(key, CHALLENGE_LOAD, who * 256 + turn + 1, i);
	}
}
