/* SPDX-License-Identifier: BSD-2-Clause */
/* lab10.c - 2D scheduling (von Behren's slide "Scheduling"): what is left of a task is
 * predicted from where in the program it stands, who stands where the processor worked
 * last goes first, and age counts.  With the argument `task` first come, first served.
 */
#include "vk.h"

#include <string.h>

enum { TASKS_MAX = 64, PLACES_MAX = 8, MOVE = 40, AGE_SHARE = 8 };

static struct vk_event task[TASKS_MAX];
static int tasks, here;
static uint64_t ticks_at[PLACES_MAX], times_at[PLACES_MAX];

/* From this place on: what those who were here have needed since, on average.  Places
 * come in order. */
static long predict(int place)
{
	long left = 0;

	for (int p = place; p < PLACES_MAX && times_at[place]; p++)
		left += (long)(ticks_at[p] / times_at[place]);
	return left;
}

static int pick(int by_task, uint64_t now)
{
	long best = 0;
	int first = 0;

	for (int i = 0; i < tasks && !by_task; i++) {
		long cost = predict(task[i].place) +
			    (task[i].place == here ? 0 : MOVE) -
			    (long)(now - task[i].due) / AGE_SHARE;

		if (i == 0 || cost < best) {
			best = cost;
			first = i;
		}
	}
	return first;
}

static void stage_run(int i)
{
	uint64_t before = vk_now();
	int next;

	here = task[i].place;
	next = vk_stage(task[i].id, &task[i].value);
	ticks_at[here] += vk_now() - before;
	times_at[here]++;
	task[i].place = next;
	if (next > 0)
		return;
	vk_answer(task[i].id, task[i].value);
	memmove(&task[i], &task[i + 1], (size_t)(--tasks - i) * sizeof(*task));
}

int main(int argc, char **argv)
{
	int by_task = argc > 1 && !strcmp(argv[1], "task");

	for (;;) {
		while (tasks < TASKS_MAX && vk_poll_event(&task[tasks]) == 0)
			tasks++;
		if (tasks == 0 && vk_wait_event(&task[tasks]) == 0)
			tasks++;
		stage_run(pick(by_task, vk_now()));
	}
}
