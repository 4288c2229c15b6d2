/* SPDX-License-Identifier: BSD-2-Clause */
/* target.h - a place where a server can be started, read and stopped.  One server at a
 * time. The experiments know only this; `local` is this machine over loopback. */
#ifndef DUALITY_TARGET_H
#define DUALITY_TARGET_H

#include <stdbool.h>

#include "harness/sample/sample.h"

/* The counters of the server that the suite reads while it runs. */
enum reading_counter {
	READING_REQUESTS,
	READING_LOADS,
	READING_DEFERRED,
	READING_CLOSED_NO_FD,
	READING_REFUSED,
	READING_USER_SWITCHES,
	READING_CROSSINGS,
	READING_LOCK_WAITS,
	READING_OPENED,
	READING_PEAK,
	READING_SOCKET_DROPS, /* of udp-*: at its sockets; of net: by place */
	READING_NO_BUFFER,
	READING_CLIENT_FULL,
	READING_NO_TX_BUFFER,
	READING_MALFORMED,
	READING_DEVICE,
	READING_COUNTERS
};

/* Everything known of a server at one moment; NAN where it cannot be read. */
struct reading {
	struct snapshot kernel;
	double counter[READING_COUNTERS];
};

struct server_spec {
	char *const *argv; /* with the variant's own arguments; the target adds where */
	const char *root;  /* document root; NULL: it serves no files */
	const char *counters; /* file the server leaves its counters in; NULL: none */
	const char *log;      /* file its standard error is appended to */
	const char *server_cpus; /* a list as in "0,2-3" */
	const char *client_cpus;
	const char *netns; /* a network namespace's path; NULL: this one */
	int interrupt_fd;  /* readable: give up waiting; -1: none */
	bool crowded; /* it may have thousands of tasks: looking at each would take the
			 client's time out of the window */
	bool split;   /* tell voluntary switches from involuntary ones, which slows each
		       */
};

/* How a server ended. */
struct ending {
	bool asked;      /* it was alive until asked to end */
	bool killed;     /* it did not end in time */
	int exit_status; /* -1 if it died of a signal */
	int signal;      /* that signal, or 0 */
	int left_behind; /* processes that outlived it */
	/* Out of its counters file, or NAN. */
	double peak;      /* connections_peak */
	double no_buffer; /* drops_no_buffer, which is counted when it ends */
};

struct target {
	const char *name;
	char address[64]; /* ADDRESS:PORT of the running server */

	/* Start a server and wait for its ready line, 5 s at most.  0, -ETIMEDOUT,
	 * -ECHILD (ended before it was ready), -EINTR (interrupt_fd), or another
	 * -errno; nothing is left running after a failure. */
	int (*start)(struct target *t, const struct server_spec *spec);

	/* Has it ended by itself? */
	bool (*ended)(struct target *t);

	/* Microseconds. */
	void (*read)(struct target *t, struct reading *out);

	/* Add the peak memory: milliseconds, so only once the window has closed. */
	void (*read_memory)(struct target *t, struct reading *out);

	/* SIGTERM, 6 s, SIGKILL to all that is left.  Fine when nothing runs. */
	void (*stop)(struct target *t, struct ending *out);

	/* As sample_source(); valid between start and stop. */
	const char *(*source)(const struct target *t, enum metric m);

	void (*close)(struct target *t); /* stops, and frees t */
};

/* This machine, over loopback.  NULL: no memory. */
struct target *target_local(void);

/* The target called `name`; NULL with errno EINVAL if there is none. */
struct target *target_open(const char *name);

/* The first name is the counter's in the server's file. */
const char *reading_counter_name(enum reading_counter which);

/* later - earlier; the peak, a level, is taken from later. */
void reading_delta(const struct reading *earlier, const struct reading *later,
		   struct reading *out);
#endif
