/* SPDX-License-Identifier: BSD-2-Clause */
/* gate_play.c - every recorded stream, whole and cut everywhere, must get the same
 * bytes; and afterwards the counters must agree with what was played. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gate.h"
#include "replay.h"
#include "tap.h"

enum {
	EVERY_CUT =
		300, /* in `make check` a longer stream is cut everywhere up to here, */
	NEAR = 4,    /* this near to multiples of */
	BORDER = 4096,     /* a page, and */
	SAMPLES = 24,      /* at so many places more */
	QUICK_SAMPLES = 4, /* per stream in the quick and the short gate */
	BYTEWISE = 1000,   /* longest stream sent byte by byte but in the full gate */
	STOP_S = 6,
	SETTLE_MS = 4000
};

static const char *const small_cache[] = {"--cache", "131072", NULL};

struct scripts {
	struct script *list;
	size_t count, room;
};

static void scripts_add(struct scripts *s, const struct stream *stream, int cut,
			enum ending ending)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->list = realloc(s->list, s->room * sizeof *s->list);
		if (!s->list)
			abort();
	}
	s->list[s->count++] = (struct script){stream, cut, ending};
}

/* Neighbours in time should be strangers, so that crossed replies show. */
static void scripts_shuffle(struct scripts *s, uint64_t state)
{
	for (size_t i = s->count; i > 1; i--) {
		struct script kept = s->list[i - 1];
		size_t j;

		state = state * 6364136223846793005 + 1442695040888963407;
		j = (size_t)(state >> 33) % i;
		s->list[i - 1] = s->list[j];
		s->list[j] = kept;
	}
}

static bool cut_wanted(const struct gate *g, size_t size, size_t cut, uint64_t *state)
{
	size_t samples = g->depth < DEPTH_USUAL ? QUICK_SAMPLES : SAMPLES;

	*state = *state * 6364136223846793005 + 1442695040888963407;
	if (g->depth == DEPTH_FULL)
		return true;
	if (g->depth == DEPTH_USUAL && cut <= EVERY_CUT)
		return true;
	if (g->depth == DEPTH_USUAL && (cut + NEAR) % BORDER <= 2 * NEAR)
		return true;
	return (size_t)(*state >> 33) % size < samples;
}

static void scripts_cut(const struct gate *g, struct scripts *to)
{
	uint64_t state = 1;

	for (size_t i = 0; i < g->streams.count; i++) {
		const struct stream *s = &g->streams.list[i];

		for (size_t cut = 1; cut < s->in_size; cut++)
			if (cut_wanted(g, s->in_size, cut, &state))
				scripts_add(to, s, (int)cut,
					    cut % 2 ? ENDING_STAY : ENDING_HALF);
		if (s->in_size > BYTEWISE && g->depth != DEPTH_FULL)
			continue;
		scripts_add(to, s, CUT_EVERYWHERE, ENDING_STAY);
		scripts_add(to, s, CUT_EVERYWHERE, ENDING_HALF);
	}
}

static void scripts_whole(const struct gate *g, struct scripts *to)
{
	for (size_t i = 0; i < g->streams.count; i++) {
		const struct stream *s = &g->streams.list[i];

		scripts_add(to, s, CUT_NONE, ENDING_STAY);
		scripts_add(to, s, CUT_NONE, ENDING_HALF);
		if (s->closes)
			scripts_add(to, s, CUT_NONE, ENDING_INSIST);
	}
}

static bool counter_is(const struct subject *s, const char *name, uint64_t want)
{
	int64_t got = subject_counter(s, name);

	if (got == (int64_t)want)
		return true;
	tap_diag("counter %s: %lld, not %llu", name, (long long)got,
		 (unsigned long long)want);
	return false;
}

