/* SPDX-License-Identifier: BSD-2-Clause */
/* relinquish.c - kernel threads, or processes (RUNTIME), that do not wait in the kernel
 * but try again and yield: what Jones (Lecture notes 31, 1998, section 4) gives threads
 * outside the kernel for want of anything better.  A program of `duality micro` for
 * each. */
#include "config.h"

#include "harness/micro/crowd_kernel.h"

static const struct micro_case cases[] = {
	BUSYWAIT_CASES,
	{0},
};

int main(int argc, char **argv)
{
	kernel_relinquish();
	return micro_main(argc, argv, &(struct micro){RUNTIME "-relinquish", cases});
}
