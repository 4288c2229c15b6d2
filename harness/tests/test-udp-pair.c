/* SPDX-License-Identifier: BSD-2-Clause */
/* test-udp-pair.c - what is said of the lines of an experiment of kind udp, and of the
 * pair that it judges, out of made-up rows. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/bench/udp_pair.h"

enum { BLOCKS = 2, PAIR_BLOCKS = 8, MOST_ROWS = 64 };
enum { PLANNED = 25000 };

static struct row rows[MOST_ROWS];
static struct variant net = {.name = "net-1core"}, epoll = {.name = "udp-epoll"};
static struct entry entries[] = {
	{.variant = &net, .name = "net-1core"},
	{.variant = &epoll, .name = "udp-epoll"},
	{.variant = &epoll, .name = "udp-epoll@aa", .twin = true},
};
static struct run run;

static int variants_make(void **state)
{
	(void)state;
	net.about = json_loads("{\"protocols\": [\"udp\"], \"options\": [\"driver\"]}",
			       0, NULL);
	epoll.about =
		json_loads("{\"protocols\": [\"udp\"], \"options\": []}", 0, NULL);
	return net.about && epoll.about ? 0 : -1;
}

static int variants_drop(void **state)
{
	(void)state;
	json_decref(net.about);
	json_decref(epoll.about);
	return 0;
}

static struct experiment *run_begin(void)
{
	memset(&run, 0, sizeof run);
	run.suite.blocks = BLOCKS;
	run.suite.experiments = 1;
	run.suite.experiment[0] =
		(struct experiment){.name = "udp",
				    .kind = KIND_UDP,
				    .pairs = "net-1core/xdp:udp-epoll/socket",
				    .pair_mbps = {1, {300}},
				    .pair_blocks = PAIR_BLOCKS,
				    .ratio_goal = {2, {1, 1.5}}};
	run.entry = entries;
	run.entries = sizeof entries / sizeof entries[0];
	run.journal.rows = rows;
	return &run.suite.experiment[0];
}

static struct row *add(const char *variant, const char *way, int block, double busy)
{
	assert_true(run.journal.n < MOST_ROWS);
	struct row *row = &rows[run.journal.n++];
	run.journal.replayed = run.journal.n;
	row_clear(row);
	row_text(row, COLUMN_EXPERIMENT, "udp");
	row_text(row, COLUMN_PHASE, way);
	row_text(row, COLUMN_VARIANT, variant);
	row_text(row, COLUMN_BILLED, "server");
	row_set(row, COLUMN_BLOCK, block);
	row_set(row, COLUMN_POINT, 300);
	row_set(row, COLUMN_PLANNED, PLANNED);
	row_set(row, COLUMN_GOOD, PLANNED);
	row_set(row, COLUMN_GOOD_RPS, PLANNED);
	row_set(row, COLUMN_SERVER_BUSY, busy);
	row_set(row, COLUMN_MACHINE_BUSY, 1 + busy);
	return row;
}

/* Blocks of which one is dearer than the next, for all; the ratio turns by `apart`
 * about its middle, the twin's by `aa`. */
static void add_blocks(double ratio, double apart, double aa)
{
	/* The suite's own blocks, also at that rate, count not: they would say 9. */
	add("net-1core", "xdp", 1, 0.1);
	add("udp-epoll", "socket", 1, 0.9);
	for (int block = BLOCKS + 1; block <= BLOCKS + PAIR_BLOCKS; block++) {
		double busy = block % 2 ? 0.3 : 0.4;
		bool turned = block % 4 < 2;
		add("net-1core", "xdp", block,
		    busy / ratio * (turned ? apart : 1 / apart));
		add("udp-epoll", "socket", block, busy);
		add("udp-epoll@aa", "socket", block, busy * (turned ? aa : 1 / aa));
	}
}

