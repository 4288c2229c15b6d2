/* SPDX-License-Identifier: BSD-2-Clause */
/* checks.c - reads checks, and variables from the memory of the program that has just
 * ended. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "tracee.h"

enum { OPERATOR_MAX = 3 };

struct check {
	char function[TURNS_NAME];         /* its calls are the left side; or empty: */
	const struct symbol *left, *right; /* right NULL: the number */
	char operator[OPERATOR_MAX];
	int64_t number;
};

static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};

static void blanks_skip(const char **at)
{
	*at += strspn(*at, " \t");
}

static const struct symbol *variable_read(const char **at,
					  const struct symbols *program)
{
	char name[TURNS_NAME];
	size_t length = strcspn(*at, " \t=!<>");
	if (length == 0 || length >= sizeof(name))
		return NULL;
	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length;
	blanks_skip(at);
	const struct symbol *s = symbols_named(program, name);
	return s && !s->function && s->size <= sizeof(int64_t) &&
			       (s->size & (s->size - 1)) == 0
		       ? s
		       : NULL;
}

static bool operator_read(const char **at, struct check *check)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		size_t length = strlen(operators[i]);
		if (strncmp(*at, operators[i], length) != 0)
			continue;
		memcpy(check->operator, operators[i], length + 1);
		*at += length;
		blanks_skip(at);
		return true;
	}
	return false;
}

/* "calls FUNCTION". */
static bool calls_read(const char **at, char *function, size_t room)
{
	static const char word[] = "calls ";
	if (strncmp(*at, word, sizeof(word) - 1) != 0)
		return false;
	*at += sizeof(word) - 1;
	blanks_skip(at);
	size_t length = strcspn(*at, " \t=!<>");
	snprintf(function, room, "%.*s", (int)length, *at);
	*at += length;
	blanks_skip(at);
	return true;
}

/* NULL, or what is wrong with it. */
static const char *check_read(struct check *check, const char *text,
			      const struct symbols *program)
{
	*check = (struct check){0};
	blanks_skip(&text);
	if (!calls_read(&text, check->function, sizeof(check->function)))
		check->left = variable_read(&text, program);
	if (!check->left && !*check->function)
		return "the program has no such variable of 1, 2, 4 or 8 bytes";
	if (!operator_read(&text, check))
		return "an operator (== != < > <= >=) is missing";
	char *end;
	errno = 0;
	check->number = strtoll(text, &end, 0);
	if (end != text) {
		text = end;
		blanks_skip(&text);
	} else {
		check->right = variable_read(&text, program);
		if (!check->right)
			return "after the operator: no number, no variable of the "
			       "program";
	}
	return *text || errno ? "too much, or too large" : NULL;
}

int checks_validate(const struct step_options *options, const struct symbols *program,
		    char *wrong, size_t room)
{
	struct check check;
	for (const char *const *c = options->checks; c && *c; c++) {
		const char *why = check_read(&check, *c, program);
		if (!why)
			continue;
		snprintf(wrong, room, "check \"%s\": %s", *c, why);
		return -EINVAL;
	}
	return 0;
}

static int variable_value(struct execution *x, const struct symbol *s, int64_t *value)
{
	uint64_t raw = 0;
	int status = tracee_read(x->pid, s->address + x->subject->bias, &raw, s->size);
	unsigned shift = (unsigned)(64 - 8 * s->size);
	*value = (int64_t)(raw << shift) >> shift;
	return status;
}

static int64_t calls_made(const struct execution *x, const char *function)
{
	for (int i = 0; i < EXECUTION_CALLS && x->calls[i].function; i++)
		if (strcmp(x->calls[i].function, function) == 0)
			return x->calls[i].times;
	return 0;
}

static bool check_holds(const struct check *check, int64_t left, int64_t right)
{
	const char *o = check->operator;
	bool equal_too = o[1] == '=';
	if (o[0] == '<')
		return left < right || (equal_too && left == right);
	if (o[0] == '>')
		return left > right || (equal_too && left == right);
	return (o[0] == '=') == (left == right);
}

static void check_judge(struct execution *x, const char *text)
{
	struct check check;
	int64_t left = 0, right;
	if (check_read(&check, text, &x->subject->program))
		return;
	int status = check.left ? variable_value(x, check.left, &left) : 0;
	if (!check.left)
		left = calls_made(x, check.function);
	right = check.number;
	if (status == 0 && check.right)
		status = variable_value(x, check.right, &right);
	if (status < 0)
		execution_over(x, OUTCOME_KILLED, 0, 0, "its memory is not there");
	else if (check.right && !check_holds(&check, left, right))
		execution_over(x, OUTCOME_CHECK, 0, 0,
			       "expected %s: they are %" PRId64 " and %" PRId64, text,
			       left, right);
	else if (!check_holds(&check, left, right))
		execution_over(x, OUTCOME_CHECK, 0, 0, "expected %s: it is %" PRId64,
			       text, left);
}

void checks_judge(struct execution *x, void *options)
{
	const struct step_options *o = options;
	if (o->status != STEP_STATUS_ANY && x->outcome.status != o->status)
		execution_over(x, OUTCOME_CHECK, 0, 0,
			       "expected exit status %d: it is %d", o->status,
			       x->outcome.status);
	for (const char *const *c = o->checks;
	     c && *c && x->outcome.kind == OUTCOME_EXIT; c++)
		check_judge(x, *c);
}
