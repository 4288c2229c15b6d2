/* SPDX-License-Identifier: BSD-2-Clause */
/* registers.c - do the registers come back as they were, and does a thread begin as a
 * function does? */
#include "config.h"

#include "challenge.h"
#include "threads.h"

#include <inttypes.h>
#include <string.h>

enum { NOBODY = CHALLENGE_CONTEXTS };

static const char *const names[] = {"main", "A", "B"};

struct loss {
	unsigned turn; /* of the first time; 0: never */
	unsigned from, to;
	unsigned whose; /* what it holds instead: this register of this context */
	size_t which;
};

struct judgement {
	struct run run;
	const struct challenge_register *registers;
	size_t count;
	unsigned left[CHALLENGE_CONTEXTS]; /* at which turn; counted from 1 */
	struct loss losses[CHALLENGE_REGISTERS];
	bool begins;     /* how contexts begin is judged as well */
	unsigned faults; /* of that */
};

static uint64_t load_of(const struct judgement *j, unsigned who, size_t i)
{
	return challenge_load(j->run.key, &j->registers[i], who, j->left[who] - 1,
			      (unsigned)i);
}

static bool same(const struct challenge_register *r, uint64_t a, uint64_t b)
{
	return r->kind == CHALLENGE_MODE ? ((a ^ b) & r->mask) == 0 : a == b;
}

static bool holds(const struct judgement *j, const struct loss *loss, uint64_t value)
{
	const struct challenge_register *r = &j->registers[loss->which];

	return j->left[loss->whose] && r->kind != CHALLENGE_POINTER &&
	       same(r, value, load_of(j, loss->whose, loss->which));
}

/* Looks for the value in the same register of everybody, then in any. */
static void whose_find(const struct judgement *j, struct loss *loss, size_t i,
		       uint64_t value)
{
	loss->which = i;
	for (loss->whose = 0; loss->whose < NOBODY; loss->whose++)
		if (holds(j, loss, value))
			return;
	if (j->registers[i].kind == CHALLENGE_MODE)
		return;
	for (loss->which = 0; loss->which < j->count; loss->which++)
		for (loss->whose = 0; loss->whose < NOBODY; loss->whose++)
			if (holds(j, loss, value))
				return;
	loss->whose = NOBODY;
}

/* Instead of what `to` had to report as it began, or came back, this line came, or
 * none. */
static void ended_tell(struct judgement *j, unsigned turn, unsigned from, unsigned to,
		       const char *line, const char *what)
{
	const char *trouble = line ? run_trouble(line) : NULL;

	printf("%s did not %s (switch %u, from %s):\n", names[to], what, turn,
	       names[from]);
	if (trouble)
		printf("  %s\n", trouble);
	printf("  %s\n", run_ending(&j->run));
}

static void loss_note(struct judgement *j, size_t i, uint64_t value, struct loss loss)
{
	whose_find(j, &loss, i, value);
	j->losses[i] = loss;
}

/* What came back in the registers; false: nothing did. */
static bool back_judge(struct judgement *j, unsigned turn, unsigned from, unsigned to)
{
	for (size_t i = 0; i < j->count; i++) {
		const char *line = run_line(&j->run);
		unsigned who, at;
		size_t index;
		uint64_t value;

		if (!line ||
		    sscanf(line, "back %u %u %zu %" SCNx64, &who, &at, &index,
			   &value) != 4 ||
		    who != to || at != turn || index != i) {
			ended_tell(j, turn, from, to, line, "come back");
			return false;
		}
		if (!j->losses[i].turn &&
		    !same(&j->registers[i], value, load_of(j, to, i)))
			loss_note(j, i, value, (struct loss){turn, from, to, 0, 0});
	}
	return true;
}

static void fault(struct judgement *j, unsigned who, const char *what)
{
	if (!j->begins)
		return;
	printf("  %s: %s\n", names[who], what);
	j->faults++;
}

static const struct challenge_register *mode_of(const struct judgement *j, unsigned n,
						size_t *i)
{
	for (*i = 0; *i < j->count; ++*i)
		if (j->registers[*i].kind == CHALLENGE_MODE && n-- == 0)
			return &j->registers[*i];
	return NULL;
}

static void mode_judge(struct judgement *j, unsigned who, unsigned n, uint64_t value)
{
	size_t i;
	const struct challenge_register *r = mode_of(j, n, &i);
	char text[120];

	if (!r || same(r, value, challenge_load(j->run.key, r, who, 0, (unsigned)i)))
		return;
	snprintf(text, sizeof text,
		 "%s is not as it was when context_make() was called", r->name);
	fault(j, who, text);
}

static void begun_fact_judge(struct judgement *j, unsigned who, unsigned fact,
			     uint64_t value)
{
	char text[120];

	switch (fact) {
	case 0:
		if (value != challenge_mix(j->run.key, CHALLENGE_ARG, who, 0))
			fault(j, who,
			      "entry's argument is not what context_make() got");
		break;
	case 1:
		if (value != 1)
			fault(j, who, "entry does not run near the top of its stack");
		break;
	case 2:
		snprintf(text, sizeof text,
			 "the stack pointer is %u past a multiple of 16 at the call of "
			 "entry",
			 (unsigned)value % 16);
		if (value)
			fault(j, who, text);
		break;
	default:
		mode_judge(j, who, fact - 3, value);
	}
}

