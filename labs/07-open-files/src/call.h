/* SPDX-License-Identifier: BSD-2-Clause */
/* call.h - what a script asks of a user thread, and the answer.  One struct goes from
 * the judge through main.c to a carrier, which resumes the thread, and comes back with
 * the result. */
#ifndef CALL_H
#define CALL_H

enum { CARRIERS = 3, THREADS = 4, CALL_BYTES = 64 };

enum call_name {
	CALL_READY, /* asked by nobody: a carrier has started, its files_start()'s
		       result */
	CALL_OPEN,
	CALL_CLOSE,
	CALL_READ,
	CALL_WRITE,
	CALL_SEEK,
	CALL_TRUNCATE,
};

struct call {
	int name;
	int carrier;            /* who is to resume the thread */
	int thread;             /* which */
	int file;               /* the thread's handle */
	int flags;              /* of CALL_OPEN, as in open(2) */
	long number;            /* bytes to read or write, offset, length */
	long result;            /* >= 0, or -errno */
	char bytes[CALL_BYTES]; /* a path, or what is written or was read */
};

#endif
