/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.c - any bytes, through the whole core, in both styles, which must answer and
 * count alike wherever the bytes are cut.  For libFuzzer, and for fuzz_replay.c without
 * it. */
#include "config.h"

#include "fuzz.h"

#include "servers/core/tests/wire.h"
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CACHE_BYTES = 1 << 20, PINS = 4, OUTPUT_MAX = 1 << 15, LONG = 512 };

static struct service service;
static _Atomic bool stopping;
static char top[PATH_MAX];

/* The linker puts this for service_spin (--wrap): a fuzzer finds ten seconds of it. */
void __wrap_service_spin(uint64_t ns);
void __wrap_service_spin(uint64_t ns)
{
	(void)ns;
}

int fuzz_start(void)
{
	const char *folder = getenv("TMPDIR");
	char root[PATH_MAX + 8];
	int error;

	snprintf(top, sizeof top, "%s/duality-fuzz.XXXXXX", folder ? folder : "/tmp");
	if (!mkdtemp(top))
		return -errno;
	error = tree_create(top, getuid());
	if (error)
		return error;
	snprintf(root, sizeof root, "%s/tree", top);
	service.stopping = &stopping;
	service.counters = counters_map(NULL);
	if (!service.counters)
		return -errno;
	return cache_create(&service.cache, root, CACHE_BYTES, PINS, &lock_none);
}

void fuzz_end(void)
{
	cache_destroy(service.cache);
	tree_remove(top);
}

/* FNV-1a: the cuts follow from the bytes, so that an input is all it takes to see a
 * failure again. */
static unsigned seed_of(const uint8_t *data, size_t size)
{
	uint32_t hash = 0x811c9dc5;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 0x01000193;
	return hash;
}

struct outcome {
	char *replies;
	size_t len;
	uint64_t requests, errors;
};

static struct outcome outcome_of(char *(*style)(const struct service *s,
						const struct wire *w, size_t *len),
				 const struct wire *w)
{
	const struct counters *c = service.counters;
	struct outcome o = {.requests = counter_read(c, COUNTER_REQUESTS),
			    .errors = counter_read(c, COUNTER_ERRORS)};

	/* Both styles begin with the same amounts. */
	if (accounts_create(&service.accounts, ACCOUNTS_FREE, service.counters) < 0)
		return o;
	o.replies = style(&service, w, &o.len);
	accounts_destroy(service.accounts);
	o.requests = counter_read(c, COUNTER_REQUESTS) - o.requests;
	o.errors = counter_read(c, COUNTER_ERRORS) - o.errors;
	return o;
}

static const char *outcomes_compare(const struct outcome *a, const struct outcome *b)
{
	struct cache_stats stats;

	if (!a->replies || !b->replies)
		return "out of memory";
	if (a->len != b->len || memcmp(a->replies, b->replies, a->len) != 0)
		return "the styles answer differently";
	if (a->requests != b->requests || a->errors != b->errors)
		return "the styles count differently";
	if (a->len > 0 && memcmp(a->replies, "HTTP/1.1 ", a->len < 9 ? a->len : 9) != 0)
		return "a reply is not HTTP";
	cache_stats(service.cache, &stats);
	return stats.pins_used > 0 ? "a pin was not returned" : NULL;
}

/* A head is looked at anew with each piece: a long one byte by byte takes too long. */
static size_t piece_max(unsigned seed, size_t size)
{
	static const size_t pieces[] = {1, 7, 97, 4096, 65536};

	return pieces[size < LONG ? seed % 5 : 2 + seed % 3];
}

const char *fuzz_check(const uint8_t *data, size_t size)
{
	unsigned seed = seed_of(data, size);
	struct wire w = {.input = (const char *)data,
			 .input_len = size,
			 .piece_max = piece_max(seed, size),
			 .output_max = seed / 5 % 4 ? OUTPUT_MAX : seed / 20 % 1000,
			 .interrupts = seed / 20000 % 2,
			 .seed = seed};
	struct outcome direct = outcome_of(wire_direct, &w), event;
	const char *wrong;

	w.seed++; /* cut elsewhere */
	w.piece_max = piece_max(seed / 40000, size);
	event = outcome_of(wire_event, &w);
	wrong = outcomes_compare(&direct, &event);
	free(direct.replies);
	free(event.replies);
	return wrong;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int error = fuzz_start();

	(void)argc, (void)argv;
	if (error)
		fprintf(stderr, "fuzz: %s: %s\n", top, strerror(-error));
	else
		atexit(fuzz_end);
	return error ? exit(2), 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *wrong = fuzz_check(data, size);

	if (wrong) {
		fprintf(stderr, "fuzz: %s\n", wrong);
		abort();
	}
	return 0;
}
