/* SPDX-License-Identifier: BSD-2-Clause */
/* testbed.h - duality-netns as a child: a client, a switch and a server as network
 * namespaces, there until it is closed or this process has ended. */
#ifndef DUALITY_BENCH_TESTBED_H
#define DUALITY_BENCH_TESTBED_H

#include <sys/types.h>

enum { TESTBED_TEXT = 64, TESTBED_WHY = 120, TESTBED_SKIP = 77 };

struct testbed {
	char client[TESTBED_TEXT], server[TESTBED_TEXT]; /* namespaces, as paths */
	char between[TESTBED_TEXT];                      /* the switch's */
	char address[TESTBED_TEXT];                      /* the server's */
	char vacant[TESTBED_TEXT]; /* for who brings a stack of his own */
	char tap[TESTBED_TEXT]; /* for who is the switch's device "tap"; "": none is */
	double mbps;            /* what its links carry; NAN: not calibrated */
	char billed[TESTBED_TEXT]; /* who receiving is billed to: server, sender */
	pid_t pid;                 /* 0: there is none */
	int hold_fd;               /* it is there until this is closed */
};

struct testbed_spec {
	const char *program;                   /* duality-netns */
	const char *server_cpus, *client_cpus; /* lists */
	int link_kbit;                         /* 0: calibrated */
	const char *log;                       /* a file for what it says */
	int interrupt_fd;
};

/* Make it, which takes some 10 s where it calibrates.  0, -EINTR, -errno, or the exit
 * status of duality-netns: TESTBED_SKIP where it is not possible here; and why. */
int testbed_open(struct testbed *t, const struct testbed_spec *spec,
		 char why[TESTBED_WHY]);

/* Take it down.  Fine where there is none. */
void testbed_close(struct testbed *t);

/* Bind who receives for a server by XDP to these CPUs: returns the number of the
 * kernel's thread, or -errno; -ECHILD if duality-netns could not. */
int testbed_bind(const struct testbed *t, const char *program, const char *cpus);
#endif
