/* SPDX-License-Identifier: BSD-2-Clause */
/* micro.h - the frame of the programs that measure primitives: one program for each
 * runtime, since no two can share a process.  A program says what it can measure
 * (--list) and measures one thing when told its name: `micro-thread switch@1000`. */
#ifndef DUALITY_MICRO_H
#define DUALITY_MICRO_H

#include <stdint.h>

enum { MICRO_SIZES = 10 };

enum {
	MICRO_SCALES = 1, /* takes other numbers, too */
	MICRO_NAMED = 2   /* an experiment: only where it is named */
};

struct micro_case {
	const char *primitive;
	const char *unit;   /* of what run returns */
	const char *reason; /* why there is none of it in this runtime; or NULL */
	/* Measure beside so many threads that live (the measured ones included where
	 * they take turns).  NAN after micro_cannot. */
	double (*run)(unsigned live);
	/* The numbers worth trying, up to a 0 that is not the first: {0}: the number
	 * does not matter. */
	unsigned sizes[MICRO_SIZES];
	unsigned is; /* MICRO_SCALES, MICRO_NAMED */
};

struct micro {
	const char *runtime;
	const struct micro_case *cases; /* to one without a name */
};

/* The program: reads its arguments, measures on one CPU, prints one line for each
 * repetition: primitive, runtime, live, unit, value, note, with tabs between. */
int micro_main(int argc, char **argv, const struct micro *m);

/* Nanoseconds an operation takes.  loop(n) does about n of them, or n rounds of them,
 * and returns how many it did; it is called with more and more until it takes long
 * enough for the clock, or fails (micro_cannot). */
double micro_ns(uint64_t (*loop)(uint64_t n));

/* The same, of this process's CPU time: for what always has something to run, so that
 * others who want the CPU, or a hypervisor who takes it, do not count. */
double micro_cpu_ns(uint64_t (*loop)(uint64_t n));

/* How long a sample should take at least, for those who measure otherwise. */
double micro_least_ns(void);

/* The clocks (CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID). */
double micro_now_ns(void);
double micro_cpu_now_ns(void);

/* Private memory of this process in KiB (RssAnon, proc(5)). */
double micro_resident_kib(void);

/* Why not: for the last column.  Returns NAN. */
__attribute__((format(printf, 1, 2))) double micro_cannot(const char *format, ...);
#endif
