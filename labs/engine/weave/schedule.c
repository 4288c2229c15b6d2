/* SPDX-License-Identifier: BSD-2-Clause */
/* schedule.c - written and read. */
#include "config.h"

#include "schedule.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MOST = 100000 };

void schedule_print(const struct choice *path, uint32_t n)
{
	if (n == 0)
		printf("-");
	for (uint32_t i = 0, same; i < n; i += same) {
		same = 1;
		while (i + same < n &&
		       memcmp(&path[i], &path[i + same], sizeof path[i]) == 0)
			same++;
		printf("%s%u", i ? "," : "", path[i].thread);
		if (path[i].kind == CHOICE_FLUSH)
			printf("f");
		else if (path[i].way)
			printf(".%u", path[i].way);
		if (same > 1)
			printf("x%u", same);
	}
}

/* Digits, and what follows them; -1 where there are none, or too many. */
static long number_parse(const char **at)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)**at))
		return -1;
	n = strtol(*at, &end, 10);
	*at = end;
	return n <= STEPS_MOST ? n : -1;
}

/* One item of the list: how many times that choice, or -EINVAL. */
static int item_parse(const char **at, struct choice *choice)
{
	long thread = number_parse(at), way = 0, times = 1;

	memset(choice, 0, sizeof *choice);
	if (**at == 'f') {
		choice->kind = CHOICE_FLUSH;
		(*at)++;
	} else if (**at == '.') {
		(*at)++;
		way = number_parse(at);
	}
	if (**at == 'x') {
		(*at)++;
		times = number_parse(at);
	}
	if (thread < 0 || thread >= STATE_THREADS || way < 0 || way >= STEP_CHOICES ||
	    times < 1 || (**at && **at != ','))
		return -EINVAL;
	*at += **at == ',';
	choice->thread = (uint8_t)thread;
	choice->way = (uint16_t)way;
	return (int)times;
}

int schedule_parse(const char *text, struct choice **path)
{
	int n = 0, times;
	struct choice choice;

	*path = calloc(STEPS_MOST, sizeof **path);
	if (!*path)
		return -ENOMEM;
	if (strcmp(text, "-") == 0)
		return 0;
	do {
		times = item_parse(&text, &choice);
		for (int i = 0; i < times && n < STEPS_MOST; i++)
			(*path)[n++] = choice;
	} while (times > 0 && *text);
	if (times > 0)
		return n;
	free(*path);
	*path = NULL;
	return -EINVAL;
}
