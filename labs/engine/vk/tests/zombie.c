/* SPDX-License-Identifier: BSD-2-Clause */
/* zombie.c - planted bug: the child's end is heard of, and that is all.  With the
 * argument `right` it is joined. */
#include "vk.h"

#include <string.h>

static uint64_t child(void *arg)
{
	const struct vk_event *job = arg;

	return vk_work(0, job->value, job->ticks);
}

int main(int argc, char **argv)
{
	int right = argc > 1 && !strcmp(argv[1], "right");
	struct vk_event job, end;
	uint64_t result = 0;

	if (vk_wait_event(&job) < 0 || vk_process(child, &job) < 0 ||
	    vk_wait_event(&end) < 0 || end.kind != VK_ENDED)
		return 1;
	if (right)
		vk_join(end.id, &result);
	vk_answer(job.id, result);
	return 0;
}
