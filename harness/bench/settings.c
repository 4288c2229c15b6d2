/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.c - INI files into structs by a table of keys. */
#include "config.h"

#include "harness/bench/settings.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the text after the number, or NULL. */
static const char *number_read(const char *text, const struct setting *s, double *out)
{
	char *end;
	errno = 0;
	*out = strtod(text, &end);
	if (end == text || errno || !isfinite(*out) || *out < s->low || *out > s->high)
		return NULL;
	return end;
}

static const char *real_store(const struct setting *s, double *into, const char *value)
{
	const char *end = number_read(value, s, into);
	return end && *end == '\0' ? NULL : "not a number in the range allowed";
}

static const char *whole_store(const struct setting *s, int *into, const char *value)
{
	double number;
	const char *end = number_read(value, s, &number);
	if (!end || *end || number != floor(number))
		return "not a whole number in the range allowed";
	*into = (int)number;
	return NULL;
}

static const char *list_store(const struct setting *s, struct setting_list *into,
			      const char *value)
{
	into->n = 0;
	value += strspn(value, " \t");
	while (*value) {
		if (into->n == SETTING_LIST)
			return "too many values";
		value = number_read(value, s, &into->value[into->n++]);
		if (!value || (*value && !strchr(" \t", *value)))
			return "not a list of numbers in the range allowed";
		value += strspn(value, " \t");
	}
	return NULL;
}

static const char *choice_store(const struct setting *s, int *into, const char *value)
{
	for (int i = 0; s->choices[i]; i++) {
		if (strcmp(s->choices[i], value) == 0) {
			*into = i;
			return NULL;
		}
	}
	return "not one of the words allowed";
}

static const char *text_store(char *into, const char *value)
{
	if (strlen(value) >= SETTING_TEXT)
		return "too long";
	strcpy(into, value);
	return NULL;
}

const char *setting_store(const struct setting *table, void *into, const char *key,
			  const char *value)
{
	const struct setting *s = table;
	while (s->key && strcmp(s->key, key) != 0)
		s++;
	if (!s->key)
		return "unknown key";
	void *field = (char *)into + s->offset;
	switch (s->type) {
	case TYPE_TEXT:
		return text_store(field, value);
	case TYPE_REAL:
		return real_store(s, field, value);
	case TYPE_WHOLE:
		return whole_store(s, field, value);
	case TYPE_LIST:
		return list_store(s, field, value);
	case TYPE_CHOICE:
		return choice_store(s, field, value);
	}
	return "unknown type";
}

static json_t *setting_json(const struct setting *s, const void *field)
{
	if (s->type == TYPE_TEXT)
		return json_string(field);
	if (s->type == TYPE_REAL)
		return json_real(*(const double *)field);
	if (s->type == TYPE_WHOLE)
		return json_integer(*(const int *)field);
	if (s->type == TYPE_CHOICE)
		return json_string(s->choices[*(const int *)field]);
	const struct setting_list *list = field;
	json_t *array = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_real(list->value[i]));
	return array;
}

json_t *settings_json(const struct setting *table, const void *from)
{
	json_t *object = json_object();
	for (const struct setting *s = table; s->key; s++) {
		const void *field = (const char *)from + s->offset;
		json_object_set_new(object, s->key, setting_json(s, field));
	}
	return object;
}

enum { SECTION_NAME = 64 };

/* inih as packaged does not tell its handler the line, so the reader counts. */
struct settings_file {
	const char *path;
	FILE *from;
	int line;
	bool told;
	const struct settings_taker *taker;
};

static void settings_tell(struct settings_file *f, const char *key, const char *what)
{
	if (!f->told && *what)
		fprintf(stderr, "duality bench: %s:%d: %s%s%s\n", f->path, f->line, key,
			*key ? ": " : "", what);
	f->told = true;
}

/* inih as packaged keeps silent on a section without keys; here it says something too.
 */
static void settings_section(struct settings_file *f, const char *line)
{
	char name[SECTION_NAME];
	const char *wrong;
	line += strspn(line, " \t");
	size_t length = *line == '[' ? strcspn(line + 1, "]\n") : 0;
	if (strncmp(line, "[]", 2) == 0)
		settings_tell(f, "[]", "a section without a name");
	if (length == 0 || line[length + 1] != ']')
		return; /* no section, or one that inih will complain of */
	snprintf(name, sizeof name, "%.*s", (int)length, line + 1);
	wrong = f->taker->take(f->taker->to, name, NULL, NULL);
	if (wrong)
		settings_tell(f, name, wrong);
}

static char *settings_line(char *line, int room, void *stream)
{
	struct settings_file *f = stream;
	if (f->told || !fgets(line, room, f->from))
		return NULL;
	f->line++;
	if (!strchr(line, '\n') && !feof(f->from)) {
		settings_tell(f, "", "line too long");
		return NULL;
	}
	settings_section(f, line);
	return f->told ? NULL : line;
}

static int settings_value(void *user, const char *section, const char *key,
			  const char *value)
{
	struct settings_file *f = user;
	const char *wrong = f->taker->take(f->taker->to, section, key, value);
	if (wrong)
		settings_tell(f, key, wrong);
	return !wrong;
}

int settings_read(const char *path, const struct settings_taker *taker)
{
	struct settings_file f = {
		.path = path, .from = fopen(path, "re"), .taker = taker};
	if (!f.from) {
		int error = -errno;
		fprintf(stderr, "duality bench: %s: %s\n", path, strerror(errno));
		return error;
	}
	int bad_line = ini_parse_stream(settings_line, &f, settings_value, &f);
	if (bad_line != 0 && !f.told) {
		f.line = bad_line > 0 ? bad_line : f.line;
		settings_tell(&f, "", "neither [section], KEY = VALUE nor a comment");
	}
	fclose(f.from);
	return f.told ? -EINVAL : 0;
}
