/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.c - the samples of a round; rings take turns within what is compared. */
#include "config.h"

#include "runtimes/ring/bench/sample.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"
#include "runtimes/ring/bench/wake.h"

enum { TRIES = 30, HANDED_OVER = 100000, NAME_TEXT = 40, NOTE_TEXT = 120 };

static const struct kind *const kinds[] = {&kind_ring, &kind_ring_items, &kind_ck,
					   &kind_rte};
static const char *const shapes[FLOW_SHAPES] = {
	"never-empty", "often-empty", "often-full", "ping-pong", "same-thread"};
static const uint32_t batches[] = {1, 2, 4, 8, 16, 32, FLOW_BATCH_MOST};
static const char disturbed[] = "the scheduler took a processor away in every sample";

enum {
	KINDS = sizeof kinds / sizeof *kinds,
	BATCHES = sizeof batches / sizeof *batches
};

/* One thing to measure: what, where, in which batches. */
struct subject {
	const struct sample_options *options;
	const char *what;
	enum flow_shape shape;
	enum duo_place place;
	uint32_t batch;
};

static void print(const struct subject *s, const char *ring, const char *unit,
		  double value, const char *note)
{
	printf("%d\t%s\t%s\t%s\t%u\t%s\t", s->options->round, s->what,
	       duo_places[s->place], ring, s->batch, unit);
	if (isnan(value))
		printf("nan\t%s\n", note);
	else
		printf("%.4g\t%s\n", value, note);
	fflush(stdout);
}

static int tell(const char *who, const char *what)
{
	fprintf(stderr, "duality rings: %s: %s\n", who, what);
	return -EIO;
}

/* --- flows
 * ---------------------------------------------------------------------------- */

struct task {
	const struct kind *kind;
	struct flow flow;
};

static void task_one(void *arg)
{
	struct task *t = arg;

	t->kind->produce(&t->flow);
}

static void task_two(void *arg)
{
	struct task *t = arg;

	if (t->flow.shape == FLOW_SAME_THREAD)
		t->kind->pass(&t->flow);
	else
		t->kind->consume(&t->flow);
}

/* So that it takes some tenths of a millisecond: seldom disturbed, and long against the
 * start; shorter where all samples are disturbed. */
static uint64_t messages_of(const struct subject *s, int tries)
{
	static const uint64_t most[FLOW_SHAPES] = {
		[FLOW_NEVER_EMPTY] = 200000, [FLOW_OFTEN_EMPTY] = 100000,
		[FLOW_OFTEN_FULL] = 20000,   [FLOW_PING_PONG] = 50000,
		[FLOW_SAME_THREAD] = 200000,
	};
	uint64_t asked = s->options->messages;
	uint64_t n = (s->shape == FLOW_PING_PONG ? 5000U : 50000U) * s->batch;

	n = asked ? asked : n < most[s->shape] ? n : most[s->shape];
	n = tries < TRIES / 2 ? n : n / 4;
	return (n + s->batch - 1) / s->batch * s->batch;
}

/* One sample that was not disturbed: which try it was; 0: none; or -EIO. */
static int task_sample(struct task *t, const struct kind *kind, const struct subject *s,
		       struct duo *d)
{
	for (int i = 0; i < TRIES; i++) {
		int result;

		*t = (struct task){.kind = kind};
		t->flow.messages = messages_of(s, i);
		t->flow.batch = s->batch;
		t->flow.shape = s->shape;
		*d = (struct duo){
			.place = s->place, .one = task_one, .two = task_two, .arg = t};
		if (!kind->make(&t->flow))
			return tell(kind->name, "its ring could not be made");
		result = duo_run(d);
		if (result < 0)
			return tell(duo_places[s->place], strerror(-result));
		if (t->flow.sum != t->flow.messages * (t->flow.messages + 1) / 2)
			return tell(kind->name, "lost messages");
		if (!d->preempted)
			return i + 1;
	}
	return 0;
}

static int flow_measure(const struct kind *kind, const struct subject *s)
{
	static struct task *t; /* for both processes */
	double n, passes = s->shape == FLOW_PING_PONG ? 2 : 1;
	struct duo d;
	char note[NOTE_TEXT];
	int sampled;

	if (!t)
		t = duo_memory(sizeof *t);
	if (!t)
		return tell("memory", strerror(errno));
	if (kind->reason) {
		print(s, kind->name, "ns", NAN, kind->reason);
		return 0;
	}
	sampled = task_sample(t, kind, s, &d);
	if (sampled == 0)
		print(s, kind->name, "ns", NAN, disturbed);
	if (sampled <= 0)
		return sampled;
	n = (double)t->flow.messages;
	snprintf(note, sizeof note,
		 "in vain: full %.0f empty %.0f, of %.0f in %.3g ms, try %d",
		 (double)t->flow.full, (double)t->flow.empty, n, d.ns / 1e6, sampled);
	print(s, kind->name, "ns", d.ns / n / passes, note);
	return 0;
}