static bool counters_agree(const struct subject *s, const struct tally *t)
{
	bool good = counter_is(s, "requests", t->requests);

	good &= counter_is(s, "errors", t->errors);
	good &= counter_is(s, "connections_opened", t->connections);
	good &= counter_is(s, "connections_closed", t->connections);
	good &= counter_is(s, "bytes_out", t->bytes_out);
	/* A small pool may have to defer: who lingers on a slow machine holds a place.
	 */
	good &= counter_is(s, "closed_no_fd", 0) && counter_is(s, "refused", 0);
	if (subject_counter(s, "connections_peak") < 1 ||
	    subject_counter(s, "connections_peak") > (int64_t)t->connections) {
		tap_diag("counter connections_peak: %lld",
			 (long long)subject_counter(s, "connections_peak"));
		good = false;
	}
	if (subject_counter(s, "loads") < 1 || subject_counter(s, "bytes_in") < 1) {
		tap_diag("counter loads or bytes_in: not above 0");
		good = false;
	}
	return good;
}

static bool live_agrees(const struct subject *s, const struct tally *t)
{
	int64_t got = subject_live(s, "requests");

	if (got == (int64_t)t->requests)
		return true;
	tap_diag("live counter requests: %lld, not %llu", (long long)got,
		 (unsigned long long)t->requests);
	return false;
}

/* In the quick gate most servers are broken, and their silence is waited for. */
static int play(const struct gate *g, const struct subject *s, struct scripts *scripts,
		struct tally *tally)
{
	struct replay replay = {.port = s->port,
				.concurrency = REPLAY_CONCURRENCY,
				.patience_ms = (g->depth == DEPTH_QUICK
							? REPLAY_PATIENCE_MS / 2
							: REPLAY_PATIENCE_MS) *
					       subject_patience(),
				.probe = &g->probe};
	int result;

	scripts_shuffle(scripts, 7);
	result = replay_run(&replay, scripts->list, scripts->count, tally);
	free(scripts->list);
	*scripts = (struct scripts){0};
	return result;
}

/* Descriptors once all connections are closed: at most `most`, or what remains. */
static int descriptors_settle(const struct subject *s, int most, unsigned *zombies)
{
	int count = 0;

	for (int waited = 0; waited < SETTLE_MS; waited += 20) {
		bool idle = subject_live(s, "connections_opened") ==
			    subject_live(s, "connections_closed");

		count = subject_descriptors(s, zombies);
		if (idle && count <= most && !*zombies)
			break;
		usleep(20000);
	}
	return count;
}

static enum check_result play_whole(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, NULL);
	struct scripts scripts = {0};
	struct tally tally = {0};
	struct subject s;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	scripts_whole(g, &scripts);
	good = play(g, &s, &scripts, &tally) == 0;
	good = good && live_agrees(&s, &tally);
	good &= gate_stop(&s, STOP_S);
	good = good && counters_agree(&s, &tally);
	return gate_result(&s, good);
}

/* The first round makes the server grow to its working size; after it, nothing may
 * leak. */
static enum check_result play_cuts(const struct gate *g)
{
	struct subject_plan plan = gate_plan(g, small_cache);
	struct scripts scripts = {0};
	struct tally tally = {0};
	unsigned zombies;
	struct subject s;
	int base, after;
	bool good;

	if (subject_start(&s, &plan))
		return gate_result(&s, false);
	scripts_whole(g, &scripts);
	good = play(g, &s, &scripts, &tally) == 0;
	base = descriptors_settle(&s, INT_MAX, &zombies);
	scripts_cut(g, &scripts);
	tap_diag("%zu connections with cuts", scripts.count);
	good &= play(g, &s, &scripts, &tally) == 0;
	after = descriptors_settle(&s, base, &zombies);
	if (after > base || zombies) {
		tap_diag("%d descriptors before, %d after; %u dead children", base,
			 after, zombies);
		good = false;
	}
	good &= gate_stop(&s, STOP_S);
	good = good && counters_agree(&s, &tally);
	return gate_result(&s, good);
}

const struct check gate_play[] = {
	{"whole streams get their replies, counters agree", play_whole, DEPTH_QUICK},
	{"cut streams get the same replies, nothing leaks", play_cuts, DEPTH_QUICK},
	{NULL, NULL, DEPTH_QUICK},
};
