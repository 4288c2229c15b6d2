/* SPDX-License-Identifier: BSD-2-Clause */
/* tsv.c - the tables of a run folder. */
#include "config.h"

#include "harness/bench/tsv.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

FILE *tsv_begin(const struct run *r, const char *name, const char *header)
{
	char path[PATH_MAX + 32];
	snprintf(path, sizeof path, "%s/%s", r->folder, name);
	FILE *to = fopen(path, "we");
	if (to)
		fputs(header, to);
	return to;
}

int tsv_end(FILE *to)
{
	int failed = ferror(to);
	errno = 0;
	if (fclose(to) == 0 && !failed)
		return 0;
	return errno ? -errno : -EIO; /* EIO: it was seen before, and is over */
}

void tsv_put(FILE *to, double value)
{
	if (isnan(value))
		fputs("\tnan", to);
	else
		fprintf(to, "\t%.8g", value);
}

void tsv_put_spread(FILE *to, const struct spread *s)
{
	tsv_put(to, s->mid);
	tsv_put(to, s->low);
	tsv_put(to, s->high);
}
