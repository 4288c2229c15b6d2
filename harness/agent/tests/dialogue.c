/* SPDX-License-Identifier: BSD-2-Clause */
/* The agent's dialogue without sockets: recorded ones, byte for byte, cut at every
 * byte, with a meter that counts as it is told. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/agent/dialogue.h"

/* Each reading is the one before and a step. */
struct fake {
	struct meter meter;
	struct reading now, step;
	int error;
};

static int fake_read(struct meter *meter, struct reading *out)
{
	struct fake *fake = (struct fake *)meter;
	fake->now.idle_ns += fake->step.idle_ns;
	fake->now.total_ns += fake->step.total_ns;
	*out = fake->now;
	return fake->error;
}

/* Starts just below the wrap. */
static struct fake fake_of(uint64_t idle, uint64_t total)
{
	return (struct fake){
		.meter = {.read = fake_read, .least_ns = 100},
		.now = {1000, UINT64_MAX - total - 5},
		.step = {idle, total},
	};
}

/* What comes back, all of it, if `text` arrives in pieces: up to `cut`, and from there.
 */
static size_t talk(struct fake *fake, const char *text, size_t length, size_t cut,
		   char *out, enum dialogue_state *state)
{
	struct dialogue dialogue;
	struct answer answer = {.length = 0};
	dialogue_open(&dialogue, &answer);
	dialogue_take(&dialogue, &fake->meter, text, cut, &answer);
	dialogue_take(&dialogue, &fake->meter, text + cut, length - cut, &answer);
	memcpy(out, answer.bytes, answer.length);
	*state = dialogue.state;
	return answer.length;
}

static void expect_bytes(uint64_t idle, uint64_t total, const char *text, size_t length,
			 const char *expected, size_t expected_length,
			 enum dialogue_state end)
{
	char out[DIALOGUE_ANSWER];
	enum dialogue_state state;
	for (size_t cut = 0; cut <= length; cut++) {
		struct fake fake = fake_of(idle, total);
		size_t got = talk(&fake, text, length, cut, out, &state);
		assert_int_equal(got, expected_length);
		assert_memory_equal(out, expected, expected_length);
		assert_int_equal(state, end);
	}
}

static void expect(const char *text, const char *expected, enum dialogue_state end)
{
	expect_bytes(0, 0, text, strlen(text), expected, strlen(expected), end);
}

static void test_recorded(void **unused)
{
	static const char said[] = "HELLO\nLOAD cpu_target_lukem\nSETUP args::\"\"\n"
				   "START\nSTOP\nQUIT\n";
	/* 20 bytes: 1 + 8 + 1 + 9 digits and the NUL. */
	static const char heard[] = "100 IPBENCH V1.0\n200 OK (Ready to go)\n200 OK\n"
				    "200 OK\n220 VALID DATA (Data to follow)\n"
				    "Content-length: 20\n,90123456,987654321";
	(void)unused;
	expect_bytes(90123456, 987654321, said, sizeof said - 1, heard, sizeof heard,
		     DIALOGUE_OVER);
}

static void test_carriage_returns(void **unused)
{
	(void)unused;
	expect("HELLO\r\nLOAD cpu_target_lukem\r\n",
	       "100 IPBENCH V1.0\n200 OK (Ready to go)\n200 OK\n", DIALOGUE_TALKING);
}

static void test_unknown(void **unused)
{
	static const char *const words[] = {
		"\n",           "\r\n",
		"hello\n",      "HELLO \n",
		" HELLO\n",     "LOAD latency\n",
		"HELLO\r\r\n",  "SETUP args::\"cpus=2\"\n",
		"STOP\n",       "HELP\n",
		"GET / HTTP\n",
	};
	(void)unused;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		expect(words[i], "100 IPBENCH V1.0\n400 ERROR\n", DIALOGUE_TALKING);
	expect_bytes(0, 0, "HELLO\0\n", 7, "100 IPBENCH V1.0\n400 ERROR\n", 27,
		     DIALOGUE_TALKING);
	expect_bytes(0, 0, "HELLO\0X\n", 8, "100 IPBENCH V1.0\n400 ERROR\n", 27,
		     DIALOGUE_TALKING);
}

