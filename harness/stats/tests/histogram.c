/* SPDX-License-Identifier: BSD-2-Clause */
/* The histogram against a plain sorted array, its infinity, its merge and its file. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/stats/histogram.h"

static int value_compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;
	return (*x > *y) - (*x < *y);
}

static void test_buckets(void **state)
{
	(void)state;
	uint64_t previous = 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t lower = histogram_lower_ns(i);
		assert_true(i == 0 || lower > previous);
		assert_int_equal(histogram_bucket(lower), i);
		if (i > 0)
			assert_int_equal(histogram_bucket(lower - 1), i - 1);
		if (lower >= HISTOGRAM_SUB)
			assert_true((double)(lower - previous) <=
				    (double)lower / 2047.0);
		previous = lower;
	}
	assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

enum { VALUES = 10007 };

static void test_percentiles(void **state)
{
	(void)state;
	static const double shares[] = {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};
	static uint64_t values[VALUES];
	struct histogram histogram;
	assert_int_equal(histogram_open(&histogram), 0);
	uint64_t x = 88172645463325252u;
	for (size_t i = 0; i < VALUES; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		values[i] = (x >> 20) >> (x % 40);
		histogram_record(&histogram, values[i]);
	}
	qsort(values, VALUES, sizeof *values, value_compare);
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		double rank = ceil(shares[i] * VALUES);
		uint64_t exact = values[rank < 1 ? 0 : (size_t)rank - 1];
		double found = histogram_percentile(&histogram, shares[i]);
		assert_int_equal(histogram_bucket((uint64_t)found),
				 histogram_bucket(exact));
	}
	assert_true(histogram_max(&histogram) == (double)values[VALUES - 1]);
	assert_int_equal(histogram_above(&histogram, 0), VALUES);
	assert_int_equal(histogram_above(&histogram, values[VALUES - 1] * 2 + 1), 0);
	histogram_close(&histogram);
}

static void test_lost_at_infinity(void **state)
{
	(void)state;
	struct histogram histogram;
	assert_int_equal(histogram_open(&histogram), 0);
	assert_true(isnan(histogram_percentile(&histogram, 0.5)));
	assert_true(isnan(histogram_mean(&histogram)));
	for (uint64_t i = 1; i <= 98; i++)
		histogram_record(&histogram, i);
	assert_true(histogram_mean(&histogram) == 49.5);
	histogram_lose(&histogram, 2);
	assert_true(histogram_percentile(&histogram, 0.98) == 98);
	assert_true(isinf(histogram_percentile(&histogram, 0.99)));
	assert_true(histogram_percentile(&histogram, 0.5) == 50);
	assert_true(isinf(histogram_mean(&histogram)));
	assert_true(isinf(histogram_max(&histogram)));
	assert_int_equal(histogram_above(&histogram, 98), 3);
	histogram_close(&histogram);
}

static void test_merge(void **state)
{
	(void)state;
	struct histogram all;
	struct histogram part[2];
	histogram_open(&all);
	histogram_open(&part[0]);
	histogram_open(&part[1]);
	for (uint64_t i = 0; i < 5000; i++) {
		histogram_record(&all, i * i * 37);
		histogram_record(&part[i % 2], i * i * 37);
	}
	histogram_lose(&all, 7);
	histogram_lose(&part[0], 7);
	histogram_merge(&part[1], &part[0]);
	assert_memory_equal(all.counts, part[1].counts,
			    HISTOGRAM_BUCKETS * sizeof *all.counts);
	assert_int_equal(part[1].total, 5000);
	assert_int_equal(part[1].lost, 7);
	assert_int_equal(part[1].max_ns, all.max_ns);
	assert_true(fabs(part[1].sum_ns / all.sum_ns - 1) < 1e-12);
	histogram_close(&all);
	histogram_close(&part[0]);
	histogram_close(&part[1]);
}

static void test_round_trip(void **state)
{
	(void)state;
	struct histogram written;
	struct histogram found;
	struct histogram_fault fault;
	histogram_open(&written);
	histogram_open(&found);
	for (uint64_t i = 0; i < 3000; i++)
		histogram_record(&written, i * i * i);
	histogram_lose(&written, 5);
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(histogram_write(&written, file), 0);
	rewind(file);
	assert_int_equal(histogram_read(&found, file, &fault), 0);
	assert_memory_equal(written.counts, found.counts,
			    HISTOGRAM_BUCKETS * sizeof *found.counts);
	assert_int_equal(found.total, 3000);
	assert_int_equal(found.lost, 5);
	found.lost = 0;
	written.lost = 0;
	assert_true(fabs(histogram_mean(&found) / histogram_mean(&written) - 1) < 1e-3);
	assert_true(fabs(histogram_max(&found) / histogram_max(&written) - 1) < 1e-3);
	fclose(file);
	histogram_close(&written);
	histogram_close(&found);
}

struct malformed {
	const char *text;
	unsigned long line;
};

static void test_malformed_files(void **state)
{
	(void)state;
	static const char head[] = "# duality-histogram 1 unit=ns sub=2048\n";
	static const struct malformed cases[] = {
		{"5 1\nx 2\n", 3},   {"5 1\n5 1\n", 3},
		{"-5 1\n", 2},       {"5 -1\n", 2},
		{"5  1\n", 2},       {"5 1 1\n", 2},
		{"5\n", 2},          {"\n", 2},
		{"5 1", 2},          {"5 0\n", 2},
		{"4097 1\n", 2},     {"inf 1\ninf 1\n", 3},
		{"inf 1\n5 1\n", 3}, {"99999999999999999999 1\n", 2},
	};
	struct histogram_fault fault;
	struct histogram found;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		FILE *file = tmpfile();
		fputs(head, file);
		fputs(cases[i].text, file);
		rewind(file);
		histogram_open(&found);
		assert_true(histogram_read(&found, file, &fault) < 0);
		assert_int_equal(fault.line, cases[i].line);
		histogram_close(&found);
		fclose(file);
	}
	FILE *file = tmpfile();
	fputs("# duality-histogram 2 unit=ns sub=2048\n", file);
	rewind(file);
	histogram_open(&found);
	assert_true(histogram_read(&found, file, &fault) < 0);
	assert_int_equal(fault.line, 1);
	histogram_close(&found);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_lost_at_infinity),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_malformed_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
