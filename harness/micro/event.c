/* SPDX-License-Identifier: BSD-2-Clause */
/* event.c - the program of `duality micro` that has no threads: one loop. */
#include "config.h"

#include "harness/micro/crowd.h"
#include "harness/micro/micro.h"

#include <stddef.h>

static const struct micro_case cases[] = {
	{"task8k", "1/s", NULL, task8k_loop, TASK8K_SIZES, 1, 1},
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"event", cases});
}
