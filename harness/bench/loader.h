/* SPDX-License-Identifier: BSD-2-Clause */
/* loader.h - duality-load as a child process. */
#ifndef DUALITY_LOADER_H
#define DUALITY_LOADER_H

#include <stdint.h>
#include <sys/types.h>

#include "harness/bench/row.h"

struct load_spec {
	char url[512];
	int udp_bytes;     /* of a datagram; 0: requests by http */
	const char *netns; /* a network namespace's path; NULL: this one */
	const char *mix;   /* a file, whose server the URL names; or NULL */
	bool closed;       /* else open, at rate_rps */
	double rate_rps;
	int connections;         /* a fixed pool, where not 0 */
	int reconnect;           /* closed: each anew after so many replies; 0: never */
	double session_requests; /* sessions, where connections is 0 */
	double think_us;
	int max_live;
	int idle;
	bool spin;       /* never sleep */
	bool verify_all; /* every reply, not a sample of them */
	double limit_us; /* what its certificate is for */
	double warmup_s, window_s, drain_s;
	uint64_t seed;
	int cpu;
	const char *json, *histogram, *log; /* files; histogram may be NULL */
};

struct loader {
	pid_t pid;
	int events_fd;
	char line[64]; /* of events, so far */
	size_t used;
};

enum load_event { LOAD_NOTHING, LOAD_START, LOAD_END, LOAD_DONE, LOAD_CLOSED };

/* Start `program`.  0 or -errno. */
int loader_start(struct loader *l, const char *program, const struct load_spec *spec);

/* Take what can be read of events_fd (when poll says so): the next event, or
 * LOAD_NOTHING if the line is not whole; LOAD_CLOSED at the end. */
enum load_event loader_event(struct loader *l);

/* Wait for its end, most_ms at most, then kill it.  Its exit status, or -1 if it was
 * killed or died of a signal. */
int loader_finish(struct loader *l, int most_ms);

/* Put the result into the row's columns.  0, or -EINVAL if the file is not as promised.
 */
int loader_result(const char *json, struct row *row);
#endif
