/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c - threads that do what a play on standard input says (script.h), and report
 * each thing before they do it. */
#include "base.h"
#include "challenge.h"
#include "script.h"
#include "subject.h"
#include "thread.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct player {
	struct thread *thread;
	unsigned number;
	char name[20];
};

static struct script scripts[SCRIPT_THREADS];
static struct player players[SCRIPT_THREADS];

/* With a key, names are known to the judge alone. */
static void players_name(void)
{
	for (unsigned i = 0; i < SCRIPT_THREADS; i++) {
		players[i].number = i;
		if (subject_key)
			snprintf(players[i].name, sizeof players[i].name, "%016" PRIx64,
				 challenge_mix(subject_key, CHALLENGE_NAME, i, 0));
		else if (i)
			snprintf(players[i].name, sizeof players[i].name, "%u", i);
		else
			strcpy(players[i].name, "main");
	}
}

/* The compiler may not rely on it that this does not return. */
static void (*volatile end)(void *) = thread_exit;

static void *result_of(const struct player *p)
{
	return (void *)(uintptr_t)challenge_mix(subject_key, CHALLENGE_RESULT,
						p->number, 0);
}

static void *player_run(void *arg);

static void op_do(struct player *p, const struct script_op *op)
{
	struct player *other = &players[op->other];

	switch (op->verb) {
	case SCRIPT_YIELD:
		thread_yield();
		break;
	case SCRIPT_BLOCK:
		thread_block();
		break;
	case SCRIPT_WAKE:
		thread_wake(other->thread);
		break;
	case SCRIPT_CREATE:
		other->thread = thread_create(player_run, other);
		if (!other->thread)
			report("%s got-none %s\n", p->name, other->name);
		break;
	case SCRIPT_JOIN: {
		void *result = thread_join(other->thread);

		report("%s joined %s %" PRIx64 "\n", p->name, other->name,
		       (uint64_t)(uintptr_t)result);
		break;
	}
	case SCRIPT_EXIT:
		end(result_of(p));
		report("%s survived\n", p->name);
		break;
	default:
		break;
	}
}

static void op_report(const struct player *p, const struct script_op *op)
{
	const char *word = script_words[op->verb];

	if (op->verb == SCRIPT_STACKS)
		report("%s stacks %zu\n", p->name, stacks_live());
	else if (script_has_other(op->verb))
		report("%s %s %s\n", p->name, word, players[op->other].name);
	else
		report("%s %s\n", p->name, word);
	if (thread_self() != p->thread)
		report("%s not-self\n", p->name);
}

static void script_play(struct player *p)
{
	const struct script *s = &scripts[p->number];

	for (unsigned i = 0; i <= s->count; i++) {
		op_report(p, &s->ops[i]);
		op_do(p, &s->ops[i]);
	}
}

static void *player_run(void *arg)
{
	struct player *p = arg;

	script_play(p);
	return result_of(p);
}

int play_run(void)
{
	unsigned wrong = script_read(stdin, scripts);

	if (wrong) {
		fprintf(stderr, "subject: standard input: line %u is no script\n",
			wrong);
		return 2;
	}
	players_name();
	players[0].thread = thread_self();
	script_play(&players[0]);
	report("end\n");
	return 0;
}