/* How a context began; false: it did not. */
static bool begun_judge(struct judgement *j, unsigned turn, unsigned from, unsigned to)
{
	static const char *const facts[] = {"arg", "on-stack", "past-16", "mode",
					    "other-mode"};

	for (unsigned i = 0; i < sizeof facts / sizeof *facts; i++) {
		const char *line = run_line(&j->run);
		unsigned who;
		char word[20];
		uint64_t value;

		if (!line ||
		    sscanf(line, "begun %u %19s %" SCNx64, &who, word, &value) != 3 ||
		    who != to || strcmp(word, facts[i]) != 0) {
			ended_tell(j, turn, from, to, line, "begin");
			return false;
		}
		begun_fact_judge(j, to, i, value);
	}
	return true;
}

static bool turns_judge(struct judgement *j)
{
	unsigned from = 0;

	for (unsigned turn = 1; turn <= challenge_turns; turn++) {
		unsigned to = challenge_order[turn - 1];
		bool new = !j->left[to];

		j->left[from] = turn;
		if (new ? !begun_judge(j, turn, from, to)
			: !back_judge(j, turn, from, to))
			return false;
		from = to;
	}
	return true;
}

static enum verdict judgement_begin(struct judgement *j, const char *machine,
				    const char *what)
{
	j->run = (struct run){.machine = machine, .args = {what}};
	j->registers = challenge_registers(machine, &j->count);
	j->begins = !strcmp(what, "entry");
	return run_subject(&j->run);
}

static void loss_print(const struct judgement *j, const struct loss *loss, size_t i)
{
	printf("LOST at switch %u, from %s back to %s: ", loss->turn, names[loss->from],
	       names[loss->to]);
	if (j->registers[i].kind == CHALLENGE_POINTER)
		printf("it is not where it was\n");
	else if (loss->whose == NOBODY)
		printf("it holds what nobody had put there\n");
	else
		printf("it holds %s's %s\n", names[loss->whose],
		       j->registers[loss->which].name);
}

/* If it did not come to the end, only what was lost is known. */
static void losses_print(const struct judgement *j, unsigned kinds, bool done)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct loss *loss = &j->losses[i];

		if (!(kinds >> j->registers[i].kind & 1) || (!done && !loss->turn))
			continue;
		printf("  %-16s  ", j->registers[i].name);
		if (loss->turn)
			loss_print(j, loss, i);
		else
			printf("kept\n");
	}
}

static unsigned losses_count(const struct judgement *j, unsigned kinds)
{
	unsigned lost = 0;

	for (size_t i = 0; i < j->count; i++)
		lost += (kinds >> j->registers[i].kind & 1) && j->losses[i].turn;
	return lost;
}

static void replay_print(const char *machine, const char *what)
{
	printf("\nTo see it happen:\n");
	if (!strcmp(machine, "x86_64"))
		printf("  gdb -ex 'break context_switch' -ex 'run %s </dev/null' "
		       "./subject-x86_64\n",
		       what);
	else
		printf("  qemu-%s -g 1234 ./subject-%s %s </dev/null &\n"
		       "  gdb-multiarch -ex 'target remote :1234' ./subject-%s\n",
		       machine, machine, what, machine);
}

enum verdict registers_judge(const char *machine, unsigned kinds)
{
	static struct judgement j;
	enum verdict verdict = judgement_begin(&j, machine, "registers");

	if (verdict != VERDICT_PASS)
		return verdict;
	printf("Contexts main, A and B take turns.  Each fills its registers with "
	       "numbers of its own,\nleaves by context_switch(), and looks at them "
	       "when it is back.\n\n");
	bool done = turns_judge(&j) && run_line(&j.run) &&
		    j.run.end.how == BOX_EXITED && j.run.end.code == 0;

	losses_print(&j, kinds, done);
	unsigned lost = losses_count(&j, kinds);

	if (!done || lost)
		replay_print(machine, "registers");
	run_free(&j.run);
	return done && !lost ? VERDICT_PASS : VERDICT_FAIL;
}

static bool changed_judge(struct judgement *j)
{
	const char *line = run_line(&j->run);
	unsigned words;

	if (!line || sscanf(line, "changed %u", &words) != 1)
		return false;
	if (words)
		printf("  %u words were written that are neither the record nor below "
		       "stack_top\n",
		       words);
	return !words && run_line(&j->run) && j->run.end.how == BOX_EXITED &&
	       j->run.end.code == 0;
}

enum verdict entry_judge(const char *machine)
{
	static struct judgement j;
	enum verdict verdict = judgement_begin(&j, machine, "entry");

	if (verdict != VERDICT_PASS)
		return verdict;
	printf("context_make() for A and B, then a switch to each: how does entry find "
	       "the "
	       "machine?\n\n");
	bool right = turns_judge(&j) && changed_judge(&j) && !j.faults;

	if (right)
		printf("  as a called function does: argument, stack, alignment, "
		       "modes\n");
	else
		replay_print(machine, "entry");
	run_free(&j.run);
	return right ? VERDICT_PASS : VERDICT_FAIL;
}
