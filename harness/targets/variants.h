/* SPDX-License-Identifier: BSD-2-Clause */
/* variants.h - which variants there are.  Nothing registers one: every executable of
 * the servers folder is run with --about and tells. */
#ifndef DUALITY_VARIANTS_H
#define DUALITY_VARIANTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct variant {
	char *program; /* path */
	json_t *about; /* the object, as the program printed it */
	/* Out of `about`, which owns them: */
	const char *name, *family, *style, *summary;
};

struct absent {
	char *name, *reason;
	bool refused; /* it was built, but the kernel does not let it run */
};

struct variants {
	struct variant *list;
	size_t n;
	struct absent *absent;
	size_t absents;
	int problems; /* programs that did not keep the promise; told on standard error
		       */
};

/* Ask every program of folder `dir` (2 s each) and read its missing.tsv; who needs
 * io_uring(7) where the kernel refuses it is absent too.  A program
 * that fails is named on standard error and left out.  Sorted by name.  Returns 0 or
 * -errno; blocks. */
int variants_find(struct variants *out, const char *dir);

/* NULL if there is none of this name. */
const struct variant *variants_get(const struct variants *v, const char *name);

/* Why a variant is absent, or NULL if nobody knows it. */
const char *variants_reason(const struct variants *v, const char *name);

/* A variant without "protocols" speaks http. */
bool variant_speaks(const struct variant *v, const char *protocol);

/* What keeps this variant from answering an http request ("/spin?us=30"): static text,
 * or NULL if nothing does.  "lacks" of its --about lists the paths it does not serve.
 */
const char *variant_unfit(const struct variant *v, const char *request);

/* Does its --about name this option ("max-connections")? */
bool variant_takes(const struct variant *v, const char *option);

/* As many connections, or as many as it can hold at all, by its --about. */
double variant_room(const struct variant *v, double connections);

/* What it declares to do about overload: defer, refuse, 503; "-" if it does not say. */
const char *variant_overload(const struct variant *v);

/* The program's argument vector: argv[0], the variant's own arguments, then extra[],
 * NULL. The strings belong to the variant and to the caller; free() the array.  NULL:
 * no memory. */
char **variant_argv(const struct variant *v, char *const *extra, size_t extras);

void variants_free(struct variants *v);
#endif
