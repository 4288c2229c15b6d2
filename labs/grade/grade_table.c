/* SPDX-License-Identifier: BSD-2-Clause */
/* grade_table.c - the tables are made from the results on disk, and from nothing else.
 */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/grade/grade_table.h"
#include "labs/grade/path.h"
#include "labs/grade/result.h"

/* RFC 4180: a field with a comma, a quote or a line's end is quoted, quotes are
 * doubled. */
static void field_write(FILE *file, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text; text++)
		fprintf(file, *text == '"' ? "\"\"" : "%c", *text);
	putc('"', file);
}

static json_t *submission_read(const char *out, const char *name)
{
	char path[PATH_MAX];
	path_make(path, "%s/%s/results.json", out, name);
	return json_load_file(path, 0, NULL);
}

static void row_write(FILE *file, const char *name, const json_t *json)
{
	const json_t *extra = json_object_get(json, "extra_data");
	const json_t *parts = json_object_get(extra, "parts");
	bool complete = json_is_true(json_object_get(extra, "complete"));
	field_write(file, name);
	if (complete)
		fprintf(file, ",%g", json_number_value(json_object_get(json, "score")));
	else
		fputs(",nan", file);
	for (enum lab_part part = 0; part < PARTS; part++)
		if (parts)
			fprintf(file, ",%g",
				json_number_value(
					json_object_get(parts, part_name(part))));
		else
			fputs(",nan", file);
	fprintf(file, ",%s\n", complete ? "graded" : "regrade");
}

/* Which tests, and why: the first line of what became of them; those that nobody has
 * come to are one line. */
static size_t regrade_write(FILE *file, const struct lab *lab, const char *name,
			    const json_t *json)
{
	size_t failed = 0, missing = lab->n;
	const json_t *tests = json_object_get(json, "tests");
	for (size_t i = 0; missing > 0 && i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);
		const char *verdict = NULL, *known = NULL, *output = NULL;
		if (json_unpack((json_t *)test, "{ss s{ss ss}}", "output", &output,
				"extra_data", "test", &known, "verdict", &verdict) != 0)
			continue;
		missing--;
		if (strcmp(verdict, "pass") == 0 || strcmp(verdict, "fail") == 0)
			continue;
		const char *why = strchr(output, '\n');
		why = why ? why + 1 : output;
		if (file)
			fprintf(file, "%s\t%s\t%.*s\n", name, known,
				(int)strcspn(why, "\t\n"), why);
		failed++;
	}
	if (file && missing > 0)
		fprintf(file, "%s\t-\t%zu of %zu tests not judged\n", name, missing,
			lab->n);
	return failed + missing;
}

static int text_store(const char *out, const char *name, FILE *file, char **text)
{
	char path[PATH_MAX];
	path_make(path, "%s/%s", out, name);
	if (fclose(file) != 0)
		return -errno;
	int error = file_replace(path, *text);
	free(*text);
	return error;
}

int table_write(const char *out, const struct lab *lab, char *const *names, size_t n)
{
	char *rows = NULL, *again = NULL;
	size_t rows_n, again_n;
	FILE *table = open_memstream(&rows, &rows_n),
	     *regrade = open_memstream(&again, &again_n);
	if (!table || !regrade)
		return -ENOMEM;
	fputs("submission,score,functional,own,counts,written,bonus,status\n", table);
	fputs("submission\ttest\twhy\n", regrade);
	for (size_t i = 0; i < n; i++) {
		json_t *json = submission_read(out, names[i]);
		row_write(table, names[i], json);
		regrade_write(regrade, lab, names[i], json);
		json_decref(json);
	}
	int error = text_store(out, "grades.csv", table, &rows);
	int second = text_store(out, "regrade.tsv", regrade, &again);
	return error < 0 ? error : second;
}

size_t table_regrade(const char *out, const struct lab *lab, char *const *names,
		     size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		json_t *json = submission_read(out, names[i]);
		count += regrade_write(NULL, lab, names[i], json);
		json_decref(json);
	}
	return count;
}
