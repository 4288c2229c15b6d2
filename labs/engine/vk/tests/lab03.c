/* SPDX-License-Identifier: BSD-2-Clause */
/* lab03.c - a long handler, and the remedies of Ousterhout's slide "Problems With
 * Events": a process and an event when it is done, or breaking up (the third one is
 * late.c). */
#include "vk.h"

#include <string.h>

enum { JOBS_MAX = 8, PART = 10 };

static struct vk_event
	job[JOBS_MAX]; /* its state is its value, what is left its ticks */
static int process[JOBS_MAX], jobs;

static uint64_t work(void *arg)
{
	const struct vk_event *j = arg;

	return vk_work(0, j->value, j->ticks);
}

static void job_end(int i, uint64_t value)
{
	vk_answer(job[i].id, value);
	job[i] = job[--jobs];
	process[i] = process[jobs];
}

/* One part of the first job; whether there is any is what the loop asks before. */
static void part_do(void)
{
	unsigned ticks = job[0].ticks < PART ? job[0].ticks : PART;

	job[0].value = vk_work(0, job[0].value, ticks);
	job[0].ticks -= ticks;
	if (job[0].ticks == 0)
		job_end(0, job[0].value);
}

static void handle(const struct vk_event *event, const char *how)
{
	uint64_t value;

	for (int i = 0; event->kind == VK_ENDED && i < jobs; i++)
		if (process[i] == event->id && vk_join(event->id, &value) == 0)
			job_end(i, value);
	if (event->kind != VK_SOURCE || event->ticks == 0)
		return;
	job[jobs++] = *event;
	if (!strcmp(how, "whole"))
		job_end(jobs - 1, work(&job[jobs - 1]));
	else if (!strcmp(how, "process"))
		process[jobs - 1] = vk_process(work, &job[jobs - 1]);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "whole";
	struct vk_event event;

	for (;;) {
		if (strcmp(how, "parts") || jobs == 0)
			vk_wait_event(&event);
		else if (vk_poll_event(&event) < 0)
			event.kind = -1;
		handle(&event, how);
		if (!strcmp(how, "parts") && jobs > 0)
			part_do();
	}
}
