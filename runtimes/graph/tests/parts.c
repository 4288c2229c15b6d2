/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.c - the types of modules there are for tests, and graphs of them from a string.
 */
#include "config.h"

#include "parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const struct module_type *const parts[] = {&part_source,   &part_transform,
					   &part_mortal,   &part_merge,
					   &part_sink,     &part_lender,
					   &part_borrower, &part_asker,
					   &part_answerer, &part_bell,
					   &part_pipe,     &part_lurker,
					   &part_teller,   NULL};

uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

int nothing_init(struct module *m)
{
	(void)m;
	return 0;
}

int graph_text(struct graph **g, const char *text, struct graph_error *error)
{
	char path[] = "/tmp/test-XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = graph_read(g, path, parts, error);
	unlink(path);
	return result;
}

struct graph *graph_done(const char *text, enum graph_placement placement,
			 struct result *result)
{
	/* whatever processors are ours */
	const struct graph_settings settings = {.placement = placement,
						.cores_counted = true};

	return graph_done_by(text, &settings, result);
}

struct graph *graph_done_by(const char *text, const struct graph_settings *settings,
			    struct result *result)
{
	struct graph_error error;
	struct graph *g;
	const void *memory;
	uint64_t bytes;

	if (graph_text(&g, text, &error) < 0)
		fail_msg("%s", error.text);
	if (graph_run(g, settings, &error) < 0)
		fail_msg("%s", error.text);
	memory = graph_region(g, "result", &bytes);
	assert_non_null(memory);
	memcpy(result, memory, sizeof *result);
	return g;
}
