/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a set of CPUs idled, out of how long there was. */
#ifndef AGENT_METER_H
#define AGENT_METER_H

#include <sched.h>

#include "harness/agent/dialogue.h"
#include "harness/sample/host.h"

struct cpu_meter {
	struct meter meter; /* first: the dialogue knows this part alone */
	struct host host;
	cpu_set_t cpus;
};

/* Of the CPUs of a list as in "0,2-3"; NULL: all that are online.  0; -EINVAL: that is
 * no list; -ENODEV: the kernel tells nothing of one of them; or -errno. */
int cpu_meter_open(struct cpu_meter *meter, const char *list);

void cpu_meter_close(struct cpu_meter *meter);

#endif
