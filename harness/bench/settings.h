/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.h - INI files into structs by a table of keys.  Every error names file, line
 * and key on standard error; an unknown key is an error. */
#ifndef DUALITY_SETTINGS_H
#define DUALITY_SETTINGS_H

#include <jansson.h>
#include <stddef.h>

enum { SETTING_TEXT = 160, SETTING_LIST = 16 };

/* The field's type in the struct: char[SETTING_TEXT], double, int, struct setting_list,
 * int (the index of the word). */
enum setting_type { TYPE_TEXT, TYPE_REAL, TYPE_WHOLE, TYPE_LIST, TYPE_CHOICE };

struct setting_list {
	size_t n;
	double value[SETTING_LIST];
};

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;
	double low, high;           /* of a number */
	const char *const *choices; /* NULL-terminated */
};

/* Store one value.  Returns NULL, or what is wrong with it (static text). */
const char *setting_store(const struct setting *table, void *into, const char *key,
			  const char *value);

/* All settings as a JSON object, for the manifest. */
json_t *settings_json(const struct setting *table, const void *from);

/* Takes one line's value, or the beginning of a section (key and value NULL); returns
 * NULL, or what is wrong (or "" if that is told already). */
struct settings_taker {
	const char *(*take)(void *to, const char *section, const char *key,
			    const char *value);
	void *to;
};

/* Read a file.  0, or -EINVAL or -errno after one line on standard error. */
int settings_read(const char *path, const struct settings_taker *taker);
#endif
