/* SPDX-License-Identifier: BSD-2-Clause */
/* cpulist.c - lists of CPUs as in "0,2-3". */
#include "config.h"

#include "harness/sample/cpulist.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "harness/sample/text.h"

/* One number, moving *at past it; -1 where there is none or it is too large. */
static long take_number(const char **at)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return -1;
	long n = strtol(*at, &end, 10);
	*at = end;
	return n < CPU_SETSIZE ? n : -1;
}

static int parse(const char *at, cpu_set_t *out)
{
	CPU_ZERO(out);
	for (;;) {
		long first = take_number(&at), last = first;

		if (*at == '-' && first >= 0) {
			at++;
			last = take_number(&at);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		for (long cpu = first; cpu <= last; cpu++)
			CPU_SET((size_t)cpu, out);
		if (*at != ',')
			break;
		at++;
	}
	return *at == '\0' || *at == '\n' ? CPU_COUNT(out) : -EINVAL;
}

int cpulist_parse(const char *list, cpu_set_t *out)
{
	char online[4096];

	if (list)
		return parse(list, out);
	ssize_t n = text_read(AT_FDCWD, "/sys/devices/system/cpu/online", online,
			      sizeof online);
	return n < 0 ? (int)n : parse(online, out);
}
