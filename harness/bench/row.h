/* SPDX-License-Identifier: BSD-2-Clause */
/* row.h - one row of trials.tsv.  results/SCHEMA.md says what each column means; the
 * order here is the order there. */
#ifndef DUALITY_ROW_H
#define DUALITY_ROW_H

#include <stdbool.h>
#include <stdio.h>

enum column {
	COLUMN_TRIAL,
	COLUMN_EXPERIMENT,
	COLUMN_PHASE,
	COLUMN_BLOCK,
	COLUMN_VARIANT,
	COLUMN_FAMILY,
	COLUMN_ATTEMPT,
	COLUMN_VOID,
	COLUMN_FLAGGED,
	COLUMN_OFFERED_RPS,
	COLUMN_SENT_RPS,
	COLUMN_RECEIVED_RPS,
	COLUMN_GOOD_RPS,
	COLUMN_PLANNED,
	COLUMN_GOOD,
	COLUMN_LOST,
	COLUMN_BAD,
	COLUMN_ERRORS,
	COLUMN_NO_CONNECTION,
	COLUMN_RESETS,
	COLUMN_LAT_MEAN,
	COLUMN_LAT_P50,
	COLUMN_LAT_P90,
	COLUMN_LAT_P99,
	COLUMN_LAT_P999,
	COLUMN_LAT_MAX,
	COLUMN_SVC_P50,
	COLUMN_SVC_P99,
	COLUMN_LAG_P50,
	COLUMN_LAG_P99,
	COLUMN_IN_FLIGHT_MEAN,
	COLUMN_IN_FLIGHT_SLOPE,
	COLUMN_IN_FLIGHT_SLOPE_SE,
	COLUMN_LIVE_MEAN,
	COLUMN_LIVE_MAX,
	COLUMN_LITTLE_ERROR,
	COLUMN_KS,
	COLUMN_WINDOW_S,
	COLUMN_CLIENT_CPU_SHARE,
	COLUMN_CLIENT_GAP,
	COLUMN_CLIENT_LATE_SHARE,
	COLUMN_REQUESTS,
	COLUMN_CPU_USER_US,
	COLUMN_CPU_SYSTEM_US,
	COLUMN_CPU_US,
	COLUMN_CTX,
	COLUMN_CTX_VOLUNTARY,
	COLUMN_CTX_INVOLUNTARY,
	COLUMN_CTX_USER,
	COLUMN_FAULTS_MINOR,
	COLUMN_FAULTS_MAJOR,
	COLUMN_RSS_PEAK_KIB,
	COLUMN_SOFTIRQ_SHARE,
	COLUMN_IDLE_SHARE,
	COLUMN_STEAL_SHARE,
	COLUMN_CLIENT_STEAL_SHARE,
	COLUMN_LISTEN_OVERFLOWS,
	COLUMN_LISTEN_DROPS,
	COLUMN_LOADS,
	COLUMN_DEFERRED,
	COLUMN_CLOSED_NO_FD,
	COLUMN_REFUSED,
	COLUMN_CONNECTIONS_PEAK,
	COLUMN_PASS,
	COLUMN_STARTED,
	COLUMN_HIST,
	COLUMN_LOAD_RPS,
	COLUMN_IDLE,
	COLUMN_IDLE_ALIVE,
	COLUMN_CROSSINGS,
	COLUMN_DEVICE_KIB,
	COLUMN_STRANGER_SHARE,
	COLUMN_CLIENT_IDLE_SHARE,
	COLUMN_CLIENT_STRANGER_SHARE,
	COLUMN_CONNECTS,
	COLUMN_ACCEPTED,
	COLUMN_TIMELY,
	COLUMN_LOCK_WAITS,
	COLUMN_POINT,
	COLUMN_ACHIEVED_MBPS,
	COLUMN_UNSENT,
	COLUMN_CLIENT_DROPS,
	COLUMN_ELSEWHERE,
	COLUMN_SOCKET_DROPS,
	COLUMN_RING_DROPS,
	COLUMN_INSIDE_DROPS,
	COLUMN_DEVICE_DROPS,
	COLUMN_SERVER_BUSY,
	COLUMN_MACHINE_BUSY,
	COLUMN_BILLED,
	COLUMN_NOTE,
	COLUMNS
};

enum { ROW_TEXT = 120 };

/* A column is a number or a text, never both; see row_is_text. */
struct row {
	double number[COLUMNS];
	char text[COLUMNS][ROW_TEXT];
};

/* All numbers NAN, all texts empty. */
void row_clear(struct row *r);

/* Store a number as it will be read back from the file, so that a decision made on it
 * is made again by a resumed run. */
void row_set(struct row *r, enum column c, double value);

/* Store a text; tabs and newlines become spaces. */
void row_text(struct row *r, enum column c, const char *text);

bool row_is_text(enum column c);
const char *row_column(enum column c);

/* Did the server fail, was it void, does it count?  A flagged row counts. */
bool row_is_void(const struct row *r);
bool row_counts(const struct row *r);

/* Was it void by what others did, and not by what server or load generator failed in?
 */
bool row_is_spoilt(const struct row *r);

/* Replies a second within the latency limit of the request's plan; NAN. */
double row_goodput_rps(const struct row *r);

/* Write the header line or one row.  0 or -errno. */
int row_print_header(FILE *to);
int row_print(const struct row *r, FILE *to);

/* Parse one line (changed; without its newline).  0 or -EINVAL. */
int row_parse(struct row *r, char *line);
#endif