/* What is printed of lines and pair has this. */
static void assert_says(const char *what)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	assert_non_null(to);
	udp_table(&run, to);
	fclose(to);
	if (!strstr(text, what))
		print_message("# not \"%s\": %s", what, text);
	assert_non_null(strstr(text, what));
	free(text);
}

/* A line of the suite's own blocks, at this rate. */
static void add_line(const char *variant, const char *way, double mbps, double busy)
{
	for (int block = 1; block <= BLOCKS; block++)
		row_set(add(variant, way, block, busy), COLUMN_POINT, mbps);
	for (size_t i = run.journal.n - BLOCKS; i < run.journal.n; i++)
		row_set(&rows[i], COLUMN_ACHIEVED_MBPS, mbps);
}

static struct experiment *lines_begin(void)
{
	struct experiment *e = run_begin();
	e->points = (struct setting_list){3, {10, 900, 957}};
	e->pair_blocks = 0;
	return e;
}

static const char over[] = "datagrams a CPU second, net-1core xdp over udp-epoll: ";

static void assert_compared(const char *what)
{
	char said[256];
	snprintf(said, sizeof said, "%s%s", over, what);
	assert_says(said);
}

/* Few blocks tell nothing where the link is full. */
static void lines_below_the_link(void **state)
{
	(void)state;
	struct experiment *e = lines_begin();
	add_line("net-1core", "xdp", 957, 0.1);
	add_line("udp-epoll", "socket", 957, 0.4);
	assert_compared("n/a: there is no rate below the link's that both carried");
	add_line("net-1core", "xdp", 900, 0.5);
	add_line("udp-epoll", "socket", 900, 0.4);
	assert_compared(
		"0.93 (0.93-0.93 in 2 blocks) by all CPUs, 0.80 (0.80-0.80 in 2 "
		"blocks) by the server's, at 900 Mb/s");
	assert_says("net-1core        xdp                957  ");
	e->link_kbit = 2000000;
	assert_compared("1.27 (1.27-1.27 in 2 blocks)");
	e->link_kbit = 500000;
	assert_compared("n/a: there is no rate below the link's");
}

static void lines_not_run(void **state)
{
	(void)state;
	lines_begin();
	add_line("udp-epoll", "socket", 900, 0.4);
	assert_compared("n/a: net-1core xdp was not run");
	lines_begin();
	add_line("net-1core", "xdp", 900, 0.4);
	assert_compared("n/a: udp-epoll socket was not run");
}

/* By what came back of what was planned, whatever was planned of what was offered. */
static void what_a_line_carries(void **state)
{
	(void)state;
	lines_begin();
	add_line("net-1core", "xdp", 900, 0.5);
	add_line("udp-epoll", "socket", 900, 0.4);
	row_set(&rows[0], COLUMN_ACHIEVED_MBPS, 880);
	row_set(&rows[2], COLUMN_GOOD, 0.9901 * PLANNED);
	assert_compared("0.93 ");
	row_set(&rows[2], COLUMN_GOOD, 0.9899 * PLANNED);
	assert_compared("n/a: there is no rate below the link's that both carried");
	assert_says("udp-epoll        socket             none\n");
}

static void floor_and_goal(void **state)
{
	(void)state;
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	assert_says("net-1core xdp over udp-epoll\n  at 300 Mb/s: 1.20, 95 % interval "
		    "1.18 to 1.22 over 8 blocks");
	assert_says("floor 1: met; goal 1.5: not met");
	run_begin();
	add_blocks(1.7, 1.02, 1.01);
	assert_says("floor 1: met; goal 1.5: met");
	run_begin();
	add_blocks(0.8, 1.02, 1.01);
	assert_says("floor 1: not met; goal 1.5: not met");
}

/* An interval over the goal, or as near to it as a program is to itself. */
static void what_cannot_be_told(void **state)
{
	(void)state;
	run_begin();
	add_blocks(1.02, 1.1, 1.01);
	assert_says("floor 1: cannot be told; goal 1.5: not met");
	run_begin();
	add_blocks(1.02, 1.001, 1.05);
	assert_says("floor 1: cannot be told");
	run_begin();
	add_blocks(1.02, 1.001, 1.001);
	assert_says("floor 1: met");
}

