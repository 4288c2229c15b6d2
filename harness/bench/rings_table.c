/* SPDX-License-Identifier: BSD-2-Clause */
/* rings_table.c - rings.tsv read again, for the terminal: medians over the rounds and
 * their 95 % intervals, and ratios of two rings within a round. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bench/rings.h"
#include "harness/bench/rounds.h"
#include "harness/stats/describe.h"

enum { WORD = 24, BATCHES = 7, ROUNDS_MOST = 1000, REASON = 120 };

static const double wake_most = 1.05;

static const int batches[BATCHES] = {1, 2, 4, 8, 16, 32, 64};
static const char *const names[] = {"ring", "ring-items", "ck_ring", "rte_ring"};
enum { NAMES = sizeof names / sizeof *names };

struct sample {
	char what[WORD], place[WORD], ring[WORD], note[REASON];
	int round, batch;
	double value;
};

struct samples {
	struct sample *list;
	size_t n;
};

/* Which of them. */
struct which {
	const char *what, *place, *ring;
	int batch;
};

static void sample_take(void *to, char *const *field)
{
	struct samples *all = to;
	struct sample *grown = realloc(all->list, (all->n + 1) * sizeof *grown);
	if (!grown)
		return;
	all->list = grown;
	struct sample *s = &all->list[all->n++];
	*s = (struct sample){.round = atoi(field[RING_ROUND]),
			     .batch = atoi(field[RING_BATCH]),
			     .value = strtod(field[RING_VALUE], NULL)};
	snprintf(s->what, WORD, "%s", field[RING_WHAT]);
	snprintf(s->place, WORD, "%s", field[RING_PLACE]);
	snprintf(s->ring, WORD, "%s", field[RING_NAME]);
	snprintf(s->note, REASON, "%s", field[RING_NOTE]);
}

static bool sample_is(const struct sample *s, const struct which *w)
{
	return s->batch == w->batch && strcmp(s->what, w->what) == 0 &&
	       strcmp(s->place, w->place) == 0 && strcmp(s->ring, w->ring) == 0;
}

/* Into value[round - 1]; NAN where there is none.  How many rounds there are. */
static size_t values_of(const struct samples *all, const struct which *w,
			double value[ROUNDS_MOST])
{
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		size_t round = (size_t)all->list[i].round;
		for (; n < round && n < ROUNDS_MOST; n++)
			value[n] = NAN;
		if (round >= 1 && round <= ROUNDS_MOST && sample_is(&all->list[i], w))
			value[round - 1] = all->list[i].value;
	}
	return n;
}

/* Do its rounds differ by more than twice? */
static bool is_wide(const struct samples *all, const struct which *w)
{
	double value[ROUNDS_MOST];
	struct spread range = describe_spread(value, values_of(all, w, value));
	return range.high > 2 * range.low;
}

/* The median and its interval. */
static struct spread spread_of(const struct samples *all, const struct which *w)
{
	double value[ROUNDS_MOST];
	return describe_middle(value, values_of(all, w, value));
}

/* Of a over b, each ratio within a round. */
static struct spread ratio_of(const struct samples *all, const struct which *a,
			      const struct which *b)
{
	double over[ROUNDS_MOST], under[ROUNDS_MOST];
	size_t n = values_of(all, a, over);
	values_of(all, b, under);
	for (size_t i = 0; i < n; i++)
		over[i] /= under[i];
	return describe_middle(over, n);
}

/* Why there is none: of the ring anywhere, or of the place. */
static const char *reason_of(const struct samples *all, const struct which *w)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct sample *s = &all->list[i];
		bool place = strcmp(s->ring, "-") == 0 && strcmp(s->what, w->what) == 0;
		if (isnan(s->value) && strcmp(s->place, w->place) == 0 &&
		    (place || sample_is(s, w)))
			return s->note;
	}
	return NULL;
}

