/* SPDX-License-Identifier: BSD-2-Clause */
/* file_test.c - each way a graph file can lie is told with its line. */
#include "config.h"

#include "parts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Lines that are right, for others to be wrong after. */
#define TWO                 \
	"module a source\n" \
	"module b sink\n"   \
	"region r 4K\n"     \
	"grant r b.result write\n"

static const struct lie {
	const char *text, *error; /* after the file's name */
} lies[] = {
	{"modul a source", ":1: a line begins with placement, module, region"},
	{"\n# nothing\nmodule", ":3: a module has a name and a type"},
	{"module A source", ":1: 'A' is no name for a module"},
	{"module a spring", ":1: there is no type of module 'spring'"},
	{"module a source\nmodule a sink", ":2: the name 'a' is taken, by line 1"},
	{"module a source core=-1", ":1: core '-1' is not a number from 0 to"},
	{"module a source core=1x", ":1: core '1x' is not a number from 0 to"},
	{"module a source priority=100", ":1: priority '100' is not a number from"},
	{"module a source budget=0", ":1: budget (ms) '0' is not a number from 1"},
	{"\nmodule a source restart=1", ":2: a source has no restart=: what it knows"},
	{"module a lurker restart=0", ":1: restart '0' is not a number from 1"},
	{"module a source core", ":1: 'core' is not of the form NAME=VALUE"},
	{"module a source core=1 core=2", ":1: 'core' is set twice"},
	{"module a source messages=1 messages=2", ":1: 'messages' is set twice"},
	{"module a source size=3", ":1: a source has no option 'size'"},
	{"placement here", ":1: 'here' is no placement"},
	{"placement one\nplacement one", ":2: the placement was set by line 1"},
	{"region r", ":1: a region has a name and a size"},
	{"region r 5000", ":1: the size 5000 is no power of two"},
	{"region r 12K", ":1: the size 12K is no power of two"},
	{"region r 2048", ":1: the size 2048 is not from 4096"},
	{"region r 2048G", ":1: the size 2048G is not from 4096 to 1024G"},
	{"region r 17179869185G", ":1: the size 17179869185G is not from 4096"},
	{"region r 18014398509481985K", ":1: the size 18014398509481985K is not from"},
	{"region r 4Q", ":1: '4Q' is no size"},
	{"region r 4K 4K", ":1: '4K' is not of the form NAME=VALUE"},
	{"region r 4K buffer=48", ":1: the size 48 is no power of two"},
	{"region r 4K buffer=8K", ":1: region 'r' cannot be cut into buffers"},
	{"region r 4K lock=1", ":1: unknown setting 'lock'"},
	{TWO "ring x a.out b.in", ":5: ring 'x' has no slots=N"},
	{TWO "ring x a.out b.in slots=100", ":5: slots=100 is no power of two"},
	{TWO "ring x a.out b.in slots=0", ":5: slots '0' is not a number from 1"},
	{TWO "ring x a.out c.in slots=1", ":5: no module 'c' is named above"},
	{TWO "ring x a.way b.in slots=1",
	 ":5: module 'a' (a source) has no port 'way'"},
	{TWO "ring x a b.in slots=1", ":5: 'a' is not of the form MODULE.PORT"},
	{TWO "ring x b.in a.out slots=1", ":5: port 'in' of module 'b' is a way in"},
	{TWO "ring a a.out b.in slots=1", ":5: the name 'a' is taken, by line 1"},
	{TWO "ring x a.out b.in slots=1 answers=y", ":5: no ring 'y' is named above"},
	{TWO "ring x a.out b.in slots=1 carries=y", ":5: no region 'y' is named above"},
	{TWO "ring x a.out b.in slots=1\nring y a.out b.in slots=1",
	 ":6: ring 'x' (line 5) has a.out as its producer already"},
	{TWO "module c source\nring x a.out b.in slots=1\nring y c.out b.in slots=1",
	 ":7: ring 'x' (line 6) has b.in as its consumer already"},
	{TWO "ring x a.out b.in slots=1 carries=r",
	 ":5: ring 'x' carries what is in region 'r', to which 'a' is granted no "
	 "access"},
	{TWO, ":1: a.out is not connected"},
	{"module m merge", ":1: m.in.0 is not connected"},
	{TWO "grant s b.result write", ":5: no region 's' is named above"},
	{TWO "grant r b.result", ":5: a grant has a region, MODULE.PORT, and read or"},
	{TWO "grant r b.in write",
	 ":5: port 'in' of module 'b' is a way in, not a region"},
	{TWO "grant r b.result read", ":5: port 'b.result' has its region by line 4"},
	{"module l lurker\nregion r 4K\ngrant r l.memory read",
	 ":3: region 'r' has 4096 bytes (line 2), l.memory needs 8192"},
	{"module a source\nmodule b sink\nregion r 4K\ngrant r b.result read\n"
	 "ring x a.out b.in slots=1",
	 ":4: b.result writes to region 'r', and is granted read"},
	{"module a transform\nring x a.out a.in slots=4",
	 ":2: modules may wait for each other"},
	{"module a transform\nmodule b transform\nring x a.out b.in slots=4\n"
	 "ring y b.out a.in slots=4",
	 ":4: modules may wait for each other, for room in rings, for ever; b for a "
	 "(ring "
	 "'y', line 4); a for b (ring 'x', line 3)"},
	{"module a transform\nmodule b transform\nmodule c merge\nmodule d source\n"
	 "ring u d.out c.in.0 slots=4\nring v c.out a.in slots=4\n"
	 "ring w a.out b.in slots=4\nring x b.out c.in.1 slots=4",
	 ":8: modules may wait for each other"},
	{TWO "module c transform\nring x a.out c.in slots=4\n"
	     "ring y c.out b.in slots=4 answers=x",
	 ":7: ring 'y' answers 'x', but leads to 'b', not to 'a', which asks"},
	{"channel c", ":1: '' is not of the form MODULE.PORT"},
	{"module a bell\nchannel c a.peer a.peer",
	 ":2: end 2 is the end of channel 'c'"},
	{"module a bell\nmodule b bell\nmodule d bell\nchannel c a.peer b.peer\n"
	 "channel e d.peer b.peer",
	 ":5: end 2 is the end of channel 'c' (line 4)"},
	{"# nobody\n", ":1: there is no module"},
	{"", ":1: there is no module"},
};

