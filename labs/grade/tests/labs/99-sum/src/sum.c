/* SPDX-License-Identifier: BSD-2-Clause */
/* sum.c - prints the sum of its arguments. */
#include <stdlib.h>

#include "given/print.h"

int main(int argc, char **argv)
{
	long sum = 0;
	/* @solution LAB-SECRET */
	for (int i = 1; i < argc; i++)
		sum += strtol(argv[i], NULL, 10);
	/* @starter */
	//| 	/* Here the arguments are to be summed. */
	//| 	(void)argc, (void)argv;
	//| 	sum = -1;
	/* @end */
	sum_print(sum);
	return 0;
}
