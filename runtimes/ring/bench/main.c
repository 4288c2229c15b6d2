/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - rings: messages through ours and through other people's, over the size of
 * batches, interleaved in rounds; what a wake-up costs and how often none is needed.
 * One line for each sample, with tabs: round, what, ring, batch, unit, value, note. */
#include "config.h"

#include "runtimes/ring/bench/duo.h"
#include "runtimes/ring/bench/flow.h"
#include "runtimes/ring/bench/wake.h"

#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 15, ROUNDS_MOST = 10000, TRIES = 10, MESSAGES_MOST = 100000000 };

struct options {
	int rounds, cpu[2], messages;
	char **only; /* WHAT or WHAT@BATCH, up to a NULL; none: all */
};

static struct options options = {.rounds = ROUNDS, .cpu = {-1, -1}};
static int round_now;

__attribute__((format(printf, 1, 2), noreturn)) static void stop(const char *format,
								 ...)
{
	va_list arguments;

	fprintf(stderr, "rings: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

static const struct kind *const kinds[] = {&kind_ring, &kind_ring_items, &kind_ck,
					   &kind_rte};
static const char *const shapes[FLOW_SHAPES] = {"never-empty", "often-full",
						"ping-pong", "same-thread"};
static const uint32_t batches[] = {1, 2, 4, 8, 16, 32};

enum {
	KINDS = sizeof kinds / sizeof *kinds,
	BATCHES = sizeof batches / sizeof *batches
};

static void print(const char *what, const char *ring, uint32_t batch, const char *unit,
		  double value, const char *note)
{
	printf("%d\t%s\t%s\t%u\t%s\t", round_now, what, ring, batch, unit);
	if (isnan(value))
		printf("nan\t%s\n", note);
	else
		printf("%.4g\t%s\n", value, note);
	fflush(stdout);
}

static const char disturbed[] = "a processor was taken away in every sample";

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

/* So that it takes about a millisecond: seldom disturbed, and long against the start.
 */
static uint64_t messages_of(enum flow_shape shape, uint32_t batch)
{
	uint64_t batches_most = shape == FLOW_PING_PONG ? 5000 : 50000;
	uint64_t n =
		options.messages ? (uint64_t)options.messages : batches_most * batch;

	if (n > 400000 && !options.messages)
		n = 400000;
	return (n + batch - 1) / batch * batch;
}

/* One sample that was not disturbed; false: there was none. */
static bool task_sample(struct task *t, const struct kind *kind, enum flow_shape shape,
			uint32_t batch, struct duo *d)
{
	for (int i = 0; i < TRIES; i++) {
		int result;

		*t = (struct task){.kind = kind};
		t->flow.messages = messages_of(shape, batch);
		t->flow.batch = batch;
		t->flow.shape = shape;
		*d = (struct duo){.one = task_one, .two = task_two, .arg = t};
		if (!kind->make(&t->flow))
			stop("a ring of %s could not be made", kind->name);
		result = shape == FLOW_SAME_THREAD ? duo_run_one(d) : duo_run(d);
		if (result < 0)
			stop("no thread on processors %d and %d: %s", options.cpu[0],
			     options.cpu[1], strerror(-result));
		if (t->flow.sum != t->flow.messages * (t->flow.messages + 1) / 2)
			stop("%s lost messages", kind->name);
		if (!d->preempted)
			return true;
	}
	return false;
}

static void flow_measure(const struct kind *kind, enum flow_shape shape, uint32_t batch)
{
	double n, passes = shape == FLOW_PING_PONG ? 2 : 1;
	struct task t;
	struct duo d;
	char note[80];

	if (kind->reason) {
		print(shapes[shape], kind->name, batch, "ns", NAN, kind->reason);
		return;
	}
	if (!task_sample(&t, kind, shape, batch, &d)) {
		print(shapes[shape], kind->name, batch, "ns", NAN, disturbed);
		return;
	}
	n = (double)t.flow.messages;
	snprintf(note, sizeof note, "full %.3f empty %.3f a message",
		 (double)t.flow.full / n, (double)t.flow.empty / n);
	print(shapes[shape], kind->name, batch, "ns", d.ns / n / passes, note);
}

/* --- wake-ups
 * ------------------------------------------------------------------------- */

enum { HANDED_OVER = 100000 };

static void wake_measure(const char *name, int (*prepare)(struct duo *))
{
	struct duo d;

	if (prepare(&d) < 0 || duo_run(&d) < 0)
		stop("wake-ups by %s cannot be tried", name);
	print("wake", name, 1, "ns", wake_median_ns(), "median of many");
}

/* Disturbed or not: being preempted costs signals, if anything. */
static void elided_measure(uint32_t batch)
{
	struct duo d;

	wake_link(&d, options.messages ? (uint64_t)options.messages : HANDED_OVER,
		  batch);
	if (duo_run(&d) < 0)
		stop("no thread on processors %d and %d", options.cpu[0],
		     options.cpu[1]);
	print("elided", "link", batch, "share", wake_elided(), "");
}

/* --- the program
 * ---------------------------------------------------------------------- */

/* Is it among what was asked for? */
static bool wanted(const char *what, uint32_t batch)
{
	char name[40];

	snprintf(name, sizeof name, "%s@%u", what, batch);
	for (char **only = options.only; *only; only++)
		if (strcmp(*only, what) == 0 || strcmp(*only, name) == 0)
			return true;
	return !*options.only;
}

static void measure(void)
{
	for (unsigned shape = 0; shape < FLOW_SHAPES; shape++)
		for (unsigned b = 0; b < BATCHES; b++)
			for (unsigned k = 0; k < KINDS; k++)
				if (wanted(shapes[shape], batches[b]))
					flow_measure(kinds[(k + (unsigned)round_now) %
							   KINDS],
						     (enum flow_shape)shape,
						     batches[b]);
	if (wanted("wake", 1)) {
		wake_measure("futex", wake_futex);
		wake_measure("doorbell", wake_doorbell);
	}
	for (unsigned b = 0; b < BATCHES; b++)
		if (wanted("elided", batches[b]))
			elided_measure(batches[b]);
}

/* Each thing asked for is one that there is. */
static void only_check(void)
{
	char **all = options.only;
	char *one[2] = {NULL, NULL};

	for (; *all; all++) {
		bool known = false;

		one[0] = *all;
		options.only = one;
		for (unsigned b = 0; b < BATCHES; b++) {
			for (unsigned shape = 0; shape < FLOW_SHAPES; shape++)
				known |= wanted(shapes[shape], batches[b]);
			known |= wanted("elided", batches[b]);
		}
		if (!known && !wanted("wake", 1))
			stop("%s: no such thing is measured", *all);
	}
}

static int number(const char *text, const char *option, int least, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < least || n > most)
		stop("--%s %s: a number from %d to %d is needed", option, text, least,
		     most);
	return (int)n;
}

static void cpus_default(void)
{
	cpu_set_t allowed;
	int found = 0;

	sched_getaffinity(0, sizeof allowed, &allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
		if (CPU_ISSET((size_t)cpu, &allowed))
			options.cpu[found++] = cpu;
	if (found < 2)
		stop("two processors are needed, this process has %d", found);
}

static void cpus_parse(char *text)
{
	char *comma = strchr(text, ',');

	if (!comma)
		stop("--cpus %s: two numbers with a comma between are needed", text);
	*comma = 0;
	options.cpu[0] = number(text, "cpus", 0, CPU_SETSIZE - 1);
	options.cpu[1] = number(comma + 1, "cpus", 0, CPU_SETSIZE - 1);
	if (options.cpu[0] == options.cpu[1])
		stop("--cpus %d,%d: two different ones are needed", options.cpu[0],
		     options.cpu[1]);
}

static void parse(int argc, char **argv)
{
	static const struct option names[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"cpus", required_argument, NULL, 'c'},
		{"messages", required_argument, NULL, 'm'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (option == 'r')
			options.rounds = number(optarg, "rounds", 1, ROUNDS_MOST);
		else if (option == 'c')
			cpus_parse(optarg);
		else if (option == 'm')
			options.messages = number(optarg, "messages", 1, MESSAGES_MOST);
		else
			exit(2);
	options.only = argv + optind;
	only_check();
	options.only = argv + optind;
	if (options.cpu[0] < 0)
		cpus_default();
	if (duo_cpus(options.cpu[0], options.cpu[1]) < 0)
		stop("--cpus %d,%d: this process may not run on both", options.cpu[0],
		     options.cpu[1]);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	for (round_now = 1; round_now <= options.rounds; round_now++)
		measure();
	return 0;
}
