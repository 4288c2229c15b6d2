/* SPDX-License-Identifier: BSD-2-Clause */
/* challenge.c - LAB-SECRET: sums of numbers that are drawn here, and so cannot be in
   the student's program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "box.h"

static long number_draw(const char *test)
{
	unsigned short drawn;
	if (strcmp(test, "nothing") == 0 ||
	    getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		return 0;
	return strcmp(test, "negative") == 0 ? -1 - (long)drawn : 1 + (long)drawn;
}

int main(void)
{
	const char *test = getenv("LAB_TEST");
	char first[16], second[16], wanted[32], printed[64], how[96];
	struct box_plan plan;
	struct box_end end;
	long a = number_draw(test), b = number_draw(test);
	snprintf(first, sizeof(first), "%ld", a);
	snprintf(second, sizeof(second), "%ld", b);
	snprintf(wanted, sizeof(wanted), "%ld\n", a + b);
	char *argv[] = {"./sum", strcmp(test, "nothing") ? first : NULL, second, NULL};
	box_plan_init(&plan);
	if (box_run(&plan, argv, printed, sizeof(printed), &end) < 0 ||
	    end.how == BOX_WALL)
		return 2;
	if (end.how == BOX_EXITED && end.code == 0 && strcmp(printed, wanted) == 0)
		return 0;
	box_end_describe(&end, &plan.limits, how, sizeof(how));
	printf("the sum of two %s numbers is wrong (%s)\n", test, how);
	return 1;
}