static void line_print(const struct samples *all, struct which w, FILE *to)
{
	fprintf(to, "%-12s %-10s %-10s", w.what, w.place, w.ring);
	for (int i = 0; i < BATCHES; i++) {
		w.batch = batches[i];
		struct spread s = spread_of(all, &w);
		if (s.n == 0)
			fprintf(to, " %8s ", "n/a");
		else
			fprintf(to, " %8.2f%c", s.mid, is_wide(all, &w) ? '*' : ' ');
	}
	fputc('\n', to);
}

/* All rings at one place; or why there is none. */
static void place_print(const struct samples *all, const char *what, const char *place,
			FILE *to)
{
	struct which w = {what, place, "-", batches[0]};
	const char *none = NULL;
	for (int i = 0; i < BATCHES && !none; i++) {
		w.batch = batches[i];
		none = reason_of(all, &w);
	}
	bool is_place = false;
	for (size_t i = 0; i < all->n; i++)
		is_place |= strcmp(all->list[i].what, what) == 0 &&
			    strcmp(all->list[i].place, place) == 0 &&
			    strcmp(all->list[i].ring, "-") != 0;
	if (!is_place && none)
		fprintf(to, "%-12s %-10s n/a: %s\n", what, place, none);
	for (int i = 0; i < NAMES && is_place; i++) {
		w.ring = names[i];
		line_print(all, w, to);
	}
}

/* Met or not only where the median's interval lies beyond the goal. */
static const char *verdict(const struct spread *s, double least, double most)
{
	if (s->n < DESCRIBE_INTERVAL_LEAST)
		return "cannot be told, too few rounds";
	if (s->low >= least || s->high <= most)
		return "met";
	return s->high < least || s->low > most ? "not met" : "cannot be told";
}

/* "1.23 (1.20-1.30, 95 % of 15 rounds)". */
static void spread_print(const struct spread *s, const char *unit, FILE *to)
{
	if (s->n == 0)
		fputs("n/a", to);
	else
		fprintf(to, "%.3g%s (%.3g-%.3g, %s of %zu rounds)", s->mid, unit,
			s->low, s->high,
			s->n < DESCRIBE_INTERVAL_LEAST ? "range" : "95 %", s->n);
}

/* NAN: no such bound. */
static void goal_print(const struct spread *s, double least, double most, FILE *to)
{
	spread_print(s, "", to);
	if (s->n > 0 && !isnan(least))
		fprintf(to, "   at least %g: %s", least, verdict(s, least, NAN));
	if (s->n > 0 && !isnan(most))
		fprintf(to, "   at most %g: %s", most, verdict(s, NAN, most));
	fputc('\n', to);
}

/* A peer's time over one of ours, at another shape or size of slots: no goal. */
static void beside_print(const struct samples *all, const char *what, const char *ours,
			 const struct which *peer, FILE *to)
{
	struct which a = *peer;
	a.what = what;
	struct which b = a;
	b.ring = ours;
	struct spread s = ratio_of(all, &a, &b);
	fprintf(to, "    no goal: %s, %s %s: ", what, a.ring,
		strcmp(ours, "ring") == 0 ? "over ring"
					  : "(8 bytes) over ring-items (16)");
	spread_print(&s, "", to);
	fputc('\n', to);
}

/* What is asked of ours between two cores: so many times a peer's rate.  Only where the
 * ring is never empty does that show what the ring itself takes. */
static void peer_print(const struct samples *all, const struct which *peer,
		       double least, FILE *to)
{
	struct which ours = *peer;
	ours.ring = "ring";
	struct spread s = ratio_of(all, peer, &ours);
	const char *why = s.n == 0 ? reason_of(all, peer) : NULL;
	fprintf(to,
		"%s, slots of 8 bytes, cores: a message by %s over one by ring, "
		"batches of %d: ",
		peer->what, peer->ring, peer->batch);
	if (why) {
		fprintf(to, "n/a: %s\n", why);
		return;
	}
	goal_print(&s, least, NAN, to);
	if (strcmp(peer->what, "never-empty") != 0)
		return;
	beside_print(all, peer->what, "ring-items", peer, to);
	beside_print(all, "often-empty", "ring", peer, to);
}

