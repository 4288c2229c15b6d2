/* SPDX-License-Identifier: BSD-2-Clause */
/* test-journal.c - rows survive the file; a torn line is dropped; a resumed run is
 * answered from the journal and then goes live. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/bench/journal.h"

static char folder[] = "journal-XXXXXX";
static char path[sizeof folder + 16];

static int folder_make(void **state)
{
	(void)state;
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/trials.tsv", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static struct row row_of(const char *variant, double load_rps, int attempt)
{
	struct row row;
	row_clear(&row);
	row_text(&row, COLUMN_EXPERIMENT, "knee");
	row_text(&row, COLUMN_PHASE, "ladder");
	row_text(&row, COLUMN_VARIANT, variant);
	row_set(&row, COLUMN_BLOCK, 1);
	row_set(&row, COLUMN_ATTEMPT, attempt);
	row_set(&row, COLUMN_LOAD_RPS, load_rps);
	return row;
}

static void fill(struct journal *j)
{
	struct row a = row_of("thread", 1000.0 / 3, 1), b = row_of("epoll", NAN, 1);
	row_text(&a, COLUMN_NOTE, "a\ttab and a\nnewline");
	row_set(&a, COLUMN_LAT_P99, INFINITY);
	assert_int_equal(journal_create(j, folder), 0);
	assert_int_equal(journal_append(j, &a), 0);
	assert_int_equal(journal_append(j, &b), 0);
}

static void append_text(const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static off_t file_size(void)
{
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	return info.st_size;
}

static void expect_same(const struct row *a, const struct row *b)
{
	for (enum column c = 0; c < COLUMNS; c++) {
		double x = a->number[c], y = b->number[c];
		assert_true(x == y || (isnan(x) && isnan(y)));
		assert_string_equal(a->text[c], b->text[c]);
	}
}

static void rows_survive(void **state)
{
	struct journal j;
	struct row written[2];
	(void)state;
	fill(&j);
	memcpy(written, j.rows, sizeof written);
	journal_close(&j);
	assert_int_equal(journal_resume(&j, folder), 0);
	assert_int_equal(j.n, 2);
	for (size_t i = 0; i < 2; i++)
		expect_same(&written[i], &j.rows[i]);
	assert_string_equal(j.rows[0].text[COLUMN_NOTE], "a tab and a newline");
	journal_close(&j);
}

/* Two runs in one folder would write over each other. */
static void one_at_a_time(void **state)
{
	struct journal j, other;
	(void)state;
	fill(&j);
	assert_int_equal(journal_resume(&other, folder), -EINVAL);
	journal_close(&j);
}

static void not_over_another(void **state)
{
	struct journal j, other;
	(void)state;
	fill(&j);
	assert_int_equal(journal_create(&other, folder), -EEXIST);
	journal_close(&j);
}

static void torn_line_dropped(void **state)
{
	struct journal j;
	(void)state;
	fill(&j);
	journal_close(&j);
	off_t whole = file_size();
	append_text("3\tknee\tladder\t1\tthr");
	assert_int_equal(journal_resume(&j, folder), 0);
	assert_int_equal(j.n, 2);
	assert_int_equal(file_size(), whole);
	struct row c = row_of("pool", 5, 1);
	j.replayed = j.n;
	assert_int_equal(journal_append(&j, &c), 0);
	journal_close(&j);
	assert_int_equal(journal_resume(&j, folder), 0);
	assert_int_equal(j.n, 3);
	journal_close(&j);
}

/* Killed before even the header was whole. */
static void torn_header(void **state)
{
	struct journal j;
	(void)state;
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	close(fd);
	append_text("trial\texper");
	assert_int_equal(journal_resume(&j, folder), 0);
	assert_int_equal(j.n, 0);
	journal_close(&j);
	assert_int_equal(journal_resume(&j, folder), 0);
	journal_close(&j);
}

static void whole_bad_line_refused(void **state)
{
	struct journal j;
	(void)state;
	fill(&j);
	journal_close(&j);
	append_text("not\ta row\n");
	assert_int_equal(journal_resume(&j, folder), -EINVAL);
}

static void replay_in_order(void **state)
{
	struct journal j;
	struct row out, a = row_of("thread", 1000.0 / 3, 1),
			b = row_of("epoll", NAN, 1), other = row_of("pool", 7, 1);
	(void)state;
	fill(&j);
	journal_close(&j);
	assert_int_equal(journal_resume(&j, folder), 0);
	assert_int_equal(journal_replay(&j, &other, &out), REPLAY_SKIP);
	/* Beside idle connections it is another trial. */
	struct row beside = a;
	row_set(&beside, COLUMN_IDLE, 20);
	assert_int_equal(journal_replay(&j, &beside, &out), REPLAY_SKIP);
	/* So it is at another point of a sweep. */
	beside = a;
	row_set(&beside, COLUMN_POINT, 64);
	assert_int_equal(journal_replay(&j, &beside, &out), REPLAY_SKIP);
	assert_int_equal(journal_replay(&j, &a, &out), REPLAY_ROW);
	assert_string_equal(out.text[COLUMN_VARIANT], "thread");
	assert_int_equal(journal_known(&j), 1);
	assert_int_equal(journal_replay(&j, &a, &out), REPLAY_SKIP);
	assert_int_equal(journal_replay(&j, &b, &out), REPLAY_ROW);
	assert_int_equal(journal_replay(&j, &other, &out), REPLAY_LIVE);
	journal_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_survive, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(one_at_a_time, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(not_over_another, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(torn_line_dropped, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(torn_header, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(whole_bad_line_refused, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(replay_in_order, folder_make,
						folder_remove),
	};
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
