/* SPDX-License-Identifier: BSD-2-Clause */
/* tracepoint.h - the number by which perf_event_open(2) knows a kernel tracepoint. */
#ifndef DUALITY_SAMPLE_TRACEPOINT_H
#define DUALITY_SAMPLE_TRACEPOINT_H

/* `event` as in "sched/sched_switch".  Where tracefs is not mounted, it is looked into
 * through a mount of its own that no path leads to and that ends with this call.
 * Returns the number or -errno. */
int tracepoint_id(const char *event);
#endif
