/* SPDX-License-Identifier: BSD-2-Clause */
/* cpulist.h - lists of CPUs as in "0,2-3" (cpuset(7), "List format"). */
#ifndef DUALITY_SAMPLE_CPULIST_H
#define DUALITY_SAMPLE_CPULIST_H

#include <sched.h>

/* Parse a list; NULL means every CPU that is online.  Returns how many, or -EINVAL, or
 * -errno. */
int cpulist_parse(const char *list, cpu_set_t *out);
#endif
