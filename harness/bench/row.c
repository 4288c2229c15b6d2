/* SPDX-License-Identifier: BSD-2-Clause */
/* row.c - the columns of trials.tsv, written and read. */
#include "config.h"

#include "harness/bench/row.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 40 };

static const char *const columns[COLUMNS] = {
	"trial",
	"experiment",
	"phase",
	"block",
	"variant",
	"family",
	"attempt",
	"void",
	"flagged",
	"offered_rps",
	"sent_rps",
	"received_rps",
	"good_rps",
	"planned",
	"good",
	"lost",
	"bad",
	"errors",
	"no_connection",
	"resets",
	"lat_mean",
	"lat_p50",
	"lat_p90",
	"lat_p99",
	"lat_p999",
	"lat_max",
	"svc_p50",
	"svc_p99",
	"lag_p50",
	"lag_p99",
	"in_flight_mean",
	"in_flight_slope",
	"in_flight_slope_se",
	"live_mean",
	"live_max",
	"little_error",
	"ks",
	"window_s",
	"client_cpu_share",
	"client_gap",
	"client_late_share",
	"requests",
	"cpu_user_us",
	"cpu_system_us",
	"cpu_us",
	"ctx",
	"ctx_voluntary",
	"ctx_involuntary",
	"ctx_user",
	"faults_minor",
	"faults_major",
	"rss_peak_kib",
	"softirq_share",
	"idle_share",
	"steal_share",
	"client_steal_share",
	"listen_overflows",
	"listen_drops",
	"loads",
	"deferred",
	"closed_no_fd",
	"refused",
	"connections_peak",
	"pass",
	"started",
	"hist",
	"load_rps",
	"idle",
	"idle_alive",
	"crossings",
	"device_kib",
	"stranger_share",
	"client_idle_share",
	"client_stranger_share",
	"connects",
	"accepted",
	"timely",
	"lock_waits",
	"point",
	"achieved_mbps",
	"unsent",
	"client_drops",
	"elsewhere",
	"socket_drops",
	"ring_drops",
	"inside_drops",
	"device_drops",
	"server_busy",
	"machine_busy",
	"billed",
	"note",
};

bool row_is_text(enum column c)
{
	switch (c) {
	case COLUMN_EXPERIMENT:
	case COLUMN_PHASE:
	case COLUMN_VARIANT:
	case COLUMN_FAMILY:
	case COLUMN_VOID:
	case COLUMN_HIST:
	case COLUMN_BILLED:
	case COLUMN_NOTE:
		return true;
	default:
		return false;
	}
}

const char *row_column(enum column c)
{
	return columns[c];
}

void row_clear(struct row *r)
{
	memset(r, 0, sizeof *r);
	for (int c = 0; c < COLUMNS; c++)
		r->number[c] = NAN;
	row_text(r, COLUMN_VOID, "0");
}

static void number_format(char text[NUMBER_TEXT], double value)
{
	if (isnan(value))
		strcpy(text, "nan"); /* printf may say -nan */
	else
		snprintf(text, NUMBER_TEXT, "%.12g", value);
}

void row_set(struct row *r, enum column c, double value)
{
	char text[NUMBER_TEXT];
	number_format(text, value);
	r->number[c] = strtod(text, NULL);
}

void row_text(struct row *r, enum column c, const char *text)
{
	snprintf(r->text[c], ROW_TEXT, "%s", text);
	for (char *at = r->text[c]; (at = strpbrk(at, "\t\r\n"));)
		*at = ' ';
}

bool row_is_void(const struct row *r)
{
	return strcmp(r->text[COLUMN_VOID], "0") != 0;
}

bool row_counts(const struct row *r)
{
	return !row_is_void(r) || r->number[COLUMN_FLAGGED] == 1;
}

bool row_is_spoilt(const struct row *r)
{
	const char *why = r->text[COLUMN_VOID];
	return row_is_void(r) && strcmp(why, "server") != 0 && strcmp(why, "load") != 0;
}

static int print_status(FILE *to)
{
	return ferror(to) ? -EIO : 0;
}

double row_goodput_rps(const struct row *r)
{
	return r->number[COLUMN_TIMELY] / r->number[COLUMN_WINDOW_S];
}

int row_print_header(FILE *to)
{
	for (int c = 0; c < COLUMNS; c++)
		fprintf(to, "%s%c", columns[c], c + 1 < COLUMNS ? '\t' : '\n');
	return print_status(to);
}

int row_print(const struct row *r, FILE *to)
{
	for (enum column c = 0; c < COLUMNS; c++) {
		char number[NUMBER_TEXT];
		const char *cell = number;
		if (row_is_text(c))
			cell = *r->text[c] ? r->text[c] : "-";
		else
			number_format(number, r->number[c]);
		fprintf(to, "%s%c", cell, c + 1 < COLUMNS ? '\t' : '\n');
	}
	return print_status(to);
}

int row_parse(struct row *r, char *line)
{
	row_clear(r);
	for (enum column c = 0; c < COLUMNS; c++) {
		char *cell = strsep(&line, "\t");
		char *end;
		if (!cell || !*cell)
			return -EINVAL;
		if (row_is_text(c)) {
			row_text(r, c, strcmp(cell, "-") == 0 ? "" : cell);
			continue;
		}
		r->number[c] = strtod(cell, &end);
		if (*end)
			return -EINVAL;
	}
	return line ? -EINVAL : 0;
}