static void without_a_twin(void **state)
{
	(void)state;
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	run.entries = 2;
	assert_says("floor 1: cannot be told");
}

/* Fewer than six blocks are a range. */
static void blocks_that_tell(void **state)
{
	(void)state;
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	for (size_t i = 2; i < 2 + 3 * 3; i++)
		row_text(&rows[i], COLUMN_VOID, "steal");
	assert_says("n/a: 5 of 8 blocks tell it, and it takes 6");
	assert_says("floor 1: cannot be told");
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	row_set(&rows[2], COLUMN_GOOD, 0.98 * PLANNED);
	assert_says("over 7 blocks");
	run.suite.experiment[0].pair_mbps = (struct setting_list){2, {300, 957}};
	assert_says("at 957 Mb/s: n/a: 0 of 8 blocks tell it");
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	row_text(&rows[2], COLUMN_BILLED, "sender");
	assert_says("over 7 blocks");
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	row_text(&rows[4], COLUMN_VOID, "steal");
	assert_says("over 8 blocks (A/A: within 1.1 % over 7 blocks)");
}

static void the_table(void **state)
{
	char path[2 * PATH_MAX], line[512];
	(void)state;
	run_begin();
	add_blocks(1.2, 1.02, 1.01);
	snprintf(run.folder, sizeof run.folder, "%s/duality-pair-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(run.folder));
	snprintf(path, sizeof path, "%s/udp-pairs.tsv", run.folder);
	assert_int_equal(udp_pairs_write(&run), 0);
	FILE *from = fopen(path, "r");
	assert_non_null(from);
	assert_non_null(fgets(line, sizeof line, from));
	assert_non_null(fgets(line, sizeof line, from));
	assert_memory_equal(line,
			    "udp\tnet-1core\txdp\tudp-epoll\tsocket\t300\t"
			    "per_server_s\t8\t1.2",
			    strlen("udp\tnet-1core\txdp\tudp-epoll\tsocket\t300\t"
				   "per_server_s\t8\t1.2"));
	assert_non_null(strstr(line, "\t1\tmet\t1.5\tnot met\n"));
	assert_non_null(fgets(line, sizeof line, from));
	assert_non_null(strstr(line, "per_machine_s"));
	assert_non_null(strstr(line, "\tnan\t-\tnan\t-\n"));
	assert_null(fgets(line, sizeof line, from));
	fclose(from);
	remove(path);
	remove(run.folder);
}

static void what_a_file_may_say(void **state)
{
	struct experiment *e = run_begin();
	(void)state;
	assert_null(udp_pair_check(e));
	e->pair_mbps.n = 0;
	assert_non_null(strstr(udp_pair_check(e), "pair_mbps"));
	e->pair_mbps.n = 1;
	strcpy(e->pairs, "net-1core:udp-epoll");
	assert_non_null(strstr(udp_pair_check(e), "VARIANT/WAY"));
	strcpy(e->pairs, "net-1core/boat:udp-epoll/socket");
	assert_non_null(strstr(udp_pair_check(e), "a way that there is not"));
	e->pairs[0] = '\0';
	assert_non_null(strstr(udp_pair_check(e), "needs pairs"));
	e->pair_blocks = 0;
	assert_null(udp_pair_check(e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floor_and_goal),
		cmocka_unit_test(what_cannot_be_told),
		cmocka_unit_test(without_a_twin),
		cmocka_unit_test(blocks_that_tell),
		cmocka_unit_test(the_table),
		cmocka_unit_test(what_a_file_may_say),
		cmocka_unit_test(lines_below_the_link),
		cmocka_unit_test(lines_not_run),
		cmocka_unit_test(what_a_line_carries),
	};
	return cmocka_run_group_tests_name("udp-pair", tests, variants_make,
					   variants_drop);
}
