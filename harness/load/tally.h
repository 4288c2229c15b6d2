/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run adds up to.  A request belongs to the window if it was *planned* in it,
 * however late it was sent or answered; all counts are of these unless they say
 * otherwise. */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/load/gauge.h"
#include "harness/stats/histogram.h"

/* Every planned request ends as exactly one of these. */
enum outcome {
	OUTCOME_GOOD,
	OUTCOME_BAD_STATUS,
	OUTCOME_BAD_BODY,      /* wrong length or checksum */
	OUTCOME_ERROR,         /* not a reply, or a failure of our own system */
	OUTCOME_TIMEOUT,       /* the kernel gave up on the connection */
	OUTCOME_NO_CONNECTION, /* more sessions live than --max-live */
	OUTCOME_RESET, /* closed or reset by the server before the reply's end */
	OUTCOME_REFUSED,
	OUTCOME_LOST, /* not answered when the drain ended */
	OUTCOMES,
};

/* For people and for messages. */
extern const char *const outcome_names[OUTCOMES];

struct request {
	uint64_t planned_ns;
	uint64_t sent_ns; /* 0: not yet */
};

enum {
	TALLY_SAMPLES = 200, /* of the in-flight count over the window, for its trend */
	TALLY_DETAIL_MAX = 160,
};

struct tally {
	uint64_t start_ns, end_ns; /* of the window */

	uint64_t planned;
	uint64_t arrived; /* arrivals of the schedule: requests, or sessions */
	uint64_t sent;
	uint64_t received;
	uint64_t outcomes[OUTCOMES];
	uint64_t unmade; /* planned, but the server had ended their session */
	double busy_ns;  /* sum of received - sent */
	struct histogram latency, service, lag;

	/* Events inside the window, whenever the request was planned. */
	uint64_t sent_inside, received_inside, good_inside, bytes_inside,
		connects_inside;

	struct gauge in_flight; /* sent, not answered */
	struct gauge live;      /* open connections */
	struct trend trend;     /* of in_flight, per second */
	uint64_t in_flight_start, in_flight_end;
	uint64_t samples;

	uint64_t unsent; /* planned and due, not sent */
	uint64_t unsent_max;

	/* Over the whole run, for messages. */
	uint64_t replies;
	uint64_t last_reply_ns, last_refused_ns;
	char detail[TALLY_DETAIL_MAX]; /* of the first failure */
};

/* 0 or -ENOMEM.  No window yet: nothing is inside. */
int tally_open(struct tally *tally);
void tally_close(struct tally *tally);

/* Fixes the window, which lies ahead. */
void tally_window(struct tally *tally, uint64_t start_ns, uint64_t end_ns);

/* The window ends early, now. */
void tally_truncate(struct tally *tally, uint64_t now_ns);

/* Takes the samples that are due; to be called before the events that happened by
 * now_ns. */
void tally_advance(struct tally *tally, uint64_t now_ns);

/* When the next sample is due; UINT64_MAX after the window. */
uint64_t tally_next_sample_ns(const struct tally *tally);

/* A request became due.  `first` if the schedule planned it, not a reply. */
void tally_planned(struct tally *tally, uint64_t planned_ns, bool first);

/* It was sent: sent_ns is set. */
void tally_sent(struct tally *tally, const struct request *request);

/* It ended. */
void tally_ended(struct tally *tally, const struct request *request,
		 enum outcome outcome, uint64_t now_ns);

/* A session failed and took `count` further requests with it, which share its fate. */
void tally_unmade(struct tally *tally, uint64_t planned_ns, enum outcome outcome,
		  uint64_t count);

void tally_bytes(struct tally *tally, uint64_t count, uint64_t now_ns);
void tally_live(struct tally *tally, int change, uint64_t now_ns);

/* Kolmogorov-Smirnov distance of the sent arrivals from the planned ones; NAN without
 * any. */
double tally_ks_distance(const struct tally *tally);

/* |L - lambda W| / L; NAN if nothing was in flight. */
double tally_little_error(struct tally *tally);

/* Planned requests that ended other than well, the lost ones aside. */
uint64_t tally_failed(const struct tally *tally);

double tally_window_s(const struct tally *tally);

#endif
