/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.c - which controllers act, and on what response time. */
#include "config.h"

#include "settings.h"

#include <stdlib.h>
#include <string.h>

enum { TARGET_MAX_MS = 3600000 };

struct stage_controls controls = {true, true, true, SHED_TARGET_NS, .note = NULL};

static bool controllers_set(const char *list)
{
	bool *const which[] = {&controls.threads, &controls.batch, &controls.shed};
	static const char *const names[] = {"threads", "batch", "shed"};

	controls.threads = controls.batch = controls.shed = false;
	if (strcmp(list, "none") == 0)
		return true;
	for (;;) {
		size_t len = strcspn(list, ",");
		unsigned i = 0;

		while (i < 3 &&
		       (strlen(names[i]) != len || memcmp(names[i], list, len)))
			i++;
		if (i == 3)
			return false;
		*which[i] = true;
		list += len;
		if (!*list++)
			return true;
	}
}

static bool target_set(const char *ms)
{
	char *end;
	unsigned long n = strtoul(ms, &end, 10);

	controls.target_ns = (uint64_t)n * 1000000;
	return *ms >= '0' && *ms <= '9' && !*end && n > 0 && n <= TARGET_MAX_MS;
}

const struct own_option settings[] = {
	{"controllers", "LIST", "of threads,batch,shed; or none (all)",
	 controllers_set},
	{"response-target", "MS",
	 "milliseconds a stage may take, or it sheds load (5000)", target_set},
	{.name = NULL},
};
