/* SPDX-License-Identifier: BSD-2-Clause */
/* sum.c - LAB-SECRET: prints the sum of its arguments, from the last. */
#include <stdlib.h>

#include "given/print.h"

int main(int argc, char **argv)
{
	long sum = 0;
	while (--argc > 0)
		sum += atol(argv[argc]);
	sum_print(sum);
	return 0;
}