static void lies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct graph_error error;
		struct graph *g;
		int result = graph_text(&g, lies[i].text, &error);

		if (result != -EINVAL || !strstr(error.text, lies[i].error) ||
		    strncmp(error.text, "/tmp/test-", 10) || strchr(error.text, '\n'))
			fail_msg("%s: %d, \"%s\" and not \"%s\"", lies[i].text, result,
				 error.text, lies[i].error);
		assert_null(g);
	}
}

static void long_lines_are_refused(void **state)
{
	char name[4097], longer[4098];
	struct graph_error error;
	struct graph *g;

	(void)state;
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	memcpy(name, "module ", 7);
	memcpy(name + sizeof name - 8, " source", 7);
	assert_int_equal(graph_text(&g, name, &error), -EINVAL);
	assert_non_null(strstr(error.text, ":1: 'aaaa"));
	memset(longer, '#', sizeof longer - 1); /* a byte more, and all a comment */
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(graph_text(&g, longer, &error), -EINVAL);
	assert_non_null(strstr(error.text, ":1: a line of more than 4096 bytes"));
	assert_int_equal(graph_read(&g, "/nowhere/x.graph", parts, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/x.graph: No such file"));
}

static const struct port_rule hub_ports[] = {
	{.kind = PORT_OUT,
	 .name = "out",
	 .count = 2,
	 .optional = true,
	 .numbers = true},
	{.kind = PORT_IN, .name = "in", .count = 2, .optional = true, .numbers = true},
	{.kind = PORT_REGION,
	 .name = "room",
	 .count = 2,
	 .optional = true,
	 .numbers = true},
	{.kind = PORT_REGION, .name = "hall", .optional = true},
	{.kind = PORT_NONE},
};
static const struct port_rule spoke_ports[] = {
	{.kind = PORT_IN, .name = "in", .optional = true},
	{.kind = PORT_OUT, .name = "out", .optional = true},
	{.kind = PORT_REGION, .name = "room", .optional = true},
	{.kind = PORT_NONE},
};
static const char *const spoke_options[] = {"nth", NULL};
static const struct module_type hub = {.name = "hub", .ports = hub_ports};
static const struct module_type relay = {.name = "relay", .ports = spoke_ports};
static const struct module_type spoke = {.name = "spoke",
					 .ports = spoke_ports,
					 .options = spoke_options,
					 .number = "nth"};

/* A hub with two ways, to a spoke by a relay, and to a spoke. */
#define WHEEL                                            \
	"module h hub\nmodule r relay\nmodule a spoke\n" \
	"module b spoke nth=1\nregion q 4K\nregion p 4K\n"
#define SPOKE_A                                                    \
	"ring t h.out.0 r.in slots=4\nring u r.out a.in slots=4\n" \
	"ring v a.out h.in.0 slots=4 answers=t\n"
#define SPOKE_B "ring w h.out.1 b.in slots=4\nring x b.out h.in.1 slots=4 answers=w\n"

/* Who is which of several: the file has to agree with itself. */
static void crosswise_is_refused(void **state)
{
	static const struct lie crosswise[] = {
		{WHEEL "ring w h.out.1 a.in slots=4",
		 ":7: module 'a' is number 1 by this, and 0 by line 3"},
		{WHEEL "ring w h.out.0 r.in slots=4\n"
		       "ring x r.out h.in.1 slots=4 answers=w",
		 ":8: module 'r' is number 1 by this, and 0 by line 7"},
		{WHEEL "ring w h.out.1 r.in slots=4\nring x r.out a.in slots=4",
		 ":8: module 'a' is number 1 by this, and 0 by line 3"},
		{WHEEL "grant q a.room write\ngrant q h.room.1 read",
		 ":8: module 'a' is number 1 by this, and 0 by line 3"},
		{WHEEL SPOKE_A SPOKE_B "grant q a.room write\ngrant q b.room read",
		 ":13: module 'b' is number 0 by this, and 1 by line 4"},
		{WHEEL "grant q r.room write\ngrant q a.room write\n"
		       "ring w h.out.1 r.in slots=4",
		 ":8: module 'a' is number 1 by this, and 0 by line 3"},
	};
	static const char *const right[] = {
		WHEEL SPOKE_A SPOKE_B "grant q h.room.0 read\ngrant q r.room write\n"
				      "grant q a.room read\n",
		WHEEL SPOKE_A SPOKE_B "grant q h.hall read\ngrant q b.room write\n"
				      "grant q a.room read\n",
		WHEEL "module c relay\nring w r.out c.in slots=4\n",
		"module a spoke nth=zero\nmodule h hub\nring w h.out.1 a.in slots=4",
	};
	static const struct module_type *const types[] = {&hub, &relay, &spoke, NULL};
	struct graph_error error;
	struct graph *g;

	(void)state;
	for (size_t i = 0; i < sizeof crosswise / sizeof *crosswise; i++) {
		assert_int_equal(
			graph_read_text(&g, crosswise[i].text, "", types, &error),
			-EINVAL);
		assert_string_equal(error.text, crosswise[i].error);
	}
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		if (graph_read_text(&g, right[i], "", types, &error) < 0)
			fail_msg("%s: %s", right[i], error.text);
		graph_free(g);
	}
}

/* A file that never ends, all of one letter; it counts what was read of it. */
struct endless {
	char letter;
	size_t bytes;
};

static ssize_t endless_read(void *cookie, char *buffer, size_t n)
{
	struct endless *e = cookie;

	memset(buffer, e->letter, n);
	e->bytes += n;
	return (ssize_t)n;
}

static ssize_t broken_read(void *cookie, char *buffer, size_t n)
{
	(void)cookie, (void)buffer, (void)n;
	errno = EIO;
	return -1;
}

static void endless_is(char letter, const char *wanted)
{
	struct endless e = {.letter = letter};
	FILE *file =
		fopencookie(&e, "r", (cookie_io_functions_t){.read = endless_read});
	struct graph_error error;
	struct graph *g;

	assert_non_null(file);
	assert_int_equal(graph_read_from(&g, file, "endless", parts, &error), -EINVAL);
	assert_null(g);
	assert_string_equal(error.text, wanted);
	assert_true(e.bytes <= 1 << 20);
}

static void files_have_an_end(void **state)
{
	FILE *broken =
		fopencookie(NULL, "r", (cookie_io_functions_t){.read = broken_read});
	struct graph_error error;
	struct graph *g;

	(void)state;
	endless_is('a', "endless:1: a graph of more than 256 KiB");
	endless_is('\0', "endless:1: a graph of more than 256 KiB");
	endless_is('\n', "endless:262145: a graph of more than 256 KiB");
	assert_int_equal(graph_read_from(&g, broken, "broken", parts, &error), -EIO);
	assert_string_equal(error.text, "broken: cannot read: Input/output error");
}

/* What only running shows: cores, and what a module makes of its options. */
static void machines_are_asked(void **state)
{
	static const char text[] = "module a source\nmodule b sink core=4095\n"
				   "region r 4K\ngrant r b.result write\n"
				   "ring x a.out b.in slots=1\n";
	static const char number[] = "module a source messages=many\nmodule b sink\n"
				     "region r 4K\ngrant r b.result write\n"
				     "ring x a.out b.in slots=1\n";
	struct graph_settings settings = {.placement = GRAPH_THREADS};
	struct graph_error error;
	struct graph *g;

	(void)state;
	assert_int_equal(graph_text(&g, text, &error), 0);
	assert_int_equal(graph_run(g, &settings, &error), -ENODEV);
	assert_non_null(strstr(error.text, ":2: module 'b': there is no core 4095"));
	graph_free(g);
	assert_int_equal(graph_text(&g, number, &error), 0);
	for (int i = GRAPH_ONE; i <= GRAPH_PROCESSES; i++) {
		settings.placement = (enum graph_placement)i;
		assert_int_equal(graph_run(g, &settings, &error), -EINVAL);
		assert_non_null(strstr(error.text, ":1: module 'a' (a source) failed: "
						   "messages=many is not a number"));
	}
	graph_free(g);
}

static int talker_init(struct module *m)
{
	module_fail(m, -EPERM, "one\ntwo\r\n");
	return -EPERM;
}

static void talker_notified(struct module *m, unsigned channel)
{
	(void)channel;
	module_done(m);
}

/* Whatever a module says of it, an error is one line. */
static void failures_are_one_line(void **state)
{
	static const struct port_rule none[] = {{.kind = PORT_NONE}};
	static const struct module_type talker = {.name = "talker",
						  .ports = none,
						  .init = talker_init,
						  .notified = talker_notified};
	static const struct module_type *const types[] = {&talker, NULL};
	const struct graph_settings settings = {.placement = GRAPH_ONE};
	struct graph_error error;
	struct graph *g;

	(void)state;
	assert_int_equal(graph_read_text(&g, "module a talker", "t", types, &error), 0);
	assert_int_equal(graph_run(g, &settings, &error), -EPERM);
	assert_non_null(strstr(error.text, "one two"));
	assert_null(strpbrk(error.text, "\r\n"));
	graph_free(g);
}

static const char drawn[] = "placement cores\n"
			    "module a source core=0 priority=3\n"
			    "module b sink core=1 # the end\n"
			    "region r 8K\n"
			    "grant r b.result write\n"
			    "ring x a.out b.in slots=8\n";

static const char drawing[] = "digraph {\n"
			      "\trankdir=LR;\n"
			      "\tnode [shape=box];\n"
			      "\tsubgraph cluster_0 {\n\tlabel=\"core 0\";\n"
			      "\t\"a\" [label=\"a\\nsource\\npriority 3\"];\n\t}\n"
			      "\tsubgraph cluster_1 {\n\tlabel=\"core 1\";\n"
			      "\t\"b\" [label=\"b\\nsink\"];\n\t}\n"
			      "\t\"r\" [shape=cylinder label=\"r\\n8 KiB\"];\n"
			      "\t\"b\" -> \"r\" [style=dotted dir=both];\n"
			      "\t\"a\" -> \"b\" [label=\"x\\n8\"];\n"
			      "}\n";

static void drawings_are_written(void **state)
{
	struct graph_error error;
	FILE *full = fopen("/dev/full", "we");
	char path[] = "/tmp/test-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && full);
	assert_int_equal(write(fd, drawn, sizeof drawn - 1), sizeof drawn - 1);
	close(fd);
	assert_int_equal(graph_draw_file(path, parts, full, &error), -ENOSPC);
	assert_non_null(strstr(error.text, ": cannot write the drawing: No space"));
	fclose(full);
	unlink(path);
	assert_int_equal(graph_draw_file(path, parts, stderr, &error), -ENOENT);
}

static void graphs_are_drawn(void **state)
{
	struct graph_error error;
	struct graph *g;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(graph_text(&g, drawn, &error), 0);
	graph_draw(g, out);
	fclose(out);
	assert_string_equal(text, drawing);
	free(text);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies_are_refused),
		cmocka_unit_test(crosswise_is_refused),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(files_have_an_end),
		cmocka_unit_test(machines_are_asked),
		cmocka_unit_test(failures_are_one_line),
		cmocka_unit_test(graphs_are_drawn),
		cmocka_unit_test(drawings_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
