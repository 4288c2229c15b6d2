/* SPDX-License-Identifier: BSD-2-Clause */
/* picture.c - says what was done in words.  Plain memory without a name is left out,
 * unless it is what the finding is about. */
#include "config.h"

#include "picture.h"

#include "symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 192, NUMBER = 24, NAME = PAGE_TEXT + 24, HEX_FROM = 1 << 16 };
enum { ROWS_MOST = 80 };

static struct lines lines;
static struct symbols symbols;

static const char *const order_name[] = {"relaxed", "consume", "acquire",
					 "release", "acq_rel", "seq_cst"};

/* Large numbers are most often a little below zero. */
static const char *number_text(uint64_t n, char text[NUMBER])
{
	snprintf(text, NUMBER, n < HEX_FROM ? "%" PRIu64 : "0x%" PRIx64, n);
	return text;
}

static const char *place_text(const struct picture *p, uint64_t at, char text[NAME])
{
	uint64_t into = 0;
	const char *name = program_name_of(p->machine->history->program, at, &into);

	if (!name)
		name = symbols_name(&symbols, at, &into);
	if (!name)
		snprintf(text, NAME, "memory without a name");
	else if (into)
		snprintf(text, NAME, "%s+%" PRIu64, name, into);
	else
		snprintf(text, NAME, "%s", name);
	return text;
}

static const char *update_name(uint8_t kind)
{
	switch (kind) {
	case OP_ADD:
		return "add";
	case OP_SUB:
		return "subtract";
	case OP_AND:
		return "and";
	case OP_OR:
		return "or";
	case OP_XOR:
		return "xor";
	case OP_NAND:
		return "nand";
	default:
		return "exchange";
	}
}

/* What has a place, and reads or writes it. */
static void access_text(const struct picture *p, const struct event *e, char text[CELL])
{
	const struct op *op = &e->op;
	const char *order = order_name[op->order];
	char place[NAME], value[NUMBER], answer[NUMBER], newest[NUMBER];

	place_text(p, op->at, place);
	number_text(op->value, value);
	number_text(e->answer, answer);
	number_text(e->newest, newest);
	switch (op->kind) {
	case OP_READ:
		snprintf(text, CELL, "read %s -> %s", place, answer);
		break;
	case OP_WRITE:
		snprintf(text, CELL, "write %s <- %s", place, value);
		break;
	case OP_LOAD:
		if (p->machine->memory.model == MODEL_RA && e->newest != e->answer)
			snprintf(text, CELL, "load %s -> %s, old (%s)", place, answer,
				 order);
		else
			snprintf(text, CELL, "load %s -> %s (%s)", place, answer,
				 order);
		break;
	case OP_STORE:
		snprintf(text, CELL, "store %s <- %s (%s)", place, value, order);
		break;
	case OP_CAS:
		snprintf(text, CELL, "compare %s, exchange %s: was %s (%s)", place,
			 value, answer, order);
		break;
	default:
		snprintf(text, CELL, "%s %s %s, was %s (%s)", update_name(op->kind),
			 place, value, answer, order);
	}
}

static void event_text(const struct picture *p, const struct event *e, char text[CELL])
{
	char place[NAME], value[NUMBER];

	place_text(p, e->op.at, place);
	number_text(e->op.value, value);
	if (e->flush || e->stuck) {
		if (e->flush)
			snprintf(text, CELL, "... %s = %s is in memory", place, value);
		else if (e->op.kind == OP_PAUSE)
			snprintf(text, CELL, "looks for ever");
		else
			snprintf(text, CELL, "sleeps for ever, on %s", place);
		return;
	}
	switch (e->op.kind) {
	case OP_FENCE:
		snprintf(text, CELL, "fence (%s)", order_name[e->op.order]);
		break;
	case OP_WAIT:
		snprintf(text, CELL, "wait for %s", place);
		break;
	case OP_SIGNAL:
		snprintf(text, CELL, "signal %s", place);
		break;
	case OP_PAUSE:
		snprintf(text, CELL, "pause, something changed");
		break;
	case OP_OBSERVE:
		snprintf(text, CELL, "%.40s = %s", e->op.text, value);
		break;
	case OP_FAILED:
		snprintf(text, CELL, "check fails");
		break;
	default:
		access_text(p, e, text);
	}
}

