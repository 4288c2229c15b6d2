/* SPDX-License-Identifier: BSD-2-Clause */
/* Log-linear histogram of nanoseconds: every octave is cut into HISTOGRAM_SUB buckets,
 * so a value is known to one part in 2,048 (three significant digits) from 1 ns to 9
 * hours. Requests that were never answered are counted apart and stand at infinity. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	HISTOGRAM_SUB_BITS = 11,
	HISTOGRAM_SUB = 1 << HISTOGRAM_SUB_BITS,
	HISTOGRAM_TOP_BITS =
		45, /* values from 2^45 ns on (9.7 hours) share the last bucket */
	HISTOGRAM_BUCKETS =
		(HISTOGRAM_TOP_BITS - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB,
};

struct histogram {
	uint64_t *counts; /* HISTOGRAM_BUCKETS of them */
	uint64_t total;   /* finite values */
	uint64_t lost;    /* values at infinity */
	double sum_ns;    /* of the finite values; from bucket middles after a read */
	uint64_t max_ns;  /* of the finite values; a bucket's middle after a read */
};

/* What histogram_read found wrong, and in which line (from 1). */
struct histogram_fault {
	unsigned long line;
	const char *what;
};

/* 0 or -ENOMEM. */
int histogram_open(struct histogram *histogram);
void histogram_close(struct histogram *histogram);

void histogram_record(struct histogram *histogram, uint64_t value_ns);
void histogram_lose(struct histogram *histogram, uint64_t count);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The smallest value that at least `share` (0..1) of all values do not exceed, to the
 * middle of its bucket: INFINITY if that is a lost one, NAN if there are none. */
double histogram_percentile(const struct histogram *histogram, double share);

/* INFINITY if any value was lost, NAN if there are none. */
double histogram_mean(const struct histogram *histogram);
double histogram_max(const struct histogram *histogram);

/* How many values, the lost ones included, lie in buckets that begin at or above
 * `value_ns`. */
uint64_t histogram_above(const struct histogram *histogram, uint64_t value_ns);

/* The text format of docs/architecture.md.  0 or -errno. */
int histogram_write(const struct histogram *histogram, FILE *out);

/* Adds what the file holds to an open histogram.  0; -EINVAL with `fault` set (the
 * histogram then holds the lines before the fault); or -EIO. */
int histogram_read(struct histogram *histogram, FILE *in,
		   struct histogram_fault *fault);

/* The bucket a value falls into, and the smallest value of a bucket. */
size_t histogram_bucket(uint64_t value_ns);
uint64_t histogram_lower_ns(size_t bucket);

#endif
