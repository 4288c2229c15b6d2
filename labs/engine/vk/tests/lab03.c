/* SPDX-License-Identifier: BSD-2-Clause */
/* lab03.c - a long handler, and the remedies of Ousterhout's slide "Problems With
 * Events": a process and an event when it is done, or breaking up (the third one is
 * late.c). */
#include "vk.h"

#include <string.h>

enum { JOBS_MAX = 8, PART = 10 };

/* What is left of a job: its value is its state.  A job stays where it is, as a process
 * may work on it. */
static struct job {
	struct vk_event left; /* id 0: nothing */
	int process;
} job[JOBS_MAX];

static uint64_t work(void *arg)
{
	const struct job *j = arg;

	return vk_work(0, j->left.value, j->left.ticks);
}

/* The job of that event, or (0) a free place; NULL if there is none. */
static struct job *job_find(int id)
{
	for (int i = 0; i < JOBS_MAX; i++)
		if (job[i].left.id == id)
			return &job[i];
	return NULL;
}

static void job_end(struct job *j, uint64_t value)
{
	vk_answer(j->left.id, value);
	memset(j, 0, sizeof(*j));
}

static void job_begin(const struct vk_event *event, const char *how)
{
	struct job *j = job_find(0);

	if (!j)
		return;
	j->left = *event;
	if (!strcmp(how, "whole"))
		job_end(j, work(j));
	else if (!strcmp(how, "process"))
		j->process = vk_process(work, j);
}

/* A part of somebody's work; 0 if there is none. */
static int part_do(void)
{
	for (struct job *j = job; j < job + JOBS_MAX; j++) {
		unsigned ticks = j->left.ticks < PART ? j->left.ticks : PART;

		if (!j->left.id)
			continue;
		j->left.value = vk_work(0, j->left.value, ticks);
		j->left.ticks -= ticks;
		if (j->left.ticks == 0)
			job_end(j, j->left.value);
		return 1;
	}
	return 0;
}

static void handle(const struct vk_event *event, const char *how)
{
	uint64_t value;

	for (struct job *j = job; event->kind == VK_ENDED && j < job + JOBS_MAX; j++)
		if (j->process == event->id && vk_join(event->id, &value) == 0)
			job_end(j, value);
	if (event->kind == VK_SOURCE && event->ticks > 0)
		job_begin(event, how);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "whole";
	int parts = !strcmp(how, "parts");
	struct vk_event event;

	for (;;) {
		while (vk_poll_event(&event) == 0)
			handle(&event, how);
		if ((!parts || !part_do()) && vk_wait_event(&event) == 0)
			handle(&event, how);
	}
}
