/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_test.c - a box is made by one who has a timer, as lab-step does: its signal
 * cuts waits short, and is no reason to give up. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "box.h"

enum { STARTS = 60, PERIOD_US = 1500 };

static void nothing_do(int number)
{
	(void)number;
}

static int start_under_timer(struct box *box, int turn)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	const struct itimerval never = {{0, 0}, {0, 0}};
	struct itimerval often = {{0, PERIOD_US + turn}, {0, PERIOD_US + turn}};
	struct box_plan plan;
	box_plan_init(&plan);
	plan.traced = true;
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	int error = box_start(box, &plan, argv);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	return error;
}

static void timer(void **state)
{
	struct sigaction action = {.sa_handler = nothing_do}; /* no SA_RESTART */
	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	for (int turn = 0; turn < STARTS; turn++) {
		struct box box;
		struct box_end end;
		int status, error = start_under_timer(&box, turn);
		if (error == -EPERM || error == -ENOSYS) {
			print_message("# no process may be traced here\n");
			return;
		}
		assert_int_equal(error, 0);
		box_kill(&box);
		assert_int_equal(waitpid(box.pid, &status, __WALL), box.pid);
		assert_int_equal(box_wait(&box, &end), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