/* --- wake-ups
 * ------------------------------------------------------------------------- */

static int wake_measure(const struct subject *s, const char *name,
			int (*prepare)(struct duo *))
{
	struct duo d;

	if (prepare(&d) < 0 || duo_run(&d) < 0)
		return tell("wake-ups", name);
	print(s, name, "ns", wake_median_ns(), "median of many");
	return 0;
}

/* In turns, as rings are. */
static int wakes_measure(const struct subject *s)
{
	bool odd = s->options->round % 2 != 0;
	int result = odd ? wake_measure(s, "futex", wake_futex)
			 : wake_measure(s, "doorbell", wake_doorbell);

	if (result < 0)
		return result;
	return odd ? wake_measure(s, "doorbell", wake_doorbell)
		   : wake_measure(s, "futex", wake_futex);
}

/* Disturbed or not: being preempted costs signals, if anything. */
static int elided_measure(const struct subject *s)
{
	uint64_t n = s->options->messages ? s->options->messages : HANDED_OVER;
	struct duo d;

	if (wake_link(&d, n, s->batch) < 0 || duo_run(&d) < 0)
		return tell("link", "buffers could not be handed over");
	print(s, "link", "share", wake_elided(), "of hand-overs that needed no signal");
	return 0;
}

/* --- a round
 * -------------------------------------------------------------------------- */

/* "often-full" or "often-full@8". */
static bool named(const char *name, const char *what, uint32_t batch)
{
	char both[NAME_TEXT];

	snprintf(both, sizeof both, "%s@%u", what, batch);
	return strcmp(name, what) == 0 || strcmp(name, both) == 0;
}

/* Is it among what was asked for, and can it be there?  If not, that is told once. */
static bool wanted(struct subject *s, uint32_t batch)
{
	const char *reason = duo_reason(s->place);
	bool asked = !*s->options->only;

	for (char **only = s->options->only; *only; only++)
		asked = asked || named(*only, s->what, batch);
	s->batch = batch;
	if (asked && reason && s->options->round == 1)
		print(s, "-", "ns", NAN, reason);
	return asked && !reason;
}

static int shape_measure(struct subject *s)
{
	int result = 0;

	for (unsigned b = 0; b < BATCHES && result == 0; b++) {
		if (!wanted(s, batches[b]))
			continue;
		for (unsigned k = 0; k < KINDS && result == 0; k++) {
			unsigned turn = k + (unsigned)s->options->round;

			result = flow_measure(kinds[turn % KINDS], s);
		}
	}
	return result;
}

static int flows_measure(const struct sample_options *o)
{
	int result = 0;

	for (unsigned shape = 0; shape < FLOW_SHAPES; shape++) {
		bool same = shape == FLOW_SAME_THREAD;

		for (unsigned p = 0; p < DUO_PLACES && result == 0; p++) {
			struct subject s = {.options = o,
					    .what = shapes[shape],
					    .shape = (enum flow_shape)shape,
					    .place = (enum duo_place)p};

			if (same == (p == DUO_THREAD))
				result = shape_measure(&s);
		}
	}
	return result;
}

int sample_round(const struct sample_options *o)
{
	struct subject wake = {.options = o, .what = "wake", .place = DUO_CORES};
	struct subject elided = {.options = o, .what = "elided", .place = DUO_CORES};
	int result = flows_measure(o);

	if (result == 0 && wanted(&wake, 1))
		result = wakes_measure(&wake);
	for (unsigned b = 0; b < BATCHES && result == 0; b++)
		if (wanted(&elided, batches[b]))
			result = elided_measure(&elided);
	return result;
}

bool sample_known(const char *name)
{
	bool known = named(name, "wake", 1);

	for (unsigned b = 0; b < BATCHES; b++) {
		for (unsigned shape = 0; shape < FLOW_SHAPES; shape++)
			known |= named(name, shapes[shape], batches[b]);
		known |= named(name, "elided", batches[b]);
	}
	return known;
}
