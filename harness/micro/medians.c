/* SPDX-License-Identifier: BSD-2-Clause */
/* medians.c - tables of primitives. */
#include "config.h"

#include "harness/micro/medians.h"

#include <math.h>
#include <string.h>

#include "harness/stats/describe.h"

enum { TEXT = 32, ROUNDS = 1000 };

const double medians_steal_most = 0.02;

/* 1234567 -> "1.23M/s" */
static void rate_text(char text[TEXT], double value)
{
	static const char *const thousands[] = {"", "k", "M", "G"};
	size_t i = 0;
	for (; fabs(value) >= 999.5 && i < 3; i++)
		value /= 1000;
	snprintf(text, TEXT, "%.3g%s/s", value, thousands[i]);
}

/* 12345 ns -> "12.3 us"; other units stay. */
static void value_text(char text[TEXT], double value, const char *unit)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	size_t i = 0;
	if (isnan(value)) {
		snprintf(text, TEXT, "n/a");
		return;
	}
	if (strcmp(unit, "1/s") == 0) {
		rate_text(text, value);
		return;
	}
	if (strcmp(unit, "ns") != 0) {
		snprintf(text, TEXT, "%.2f %s", value, unit);
		return;
	}
	for (; fabs(value) >= 999.5 && i < 3; i++)
		value /= 1000;
	snprintf(text, TEXT, "%.*f %s",
		 value < 9.995   ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, units[i]);
}

static void item_print(const struct item *item, FILE *to)
{
	double values[ROUNDS] = {0};
	char mid[TEXT], low[TEXT], high[TEXT], name[2 * PLAN_NAME];
	size_t n = 0, stolen = 0;
	for (size_t i = 0; i < item->n && n < ROUNDS; i++) {
		stolen += item->sample[i].steal_share > medians_steal_most;
		if (!isnan(item->sample[i].value))
			values[n++] = item->sample[i].value;
	}
	value_text(mid, describe_median(values, n), item->unit);
	value_text(low, describe_min(values, n), item->unit);
	value_text(high, describe_max(values, n), item->unit);
	snprintf(name, sizeof name, item->live ? "%s@%u" : "%s", item->primitive,
		 item->live);
	fprintf(to, "%-18s %-18s %10s  %10s to %-10s %zu", name, item->runtime, mid,
		low, high, n);
	if (stolen)
		fprintf(to, ", steal in %zu", stolen);
	fputs(*item->note ? "  *\n" : "\n", to);
}

/* Is it the first of its primitive and number? */
static bool item_begins(const struct plan *p, size_t which)
{
	for (size_t i = 0; i < which; i++) {
		if (strcmp(p->item[i].primitive, p->item[which].primitive) == 0 &&
		    p->item[i].live == p->item[which].live)
			return false;
	}
	return true;
}

static void group_print(const struct plan *p, size_t first, FILE *to)
{
	for (size_t i = first; i < p->n; i++) {
		if (strcmp(p->item[i].primitive, p->item[first].primitive) == 0 &&
		    p->item[i].live == p->item[first].live)
			item_print(&p->item[i], to);
	}
}

void medians_print(const struct plan *p, FILE *to)
{
	fprintf(to, "%-18s %-18s %10s  %-24s %s\n", "primitive@live", "runtime",
		"median", "     range", "rounds");
	for (size_t i = 0; i < p->n; i++) {
		if (item_begins(p, i))
			group_print(p, i, to);
	}
	for (size_t i = 0; i < p->n; i++) {
		if (*p->item[i].note)
			fprintf(to, "* %s %s@%u: %s\n", p->item[i].runtime,
				p->item[i].primitive, p->item[i].live, p->item[i].note);
	}
	for (size_t i = 0; i < p->absents; i++)
		fprintf(to, "n/a %s\n", p->absent[i]);
}
