/* SPDX-License-Identifier: BSD-2-Clause */
/* test-live.c - live counters: sums over shards, a server that died, and every way a
 * file can fail to be one; the canary and the small parsers too. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/sample/canary.h"
#include "harness/sample/cpulist.h"
#include "harness/sample/live.h"
#include "harness/sample/text.h"

static char path[] = "/tmp/duality-live-XXXXXX";
static struct counters file;

static void file_write(size_t size)
{
	FILE *to = fopen(path, "w");

	assert_non_null(to);
	assert_int_equal(fwrite(&file, 1, size, to), size);
	assert_int_equal(fclose(to), 0);
}

static void file_make(void)
{
	memset(&file, 0, sizeof file);
	strcpy(file.magic, "duality-counter");
	file.version = COUNTER_VERSION;
	file.shards = COUNTER_SHARDS;
	file.slots = COUNTER_SLOTS;
	file.used = 2;
	strcpy(file.name[0], "requests");
	strcpy(file.name[1], "connections_peak");
	for (unsigned i = 0; i < COUNTER_SHARDS; i++)
		file.shard[i].value[0] = 100 + i;
	file.shard[0].value[1] = 7;
	/* A slot not in use must not be seen. */
	file.shard[0].value[2] = 99;
}

static void test_values(void **state)
{
	struct live_value values[COUNTER_SLOTS];
	struct live l;

	(void)state;
	file_make();
	file_write(sizeof file);
	assert_int_equal(live_open(&l, path), 0);
	assert_int_equal(live_read(&l, values), 2);
	assert_string_equal(values[0].name, "requests");
	assert_int_equal(values[0].value, 16 * 100 + 120);
	assert_true(live_value(values, 2, "connections_peak") == 7);
	assert_true(isnan(live_value(values, 2, "loads")));

	/* The server dies and the file goes: its last values stay readable. */
	unlink(path);
	assert_int_equal(live_read(&l, values), 2);
	assert_true(live_value(values, 2, "requests") == 1720);
	live_close(&l);
}

static void test_cut_while_open(void **state)
{
	struct live_value values[COUNTER_SLOTS];
	struct live l;

	(void)state;
	file_make();
	file_write(sizeof file);
	assert_int_equal(live_open(&l, path), 0);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(live_read(&l, values), -ESTALE);
	live_close(&l);
}

static void assert_rejected(int want, size_t size)
{
	struct live l;

	file_write(size);
	assert_int_equal(live_open(&l, path), want);
	live_close(&l);
}

static void test_rejected(void **state)
{
	struct live l;

	(void)state;
	file_make();
	assert_rejected(0, sizeof file);
	for (size_t size = 0; size < sizeof file; size += 61)
		assert_rejected(-EBADMSG, size);
	assert_rejected(-EBADMSG, sizeof file - 1);

	file_make();
	file.magic[15] = 'x';
	assert_rejected(-EBADMSG, sizeof file);
	file_make();
	file.version++;
	assert_rejected(-EPROTONOSUPPORT, sizeof file);
	file_make();
	file.shards = 0;
	assert_rejected(-EBADMSG, sizeof file);
	file.shards = COUNTER_SHARDS + 1;
	assert_rejected(-EBADMSG, sizeof file);
	file_make();
	file.slots = 1;
	assert_rejected(-EBADMSG, sizeof file);
	file_make();
	file.used = COUNTER_SLOTS + 1;
	assert_rejected(-EBADMSG, sizeof file);
	file_make();
	memset(file.name[1], 'a', COUNTER_NAME);
	assert_rejected(-EBADMSG, sizeof file);
	memset(&file, 0xa5, sizeof file);
	assert_rejected(-EBADMSG, sizeof file);
	assert_int_equal(live_open(&l, "/nonexistent/x.live"), -ENOENT);
	assert_int_equal(live_open(&l, "/tmp"), -EBADMSG);
}

static void test_text(void **state)
{
	const char *text = "voluntary_switches:\t12\nvol: 7\nTcp: A B\nTcp: 1 2\n";
	uint64_t n = 0;

	(void)state;
	assert_int_equal(text_number(text, "vol", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(text_number(text, "voluntary_switches", &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(text_number(text, "none", &n), -ENODATA);
	assert_int_equal(text_column(text, "Tcp:", "B", &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(text_column(text, "Tcp:", "C", &n), -ENODATA);
	assert_int_equal(text_column("Tcp: A\n", "Tcp:", "A", &n), -ENODATA);
}

static void test_cpulist(void **state)
{
	cpu_set_t set;

	(void)state;
	assert_int_equal(cpulist_parse("0,2-3\n", &set), 3);
	assert_true(CPU_ISSET(0, &set) && !CPU_ISSET(1, &set) && CPU_ISSET(3, &set));
	assert_int_equal(cpulist_parse("1-0", &set), -EINVAL);
	assert_int_equal(cpulist_parse("0-1024", &set), -EINVAL);
	assert_true(cpulist_parse(NULL, &set) >= 1);
}

static void test_canary(void **state)
{
	struct canary *canary = calloc(1, sizeof *canary);
	struct canary_report report = {0};

	(void)state;
	assert_int_equal(canary_run(canary, "x", &report), -EINVAL);
	assert_int_equal(canary_run(canary, "1023", &report), -EINVAL);
	assert_int_equal(canary_run(canary, NULL, &report), 0);
	assert_true(report.slowdown >= 1);
	assert_true(report.steal_share >= 0);
	assert_true(report.wall_ns > 1000000);
	uint64_t rounds = canary->rounds;
	assert_int_equal(canary_run(canary, NULL, &report), 0);
	assert_int_equal(canary->rounds, rounds);

	/* Held against a pace four times the true one, the CPU is four times too slow.
	 */
	for (int i = 0; i < CPU_SETSIZE; i++)
		canary->best_ns[i] /= 100;
	assert_int_equal(canary_run(canary, NULL, &report), 0);
	assert_true(report.slowdown >= 25);
	free(canary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),   cmocka_unit_test(test_cut_while_open),
		cmocka_unit_test(test_rejected), cmocka_unit_test(test_text),
		cmocka_unit_test(test_cpulist),  cmocka_unit_test(test_canary),
	};

	close(mkstemp(path));
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
