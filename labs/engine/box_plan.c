/* SPDX-License-Identifier: BSD-2-Clause */
/* box_plan.c - the limits of a box, by name and by default, and a box's end in words.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"

static const uint64_t mib = 1024 * 1024;

int box_limit_set(struct box_limits *limits, const char *name, uint64_t value)
{
	const struct {
		const char *name;
		unsigned *count;
		uint64_t *bytes;
	} table[] = {
		{"cpu_s", &limits->cpu_s, NULL},
		{"wall_s", &limits->wall_s, NULL},
		{"idle_s", &limits->idle_s, NULL},
		{"processes", &limits->processes, NULL},
		{"files", &limits->files, NULL},
		{"memory_mib", NULL, &limits->memory_bytes},
		{"space_mib", NULL, &limits->space_bytes},
		{"file_mib", NULL, &limits->file_bytes},
	};
	if (value > 1000000)
		return -ERANGE;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		if (table[i].count)
			*table[i].count = (unsigned)value;
		else
			*table[i].bytes = value * mib;
		return 0;
	}
	return -EINVAL;
}

/* "cpu_s=5 memory_mib=64": what is not of that form was not written by the grader. */
static void limits_read(struct box_limits *limits, const char *text)
{
	char name[16];
	uint64_t value;
	int used;
	while (sscanf(text, " %15[a-z_]=%" SCNu64 "%n", name, &value, &used) == 2) {
		box_limit_set(limits, name, value);
		text += used;
	}
}

void box_plan_init(struct box_plan *plan)
{
	*plan = (struct box_plan){
		.limits = {.cpu_s = 10,
			   .wall_s = 120,
			   .processes = 64,
			   .files = 256,
			   .memory_bytes = 512 * mib,
			   .file_bytes = 64 * mib},
		.in = -1,
		.out = -1,
		.err = -1,
	};
	const char *text = getenv("LAB_LIMITS");
	if (text)
		limits_read(&plan->limits, text);
}

void box_end_describe(const struct box_end *end, const struct box_limits *limits,
		      char *text, size_t room)
{
	switch (end->how) {
	case BOX_EXITED:
		snprintf(text, room, "exit status %d", end->code);
		break;
	case BOX_SIGNALLED:
		snprintf(text, room, "signal %d (%s)", end->code, strsignal(end->code));
		break;
	case BOX_CPU:
		snprintf(text, room, "more than %u s of CPU", limits->cpu_s);
		break;
	case BOX_MEMORY:
		snprintf(text, room, "more than %" PRIu64 " MiB of memory",
			 limits->memory_bytes / mib);
		break;
	case BOX_PROCESSES:
		snprintf(text, room, "more than %u processes and threads",
			 limits->processes);
		break;
	case BOX_FILE_SIZE:
		snprintf(text, room, "a file of more than %" PRIu64 " MiB",
			 limits->file_bytes / mib);
		break;
	case BOX_IDLE:
		snprintf(text, room, "every thread asleep for %u s", limits->idle_s);
		break;
	case BOX_WALL:
		snprintf(text, room, "not ended after %u s", limits->wall_s);
		break;
	}
}

void box_walls_describe(unsigned walls, char *text, size_t room)
{
	static const struct {
		unsigned wall;
		const char *name;
	} names[] = {{BOX_USER_NAMESPACE, "user"},
		     {BOX_PID_NAMESPACE, "PID"},
		     {BOX_NET_NAMESPACE, "network"},
		     {BOX_MOUNT_NAMESPACE, "mount"}};
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < 4; i++)
		if (walls & names[i].wall && n < room)
			n += (size_t)snprintf(text + n, room - n, "%s%s", n ? ", " : "",
					      names[i].name);
	if (n < room)
		n += (size_t)snprintf(text + n, room - n,
				      n ? " namespaces"
					: "no namespaces (refused here)");
	if (n < room)
		snprintf(text + n, room - n,
			 walls & BOX_OTHER_USER ? ", another user" : "");
}