static void test_goes_on_after_an_error(void **unused)
{
	(void)unused;
	expect("what\nHELLO\n", "100 IPBENCH V1.0\n400 ERROR\n200 OK (Ready to go)\n",
	       DIALOGUE_TALKING);
	expect("START\nwhat\n", "100 IPBENCH V1.0\n400 ERROR\n", DIALOGUE_MEASURING);
}

static void test_quit_and_abort(void **unused)
{
	(void)unused;
	expect("QUIT\nHELLO\n", "100 IPBENCH V1.0\n", DIALOGUE_OVER);
	expect("START\nABORT\nSTOP\n", "100 IPBENCH V1.0\n", DIALOGUE_OVER);
}

static void test_line_too_long(void **unused)
{
	char text[DIALOGUE_BITE];
	(void)unused;
	memset(text, 'A', sizeof text);
	text[DIALOGUE_LINE - 1] = '\n'; /* the longest there may be */
	expect_bytes(0, 0, text, DIALOGUE_LINE, "100 IPBENCH V1.0\n400 ERROR\n", 27,
		     DIALOGUE_TALKING);
	text[DIALOGUE_LINE - 1] = 'A';
	text[DIALOGUE_LINE] = '\n';
	expect_bytes(0, 0, text, DIALOGUE_LINE + 1, "100 IPBENCH V1.0\n400 ERROR\n", 27,
		     DIALOGUE_OVER);
}

/* The most that one bite can bring out: the answer has room for it. */
static void test_flood(void **unused)
{
	struct fake fake = fake_of(0, 0);
	struct dialogue dialogue;
	struct answer answer = {.length = 0};
	char text[DIALOGUE_BITE];
	(void)unused;
	dialogue_open(&dialogue, &answer);
	memset(text, '\n', sizeof text);
	memcpy(text, "START\n", 6);
	memcpy(text + sizeof text - 5, "STOP\n", 5);
	answer.length = 0;
	dialogue_take(&dialogue, &fake.meter, text, sizeof text, &answer);
	assert_true(answer.length > 10 * (sizeof text - 11));
	assert_int_equal(dialogue.state, DIALOGUE_OVER);
}

/* START, STOP with a meter; the data that come. */
static void expect_data(struct fake *fake, const char *text, const char *expected)
{
	char out[DIALOGUE_ANSWER];
	enum dialogue_state state;
	size_t length = talk(fake, text, strlen(text), 0, out, &state);
	const char *data = memchr(out, '\n', length);
	assert_non_null(data);
	assert_string_equal(data + 1, expected);
	assert_int_equal(out[length - 1], '\0');
	assert_int_equal((size_t)(data - out) + strlen(expected) + 2, length);
}

static void test_readings(void **unused)
{
	static const char none[] = "221 INVALID DATA (Data to follow)\n"
				   "Content-length: 5\n,0,0";
	struct fake fake = fake_of(60, 99);
	(void)unused;
	expect_data(&fake, "START\nSTOP\n", none); /* shorter than what can be told */
	fake = fake_of(60, 100);
	expect_data(&fake, "START\nSTOP\n",
		    "220 VALID DATA (Data to follow)\nContent-length: 8\n,60,100");
	fake = fake_of(60, 100);
	fake.error = -19;
	expect_data(&fake, "START\nSTOP\n", none);
	fake = fake_of(110, 100); /* a tick more than there was time */
	expect_data(&fake, "START\nSTOP\n",
		    "220 VALID DATA (Data to follow)\nContent-length: 9\n,100,100");
	fake = fake_of((uint64_t)-10, 100); /* iowait has stepped back */
	expect_data(&fake, "START\nSTOP\n",
		    "220 VALID DATA (Data to follow)\nContent-length: 7\n,0,100");
}

/* The second START counts, and not the first. */
static void test_start_twice(void **unused)
{
	struct fake fake = fake_of(60, 100);
	(void)unused;
	expect_data(&fake, "START\nSTART\nSTOP\n",
		    "220 VALID DATA (Data to follow)\nContent-length: 8\n,60,100");
	assert_int_equal(fake.now.idle_ns, 1000 + 3 * 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_carriage_returns),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_goes_on_after_an_error),
		cmocka_unit_test(test_quit_and_abort),
		cmocka_unit_test(test_line_too_long),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_start_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
