/* SPDX-License-Identifier: BSD-2-Clause */
/* Adding a run up; see tally.h. */
#include "config.h"

#include "harness/load/tally.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_GOOD] = "good",         [OUTCOME_BAD_STATUS] = "bad status",
	[OUTCOME_BAD_BODY] = "bad body", [OUTCOME_ERROR] = "errors",
	[OUTCOME_TIMEOUT] = "timeouts",  [OUTCOME_NO_CONNECTION] = "no connection",
	[OUTCOME_RESET] = "resets",      [OUTCOME_REFUSED] = "refused",
	[OUTCOME_LOST] = "lost",
};

void tally_window(struct tally *tally, uint64_t start_ns, uint64_t end_ns)
{
	tally->start_ns = start_ns;
	tally->end_ns = end_ns;
	tally->in_flight.start_ns = tally->live.start_ns = start_ns;
	tally->in_flight.end_ns = tally->live.end_ns = end_ns;
}

int tally_open(struct tally *tally)
{
	memset(tally, 0, sizeof *tally);
	tally_window(tally, UINT64_MAX, UINT64_MAX);
	if (histogram_open(&tally->latency) < 0 ||
	    histogram_open(&tally->service) < 0 || histogram_open(&tally->lag) < 0) {
		tally_close(tally);
		return -ENOMEM;
	}
	return 0;
}

void tally_close(struct tally *tally)
{
	histogram_close(&tally->latency);
	histogram_close(&tally->service);
	histogram_close(&tally->lag);
}

static bool is_inside(const struct tally *tally, uint64_t time_ns)
{
	return time_ns >= tally->start_ns && time_ns < tally->end_ns;
}

void tally_truncate(struct tally *tally, uint64_t now_ns)
{
	/* One past now: what was planned just now stays inside. */
	tally->end_ns = now_ns >= tally->start_ns ? now_ns + 1 : tally->start_ns;
	tally->in_flight.end_ns = tally->live.end_ns = tally->end_ns;
	tally->in_flight_end = tally->in_flight.level;
	tally->samples = TALLY_SAMPLES + 1;
}

/* Samples 0..TALLY_SAMPLES: both borders are among them. */
uint64_t tally_next_sample_ns(const struct tally *tally)
{
	if (tally->samples > TALLY_SAMPLES)
		return UINT64_MAX;
	uint64_t window_ns = tally->end_ns - tally->start_ns;
	return tally->start_ns + window_ns * tally->samples / TALLY_SAMPLES;
}

void tally_advance(struct tally *tally, uint64_t now_ns)
{
	uint64_t due_ns;
	while ((due_ns = tally_next_sample_ns(tally)) <= now_ns) {
		uint64_t level = tally->in_flight.level;
		trend_add(&tally->trend, (double)(due_ns - tally->start_ns) / 1e9,
			  (double)level);
		if (tally->samples == 0)
			tally->in_flight_start = level;
		if (tally->samples == TALLY_SAMPLES)
			tally->in_flight_end = level;
		tally->samples++;
	}
}

void tally_planned(struct tally *tally, uint64_t planned_ns, bool first)
{
	if (!is_inside(tally, planned_ns))
		return;
	tally->planned++;
	tally->arrived += first;
	if (++tally->unsent > tally->unsent_max)
		tally->unsent_max = tally->unsent;
}

void tally_sent(struct tally *tally, const struct request *request)
{
	uint64_t sent_ns = request->sent_ns;
	gauge_set(&tally->in_flight, tally->in_flight.level + 1, sent_ns);
	if (is_inside(tally, sent_ns))
		tally->sent_inside++;
	if (!is_inside(tally, request->planned_ns))
		return;
	tally->sent++;
	tally->unsent--;
	histogram_record(&tally->lag, sent_ns - request->planned_ns);
}

/* The reply's times, for a request planned inside the window. */
static void times_record(struct tally *tally, const struct request *request,
			 enum outcome outcome, uint64_t now_ns)
{
	if (outcome == OUTCOME_GOOD) {
		histogram_record(&tally->latency, now_ns - request->planned_ns);
		histogram_record(&tally->service, now_ns - request->sent_ns);
	} else if (outcome == OUTCOME_LOST) {
		histogram_lose(&tally->latency, 1);
		histogram_lose(request->sent_ns ? &tally->service : &tally->lag, 1);
	}
}

void tally_ended(struct tally *tally, const struct request *request,
		 enum outcome outcome, uint64_t now_ns)
{
	bool answered = outcome <= OUTCOME_BAD_BODY;
	if (request->sent_ns)
		gauge_set(&tally->in_flight, tally->in_flight.level - 1, now_ns);
	if (answered) {
		tally->replies++;
		tally->last_reply_ns = now_ns;
	}
	if (outcome == OUTCOME_REFUSED)
		tally->last_refused_ns = now_ns;
	if (answered && is_inside(tally, now_ns)) {
		tally->received_inside++;
		tally->good_inside += outcome == OUTCOME_GOOD;
	}
	if (!is_inside(tally, request->planned_ns))
		return;
	tally->outcomes[outcome]++;
	tally->received += answered;
	times_record(tally, request, outcome, now_ns);
	if (request->sent_ns)
		tally->busy_ns += (double)(now_ns - request->sent_ns);
	else
		tally->unsent--;
}

void tally_unmade(struct tally *tally, uint64_t planned_ns, enum outcome outcome,
		  uint64_t count)
{
	if (!is_inside(tally, planned_ns))
		return;
	tally->planned += count;
	tally->outcomes[outcome] += count;
	if (outcome != OUTCOME_NO_CONNECTION)
		tally->unmade += count;
}

void tally_bytes(struct tally *tally, uint64_t count, uint64_t now_ns)
{
	if (is_inside(tally, now_ns))
		tally->bytes_inside += count;
}

void tally_live(struct tally *tally, int change, uint64_t now_ns)
{
	gauge_set(&tally->live, tally->live.level + (uint64_t)change, now_ns);
	if (change > 0 && is_inside(tally, now_ns))
		tally->connects_inside++;
}

/* Requests are never sent before they are due, so at each instant the two distribution
 * functions differ by the requests that are due and unsent; the largest such backlog
 * over the number planned is the distance, exactly. */
double tally_ks_distance(const struct tally *tally)
{
	if (tally->planned == 0)
		return NAN;
	return (double)tally->unsent_max / (double)tally->planned;
}

double tally_little_error(struct tally *tally)
{
	double in_flight = gauge_mean(&tally->in_flight);
	double lambda_w = tally->busy_ns / 1e9 / tally_window_s(tally);
	return in_flight > 0 ? fabs(in_flight - lambda_w) / in_flight : NAN;
}

uint64_t tally_failed(const struct tally *tally)
{
	uint64_t failed = 0;
	for (int i = OUTCOME_BAD_STATUS; i < OUTCOME_LOST; i++)
		failed += tally->outcomes[i];
	return failed;
}

double tally_window_s(const struct tally *tally)
{
	return (double)(tally->end_ns - tally->start_ns) / 1e9;
}
