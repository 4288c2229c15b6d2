/* SPDX-License-Identifier: BSD-2-Clause */
/* turns-test.c - schedules as text. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "turns.h"

static void reads_and_prints(const char *text, const char *printed)
{
	struct turns turns;
	char wrong[200], again[TURNS_TEXT];
	assert_int_equal(turns_parse(&turns, text, wrong, sizeof(wrong)), 0);
	turns_print(&turns, again, sizeof(again));
	assert_string_equal(again, printed);
	turns_free(&turns);
}

static void forms(void **state)
{
	(void)state;
	reads_and_prints("1:17,2:30+,1", "1:17,2:30+,1");
	reads_and_prints("0,1,2", "1,2");
	reads_and_prints("0:3,1", "0:3,1");
	reads_and_prints("0", "0");
	reads_and_prints("", "");
	reads_and_prints(
		"# a comment, with a comma\n 1 : load hits\n2 end # that is all\n\n1\n",
		"1:load hits 1,2,1");
	reads_and_prints("1 store a.b_c 12 , 3:0", "1:store a.b_c 12,3:0");
	reads_and_prints("15", "15");
}

static void wrong_ones(void **state)
{
	static const char *const texts[] = {
		"x",     "1:x",        "-1",           "16",   "1:load", "1:load 7",
		"1:17-", "1:load a 0", "1:9999999999", "1:lo", "1;2"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct turns turns;
		char wrong[200] = "";
		assert_int_equal(turns_parse(&turns, texts[i], wrong, sizeof(wrong)),
				 -EINVAL);
		assert_non_null(strstr(wrong, "is no turn"));
	}
}

static void too_many(void **state)
{
	struct turns turns;
	char wrong[200] = "", text[2 * TURNS_MAX + 3];
	(void)state;
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i <= TURNS_MAX; i++)
		memcpy(text + 2 * i, "1,", 2);
	assert_int_equal(turns_parse(&turns, text, wrong, sizeof(wrong)), -EINVAL);
	assert_non_null(strstr(wrong, "more than"));
}

static void no_file(void **state)
{
	struct turns turns;
	char wrong[200] = "";
	(void)state;
	assert_int_equal(turns_read(&turns, "/nonexistent", wrong, sizeof(wrong)),
			 -EINVAL);
	assert_string_equal(wrong, "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(wrong_ones),
		cmocka_unit_test(too_many),
		cmocka_unit_test(no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