/* The same goals in each shape that they are judged in. */
static void peers_print(const struct samples *all, const char *what, FILE *to)
{
	static const struct {
		const char *peer;
		int batch;
		double least;
	} goals[] = {{"ck_ring", 1, 2},  {"rte_ring", 1, 2},  {"ck_ring", 8, 2},
		     {"rte_ring", 8, 2}, {"rte_ring", 32, 1}, {"ck_ring", 32, NAN}};
	for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
		struct which peer = {what, "cores", goals[i].peer, goals[i].batch};
		peer_print(all, &peer, goals[i].least, to);
	}
}

/* Within a thread: ours, with its goal, and the peers. */
static void pass_print(const struct samples *all, FILE *to)
{
	struct which pass = {"same-thread", "thread", "ring", 1};
	struct spread s = spread_of(all, &pass);
	fputs("a message within a thread, ns: ", to);
	goal_print(&s, NAN, 10, to);
	fputs("    beside it:", to);
	for (int i = 1; i < NAMES; i++) {
		pass.ring = names[i];
		s = spread_of(all, &pass);
		fprintf(to, "%s %s ", i > 1 ? "," : "", names[i]);
		spread_print(&s, " ns", to);
	}
	fputc('\n', to);
}

/* That one is not slower can be shown only with a margin: of two that are equal the
 * interval always holds 1. */
static void wake_print(const struct samples *all, FILE *to)
{
	const struct which doorbell = {"wake", "cores", "doorbell", 1};
	const struct which futex = {"wake", "cores", "futex", 1};
	struct spread s = ratio_of(all, &doorbell, &futex);
	fputs("a wake-up by doorbell over one by futex (not private): ", to);
	goal_print(&s, NAN, wake_most, to);
	fputs("    with a margin of 5 %, as of two that are equal; doorbell ", to);
	s = spread_of(all, &doorbell);
	spread_print(&s, " ns", to);
	fputs(", futex ", to);
	s = spread_of(all, &futex);
	spread_print(&s, " ns", to);
	fputc('\n', to);
}

static void others_print(const struct samples *all, FILE *to)
{
	const struct which elided = {"elided", "cores", "link", 8};
	struct spread s = spread_of(all, &elided);
	pass_print(all, to);
	wake_print(all, to);
	fputs("share of signals elided on a saturated link, batches of 8: ", to);
	goal_print(&s, 0.9, NAN, to);
}

static void experiment_print(const struct run *r, const struct experiment *e, FILE *to)
{
	static const char *const whats[] = {"never-empty", "often-empty", "often-full",
					    "ping-pong"};
	static const char *const places[] = {"smt", "cores", "processes"};
	static const char *const judged[] = {"never-empty", "often-full", "ping-pong"};
	struct samples all = {0};
	rounds_read(r, e, "rings.tsv", RING_COLUMNS, sample_take, &all);
	fprintf(to, "\n%s: %s\n%-34s", e->name, e->summary, "ns a message, by batch");
	for (int i = 0; i < BATCHES; i++)
		fprintf(to, " %8d ", batches[i]);
	fputc('\n', to);
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		for (size_t j = 0; j < sizeof places / sizeof *places; j++)
			place_print(&all, whats[i], places[j], to);
	place_print(&all, "same-thread", "thread", to);
	fputs("*: its rounds differ by more than twice\n", to);
	for (size_t i = 0; i < sizeof judged / sizeof *judged; i++)
		peers_print(&all, judged[i], to);
	fputs("often-full waits for the consumer, ping-pong for two lines of memory, "
	      "whosever the ring is: docs/rings.md\n",
	      to);
	others_print(&all, to);
	if (*e->published)
		fprintf(to, "elsewhere: %s\n", e->published);
	free(all.list);
}

void rings_table(const struct run *r, FILE *to)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (r->suite.experiment[i].kind == KIND_RINGS)
			experiment_print(r, &r->suite.experiment[i], to);
	}
}
