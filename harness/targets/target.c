/* SPDX-License-Identifier: BSD-2-Clause */
/* target.c - what all targets share: their names, and the arithmetic of readings. */
#include "config.h"

#include "harness/targets/target.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	struct target *(*open)(void);
} targets[] = {
	{"local", target_local},
};

struct target *target_open(const char *name)
{
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		if (strcmp(targets[i].name, name) == 0)
			return targets[i].open();
	}
	errno = EINVAL;
	return NULL;
}

const char *reading_counter_name(enum reading_counter which)
{
	static const char *const names[READING_COUNTERS] = {
		[READING_REQUESTS] = "requests",
		[READING_LOADS] = "loads",
		[READING_DEFERRED] = "deferred",
		[READING_CLOSED_NO_FD] = "closed_no_fd",
		[READING_REFUSED] = "refused",
		[READING_USER_SWITCHES] = "user_switches",
		[READING_CROSSINGS] = "stage_crossings",
		[READING_LOCK_WAITS] = "lock_waits",
		[READING_OPENED] = "connections_opened",
		[READING_PEAK] = "connections_peak",
		[READING_SOCKET_DROPS] = "socket_drops",
		[READING_NO_BUFFER] = "drops_no_buffer",
		[READING_CLIENT_FULL] = "drops_client_full",
		[READING_NO_TX_BUFFER] = "drops_no_tx_buffer",
		[READING_MALFORMED] = "drops_malformed",
		[READING_DEVICE] = "drops_device",
	};
	return names[which];
}

void reading_delta(const struct reading *earlier, const struct reading *later,
		   struct reading *out)
{
	sample_delta(&earlier->kernel, &later->kernel, &out->kernel);
	for (int i = 0; i < READING_COUNTERS; i++)
		out->counter[i] = later->counter[i] - earlier->counter[i];
	out->counter[READING_PEAK] = later->counter[READING_PEAK];
}