static bool overlap(const struct op *a, const struct op *b)
{
	return a->at < b->at + b->size && b->at < a->at + a->size;
}

/* Plain memory with a name, or that another thread uses too, or that it is about. */
static bool plain_shown(const struct picture *p, const struct event *e)
{
	const struct finding *f = &p->machine->finding;
	uint64_t into;

	if (program_name_of(p->machine->history->program, e->op.at, &into) ||
	    (f->kind && f->op.size && overlap(&e->op, &f->op)))
		return true;
	for (uint32_t i = 0; i < p->trace->events; i++)
		if (p->trace->event[i].thread != e->thread &&
		    overlap(&p->trace->event[i].op, &e->op) &&
		    (e->op.kind == OP_WRITE || p->trace->event[i].op.kind == OP_WRITE))
			return true;
	return false;
}

static bool event_shown(const struct picture *p, const struct event *e)
{
	switch (e->op.kind) {
	case OP_READ:
	case OP_WRITE:
		return plain_shown(p, e);
	case OP_INPUT:
	case OP_AGAIN:
	case OP_MORE:
		return false;
	default:
		return true;
	}
}

/* A column for each thread; of finish() only if it began. */
static uint32_t columns_of(const struct picture *p, uint32_t width[STATE_THREADS])
{
	const struct program *program = p->machine->history->program;
	uint32_t columns = program->threads;
	char text[CELL];

	for (uint32_t t = 0; t < STATE_THREADS; t++)
		width[t] = (uint32_t)strlen(program->name[t]);
	for (uint32_t i = 0; i < p->trace->events; i++) {
		const struct event *e = &p->trace->event[i];
		uint32_t length;

		if (!event_shown(p, e))
			continue;
		event_text(p, e, text);
		length = (uint32_t)strlen(text);
		if (length > width[e->thread])
			width[e->thread] = length;
		if (e->thread >= columns)
			columns = e->thread + 1;
	}
	return columns;
}

/* One row, without blanks at its end. */
static void row_print(uint32_t columns, const uint32_t *width, uint32_t thread,
		      const char *text, const char *line)
{
	int blanks = 0;

	for (uint32_t t = 0; t < columns; t++) {
		if (t == thread) {
			printf("%*s%s", blanks, "", text);
			blanks = -(int)strlen(text);
		}
		blanks += (int)width[t] + 2;
	}
	printf("%*s%s\n", line[0] ? blanks + 1 : 0, "", line);
}

/* Of a long execution the end is shown. */
static uint32_t rows_first(const struct picture *p)
{
	uint32_t i = p->trace->events, rows = 0;

	while (i > 0 && rows < ROWS_MOST)
		rows += event_shown(p, &p->trace->event[--i]);
	return i;
}

static void rows_print(const struct picture *p)
{
	const struct program *program = p->machine->history->program;
	uint32_t width[STATE_THREADS], columns = columns_of(p, width);
	uint32_t first = rows_first(p), step = UINT32_MAX;
	char text[CELL];

	printf("\n      ");
	for (uint32_t t = 0; t < columns; t++)
		printf("%-*s", t + 1 < columns ? (int)width[t] + 2 : 0,
		       program->name[t]);
	printf("\n%s", first ? "      ...\n" : "");
	for (uint32_t i = first; i < p->trace->events; i++) {
		const struct event *e = &p->trace->event[i];

		if (!event_shown(p, e))
			continue;
		event_text(p, e, text);
		if (e->step != step && e->step)
			printf("%4" PRIu32 "  ", e->step);
		else
			printf("      ");
		step = e->step;
		row_print(columns, width, e->thread, text,
			  lines_text(&lines, e->op.pc));
	}
	printf("\n");
}

