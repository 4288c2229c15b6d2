/* SPDX-License-Identifier: BSD-2-Clause */
/* code.h - the code under test: functions of the program, with their bytes. */
#ifndef LAB_STEP_CODE_H
#define LAB_STEP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols.h"

struct code_function {
	uint64_t start, end;
	unsigned char *bytes; /* and CPU_BYTES zeros */
};

struct code {
	struct code_function *list; /* by address */
	size_t n;
};

/* Takes those of the program's functions that a pattern (glob(7)) of `names` fits or
   one of the `objects`, files of the program, defines; without either, all that the
   compiler made from source but main.  0; -EINVAL with one line that says what is
   wrong; -errno. */
int code_choose(struct code *code, const struct symbols *program,
		const char *const *names, const char *const *objects, char *wrong,
		size_t room);
void code_free(struct code *code);

/* The function that holds the address, or NULL. */
const struct code_function *code_at(const struct code *code, uint64_t address);

#endif
