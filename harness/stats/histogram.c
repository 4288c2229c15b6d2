/* SPDX-License-Identifier: BSD-2-Clause */
/* The log-linear histogram; see histogram.h.  Below 2,048 ns a bucket is one nanosecond
 * wide; from there on each octave [2^k, 2^(k+1)) has 2,048 buckets of 2^(k-11) ns. */
#include "config.h"

#include "harness/stats/histogram.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "# duality-histogram 1 unit=ns sub=2048\n";

int histogram_open(struct histogram *histogram)
{
	memset(histogram, 0, sizeof *histogram);
	histogram->counts = calloc(HISTOGRAM_BUCKETS, sizeof *histogram->counts);
	return histogram->counts ? 0 : -ENOMEM;
}

void histogram_close(struct histogram *histogram)
{
	free(histogram->counts);
	histogram->counts = NULL;
}

size_t histogram_bucket(uint64_t value_ns)
{
	if (value_ns < HISTOGRAM_SUB)
		return value_ns;
	if (value_ns >> HISTOGRAM_TOP_BITS)
		return HISTOGRAM_BUCKETS - 1;
	unsigned octave = 63u - (unsigned)__builtin_clzll(value_ns);
	unsigned shift = octave - HISTOGRAM_SUB_BITS;
	return ((size_t)(shift + 1) << HISTOGRAM_SUB_BITS) +
	       (size_t)((value_ns >> shift) - HISTOGRAM_SUB);
}

static unsigned bucket_shift(size_t bucket)
{
	return bucket < HISTOGRAM_SUB ? 0
				      : (unsigned)(bucket >> HISTOGRAM_SUB_BITS) - 1;
}

uint64_t histogram_lower_ns(size_t bucket)
{
	if (bucket < HISTOGRAM_SUB)
		return bucket;
	uint64_t sub = (bucket & (HISTOGRAM_SUB - 1)) + HISTOGRAM_SUB;
	return sub << bucket_shift(bucket);
}

static uint64_t middle_ns(size_t bucket)
{
	return histogram_lower_ns(bucket) +
	       ((UINT64_C(1) << bucket_shift(bucket)) >> 1);
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
	histogram->counts[histogram_bucket(value_ns)]++;
	histogram->total++;
	histogram->sum_ns += (double)value_ns;
	if (value_ns > histogram->max_ns)
		histogram->max_ns = value_ns;
}

void histogram_lose(struct histogram *histogram, uint64_t count)
{
	histogram->lost += count;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->counts[i] += from->counts[i];
	into->total += from->total;
	into->lost += from->lost;
	into->sum_ns += from->sum_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
}

/* The rank counts from 1: the p-th percentile of n values is the ceil(p n)-th smallest.
 */
static uint64_t share_rank(uint64_t total, double share)
{
	double rank = ceil(share * (double)total);
	if (rank < 1)
		return 1;
	return rank > (double)total ? total : (uint64_t)rank;
}

double histogram_percentile(const struct histogram *histogram, double share)
{
	uint64_t everything = histogram->total + histogram->lost;
	if (everything == 0)
		return NAN;
	uint64_t rank = share_rank(everything, share);
	if (rank > histogram->total)
		return INFINITY;
	uint64_t seen = 0;
	size_t bucket = 0;
	while ((seen += histogram->counts[bucket]) < rank)
		bucket++;
	uint64_t value = middle_ns(bucket);
	return (double)(value > histogram->max_ns ? histogram->max_ns : value);
}

double histogram_mean(const struct histogram *histogram)
{
	if (histogram->lost)
		return INFINITY;
	return histogram->total ? histogram->sum_ns / (double)histogram->total : NAN;
}

double histogram_max(const struct histogram *histogram)
{
	if (histogram->lost)
		return INFINITY;
	return histogram->total ? (double)histogram->max_ns : NAN;
}

uint64_t histogram_above(const struct histogram *histogram, uint64_t value_ns)
{
	size_t bucket = histogram_bucket(value_ns);
	if (histogram_lower_ns(bucket) < value_ns)
		bucket++;
	uint64_t above = histogram->lost;
	for (; bucket < HISTOGRAM_BUCKETS; bucket++)
		above += histogram->counts[bucket];
	return above;
}

int histogram_write(const struct histogram *histogram, FILE *out)
{
	fputs(header, out);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (histogram->counts[i] == 0)
			continue;
		fprintf(out, "%" PRIu64 " %" PRIu64 "\n", histogram_lower_ns(i),
			histogram->counts[i]);
	}
	if (histogram->lost)
		fprintf(out, "inf %" PRIu64 "\n", histogram->lost);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* Digits only: strtoull alone would take signs, blanks and out-of-range values. */
static const char *digits_parse(const char *text, uint64_t *value)
{
	char *end;
	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno ? NULL : end;
}

/* One `LOWER COUNT` or `inf COUNT` line; NULL or what is wrong with it.  `after` is the
 * smallest bucket the line may name: buckets rise, so none can be counted twice. */
static const char *line_add(struct histogram *histogram, const char *line,
			    size_t *after)
{
	uint64_t lower = 0;
	uint64_t count;
	bool lost = strncmp(line, "inf ", 4) == 0;
	const char *rest = lost ? line + 3 : digits_parse(line, &lower);
	if (rest == NULL || *rest != ' ')
		return "expected `LOWER_BOUND COUNT`";
	rest = digits_parse(rest + 1, &count);
	if (rest == NULL || strcmp(rest, "\n") != 0 || count == 0)
		return "expected a count of at least 1 and the end of the line";
	if (*after > HISTOGRAM_BUCKETS)
		return "nothing may follow the `inf` line";
	if (lost) {
		*after = HISTOGRAM_BUCKETS + 1;
		histogram->lost += count;
		return NULL;
	}
	size_t bucket = histogram_bucket(lower);
	if (histogram_lower_ns(bucket) != lower)
		return "not the lower bound of a bucket";
	if (bucket < *after)
		return "lower bounds must rise";
	*after = bucket + 1;
	histogram->counts[bucket] += count;
	histogram->total += count;
	histogram->sum_ns += (double)count * (double)middle_ns(bucket);
	if (middle_ns(bucket) > histogram->max_ns)
		histogram->max_ns = middle_ns(bucket);
	return NULL;
}

int histogram_read(struct histogram *histogram, FILE *in, struct histogram_fault *fault)
{
	char line[64];
	size_t after = 0;
	fault->line = 1;
	fault->what = "not a duality histogram of version 1 in ns with sub=2048";
	if (fgets(line, sizeof line, in) == NULL)
		return ferror(in) ? -EIO : -EINVAL;
	if (strcmp(line, header) != 0)
		return -EINVAL;
	while (fgets(line, sizeof line, in)) {
		fault->line++;
		fault->what = line_add(histogram, line, &after);
		if (fault->what)
			return -EINVAL;
	}
	return ferror(in) ? -EIO : 0;
}