/* The last time that thread was there before. */
static const struct event *event_before(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;

	for (uint32_t i = p->trace->events; i > 0; i--) {
		const struct event *e = &p->trace->event[i - 1];

		if (e->thread == f->other && !e->flush && overlap(&e->op, &f->op) &&
		    (e->op.kind == OP_WRITE || f->op.kind == OP_WRITE))
			return e;
	}
	return NULL;
}

static void race_print(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;
	const struct program *program = p->machine->history->program;
	const struct event *before = event_before(p);
	char place[NAME];

	printf("data race on %s: %s %s it (%s),\n", place_text(p, f->op.at, place),
	       program->name[f->thread], f->op.kind == OP_READ ? "reads" : "writes",
	       lines_text(&lines, f->op.pc));
	printf("%s %s it before (%s), and nothing says that this came first\n",
	       program->name[f->other],
	       before && before->op.kind == OP_READ ? "read" : "wrote",
	       before ? lines_text(&lines, before->op.pc) : "?");
}

/* All that wait. */
static void stuck_print(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;
	const char *name = p->machine->history->program->name[f->thread];
	char place[NAME];

	if (f->op.kind == OP_PAUSE)
		printf("%s goes round and round for ever: what it looks at (%s) does "
		       "not change any more\n",
		       name, lines_text(&lines, f->op.pc));
	else
		printf("%s sleeps for ever: it waits for %s (%s), and nobody is left "
		       "to signal\n",
		       name, place_text(p, f->op.at, place),
		       lines_text(&lines, f->op.pc));
}

static void other_print(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;
	const char *name = p->machine->history->program->name[f->thread];
	const char *line = lines_text(&lines, f->op.pc);
	char place[NAME];

	place_text(p, f->op.at, place);
	switch (f->kind) {
	case FINDING_CHECK:
		printf("check failed in %s (%s): %s\n", name, line, f->op.text);
		break;
	case FINDING_MIXED:
		printf("%s (%s) accesses %s, which elsewhere is accessed in another "
		       "way: plain or atomic, or another size\n",
		       name, line, place);
		break;
	case FINDING_UNWRITTEN:
		printf("%s (%s) reads %s, which nobody has written yet\n", name, line,
		       place);
		break;
	case FINDING_OUTCOME:
		printf("it ends with\n  %s\nand should end with\n  %s\n", p->outcome,
		       p->expect);
		break;
	case FINDING_STRANGE:
		printf("a thread did not do the same again when it found the same: "
		       "does it use time, chance, or what another run left?\n");
		break;
	case FINDING_ENDLESS:
		printf("an execution of more steps than --steps allows: a loop "
		       "without weave_pause()?\n");
		break;
	default:
		printf("more threads, atomics or memory than lab-weave has room for\n");
	}
}

static void died_print(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;
	const char *name = p->machine->history->program->name[f->thread];
	int status = (int)f->op.value, signal = status & 0x7f;

	if (signal == 0)
		printf("%s ended the program, with status %d\n", name,
		       status >> 8 & 0xff);
	else if (signal == 24) /* SIGXCPU, signal(7) */
		printf("%s computes for ever, and asks for nothing that is shared\n",
		       name);
	else
		printf("%s was ended by signal %d (%s)\n", name, signal,
		       strsignal(signal));
}

void picture_print(const struct picture *p)
{
	const struct finding *f = &p->machine->finding;

	lines.n = 0;
	lines_add(&lines, f->op.pc);
	for (uint32_t i = 0; i < p->trace->events; i++)
		if (event_shown(p, &p->trace->event[i]))
			lines_add(&lines, p->trace->event[i].op.pc);
	lines_find(&lines, p->program);
	symbols_find(&symbols, p->program);
	if (f->kind == FINDING_RACE)
		race_print(p);
	else if (f->kind == FINDING_STUCK)
		stuck_print(p);
	else if (f->kind == FINDING_DIED)
		died_print(p);
	else if (f->kind != FINDING_NONE)
		other_print(p);
	else
		printf("nothing is wrong so far\n");
	rows_print(p);
}
