/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.h - a server under test: started in a process group of its own, under limits
 * and without privileges; what it says, what it holds, how it ends. */
#ifndef DUALITY_SUBJECT_H
#define DUALITY_SUBJECT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How to start it. */
struct subject_plan {
	char *const *program; /* path and the variant's arguments, NULL-terminated */
	const char *const *extra; /* further options, NULL-terminated; may be NULL */
	const char *top;          /* the folder with tree/; outputs are put here */
	const char *preload;      /* LD_PRELOAD, or NULL */
	uid_t uid;                /* run as; 0: as we are */
	unsigned nofile, nproc;   /* RLIMIT_NOFILE, RLIMIT_NPROC; 0: as they are */
	bool bare;                /* no options but `extra` */
};

struct subject {
	pid_t pid; /* also its process group */
	int out;   /* its standard output */
	uint16_t port;
	char top[200];
	char said[200]; /* the ready line, or what came instead */
};

/* How it ended. */
struct subject_end {
	bool exited;   /* within the time allowed */
	int status;    /* as of waitpid(2) */
	unsigned left; /* processes that outlived it */
	double seconds;
};

/* Where servers are: CONFORMANCE_ADDRESS, for one that brings its own stack and is told
 * there by a script around it, else 127.0.0.1. */
struct in_addr subject_address(void);

/* Whom to run servers as: as root we would read unreadable files and know no
 * RLIMIT_NPROC, so somebody else, and nobody else's processes count.  0: not possible.
 */
uid_t subject_uid(void);

/* Fork and exec; the output is not read yet.  Returns 0 or -errno. */
int subject_launch(struct subject *s, const struct subject_plan *plan);

/* Launch and wait for the ready line.  Returns 0, -EBADMSG if what it said was
 * something else (it is then over), or -errno. */
int subject_start(struct subject *s, const struct subject_plan *plan);

/* How many times longer than usual anything is waited for: CONFORMANCE_PATIENCE, for a
 * build that a sanitizer slows down.  1 unless told. */
unsigned subject_patience(void);

/* Wait until it has ended, so many seconds (times the patience) at most, then kill what
 * is left of its group. */
struct subject_end subject_wait(struct subject *s, double seconds);

/* Stop it, until SIGCONT: what comes meanwhile comes at once. */
bool subject_halt(const struct subject *s);

/* Send SIGTERM and wait. */
struct subject_end subject_stop(struct subject *s, double seconds);

/* What its whole group holds: living processes, their threads and open descriptors; and
 * its dead children. */
struct subject_holdings {
	unsigned processes, threads, descriptors, zombies;
};
struct subject_holdings subject_holdings(const struct subject *s);

/* The processes it has begun that run its own program, `most` at most.  Returns their
 * number. */
unsigned subject_workers(const struct subject *s, pid_t *pids, unsigned most);

/* The descriptors open in its whole group; zombies counts its dead children. */
int subject_descriptors(const struct subject *s, unsigned *zombies);

/* A counter from the JSON file written at the end; -1: there is none. */
int64_t subject_counter(const struct subject *s, const char *name);

/* A counter of the mapped file, live; -1: there is none. */
int64_t subject_live(const struct subject *s, const char *name);

/* The lines it has written to standard error; prints them as TAP diagnostics if asked.
 */
unsigned subject_stderr(const struct subject *s, bool print);

/* What else stood on its standard output, after the ready line. */
ssize_t subject_output(const struct subject *s, char *to, size_t size);
#endif
