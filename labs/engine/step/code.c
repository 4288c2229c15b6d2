/* SPDX-License-Identifier: BSD-2-Clause */
/* code.c - chooses the functions under test by their names. */
#include "config.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "cpu.h"

/* What the compiler's start files bring along. */
static const char *const not_source[] = {
	"main",
	"_start",
	"_init",
	"_fini",
	"deregister_tm_clones",
	"register_tm_clones",
	"__do_global_dtors_aux",
	"frame_dummy",
	"_dl_relocate_static_pie",
	"call_weak_fn",
	"__libc_csu_init",
	"__libc_csu_fini",
	"__wrap_main",
	NULL,
};

static bool name_fits(const char *name, const char *const *patterns)
{
	for (; patterns && *patterns; patterns++)
		if (fnmatch(*patterns, name, 0) == 0)
			return true;
	return false;
}

/* Has the object file a function of that name and size? */
static bool object_has(const struct symbols *object, const struct symbol *function)
{
	for (size_t i = 0; i < object->n; i++) {
		const struct symbol *s = &object->list[i];
		if (s->function && s->size == function->size &&
		    strcmp(s->name, function->name) == 0)
			return true;
	}
	return false;
}

static int function_add(struct code *code, const struct symbols *program,
			const struct symbol *s)
{
	if (code->n > 0 && code->list[code->n - 1].end > s->address)
		return 0; /* another name of the same */
	enum { FUNCTION_MAX_BYTES = 1 << 20 };
	if (s->size > FUNCTION_MAX_BYTES)
		return -EFBIG;
	struct code_function *more = realloc(code->list, (code->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	code->list = more;
	unsigned char *bytes = calloc(1, s->size + CPU_BYTES);
	if (!bytes)
		return -ENOMEM;
	if (!symbols_bytes(program, s->address, bytes, s->size)) {
		free(bytes);
		return 0; /* not among what is loaded */
	}
	more[code->n++] =
		(struct code_function){s->address, s->address + s->size, bytes};
	return 0;
}

static bool function_chosen(const struct symbol *s, const char *const *names,
			    const struct symbols *objects, size_t n)
{
	if (!s->function || !s->main_table)
		return false;
	for (size_t i = 0; i < n; i++)
		if (object_has(&objects[i], s))
			return true;
	return names ? name_fits(s->name, names)
		     : n == 0 && !name_fits(s->name, not_source);
}

static int functions_choose(struct code *code, const struct symbols *program,
			    const char *const *names, const struct symbols *objects,
			    size_t n)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < program->n; i++)
		if (function_chosen(&program->list[i], names, objects, n))
			status = function_add(code, program, &program->list[i]);
	return status;
}

int code_choose(struct code *code, const struct symbols *program,
		const char *const *names, const char *const *objects, char *wrong,
		size_t room)
{
	enum { OBJECTS_MAX = 32 };
	struct symbols read[OBJECTS_MAX];
	size_t n = 0;
	int status = 0;
	*code = (struct code){0};
	if (!names && !objects && !program->dynamic) {
		snprintf(wrong, room,
			 "a program that is linked statically: say which code is under "
			 "test");
		return -EINVAL;
	}
	for (; objects && objects[n] && n < OBJECTS_MAX; n++) {
		status = symbols_read(&read[n], objects[n]);
		if (status == 0)
			continue;
		snprintf(wrong, room, "%s: %s", objects[n], strerror(-status));
		status = -EINVAL;
		break;
	}
	if (status == 0)
		status = functions_choose(code, program, names, read, n);
	if (status == 0 && code->n == 0) {
		snprintf(wrong, room, "it has none of the functions under test");
		status = -EINVAL;
	}
	while (n > 0)
		symbols_free(&read[--n]);
	if (status < 0)
		code_free(code);
	return status;
}

void code_free(struct code *code)
{
	for (size_t i = 0; i < code->n; i++)
		free(code->list[i].bytes);
	free(code->list);
	*code = (struct code){0};
}

const struct code_function *code_at(const struct code *code, uint64_t address)
{
	size_t low = 0, high = code->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_function *f = &code->list[middle];
		if (address < f->start)
			high = middle;
		else if (address >= f->end)
			low = middle + 1;
		else
			return f;
	}
	return NULL;
}
