/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c - has a play played, compares each report with the model's next event, and
 * draws the threads side by side up to where they part. */
#include "config.h"

#include "challenge.h"
#include "threads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 14, COLUMN = 11, STACKS_SPARE = 2 };

struct stage {
	struct run run;
	struct model model;
	const char *title;
	const struct script *scripts;
	char *text; /* the play as written */
};

static void name_write(unsigned who, char name[8])
{
	if (who)
		snprintf(name, 8, "%u", who % 1000);
	else
		strcpy(name, "main");
}

/* --- the play as text --- */

static void script_print(FILE *out, const char *indent, unsigned who,
			 const struct script *s)
{
	char name[8];

	name_write(who, name);
	fprintf(out, "%s%s:", indent, name);
	for (unsigned i = 0; i < s->count; i++) {
		fprintf(out, "%s %s", i ? "," : "", script_words[s->ops[i].verb]);
		if (!script_has_other(s->ops[i].verb))
			continue;
		name_write(s->ops[i].other, name);
		fprintf(out, " %s", name);
	}
	fputs("\n", out);
}

static bool script_takes_part(const struct stage *s, unsigned who)
{
	return !who || s->model.state[who] != MODEL_NONE;
}

static void play_print(const struct stage *s, FILE *out, const char *indent)
{
	for (unsigned i = 0; i < SCRIPT_THREADS; i++)
		if (script_takes_part(s, i))
			script_print(out, indent, i, &s->scripts[i]);
}

static int text_make(struct stage *s)
{
	size_t size;
	FILE *out = open_memstream(&s->text, &size);

	if (!out)
		return -errno;
	play_print(s, out, "");
	return fclose(out) ? -errno : 0;
}

/* --- what was reported --- */

static void token_write(const struct stage *s, unsigned who, char token[20])
{
	snprintf(token, 20, "%016" PRIx64,
		 challenge_mix(s->run.key, CHALLENGE_NAME, who, 0));
}

static bool stacks_right(const char *line, const char *token, unsigned alive)
{
	char name[20];
	size_t stacks;

	return sscanf(line, "%19s stacks %zu", name, &stacks) == 2 &&
	       !strcmp(name, token) && stacks >= alive &&
	       stacks <= alive + STACKS_SPARE;
}

static bool event_matches(const struct stage *s, const struct event *e,
			  const char *line)
{
	char expected[120], token[20], other[20];

	token_write(s, e->who, token);
	token_write(s, e->op.other, other);
	if (e->kind == EVENT_END || e->kind == EVENT_STUCK)
		return !strcmp(line, e->kind == EVENT_END ? "end" : "stuck");
	if (e->kind == EVENT_JOINED)
		snprintf(expected, sizeof expected, "%s joined %s %" PRIx64, token,
			 other,
			 challenge_mix(s->run.key, CHALLENGE_RESULT, e->op.other, 0));
	else if (e->op.verb == SCRIPT_STACKS)
		return stacks_right(line, token, e->alive);
	else
		snprintf(expected, sizeof expected, "%s %s%s%s", token,
			 script_words[e->op.verb],
			 script_has_other(e->op.verb) ? " " : "",
			 script_has_other(e->op.verb) ? other : "");
	return !strcmp(line, expected);
}

static bool who_of(const struct stage *s, const char *word, unsigned *who)
{
	char token[20];

	for (*who = 0; *who < SCRIPT_THREADS; ++*who) {
		token_write(s, *who, token);
		if (!strcmp(word, token))
			return true;
	}
	return false;
}

/* --- the picture --- */

static void event_write(const struct event *e, char *text, size_t room)
{
	char name[8];

	name_write(e->op.other, name);
	if (e->kind == EVENT_JOINED)
		snprintf(text, room, "joined %s", name);
	else if (script_has_other(e->op.verb))
		snprintf(text, room, "%s %s", script_words[e->op.verb], name);
	else
		snprintf(text, room, "%s", script_words[e->op.verb]);
}

static void row_print(const struct stage *s, size_t number, const struct event *e)
{
	char text[40];
	unsigned column = 0;

	for (unsigned i = 0; i < e->who; i++)
		column += script_takes_part(s, i);
	event_write(e, text, sizeof text);
	printf("%4zu  %*s%s\n", number, (int)(column * COLUMN), "", text);
}

static void picture_print(const struct stage *s, size_t right)
{
	size_t first = right > ROWS ? right - ROWS : 0;
	char name[8];
	int gap = 0;

	printf("step  ");
	for (unsigned i = 0; i < SCRIPT_THREADS; i++) {
		if (!script_takes_part(s, i))
			continue;
		name_write(i, name);
		printf("%*s%s", gap, "", name);
		gap = COLUMN - (int)strlen(name);
	}
	printf("\n%s", first ? "      ...\n" : "");
	for (size_t i = first; i < right; i++)
		row_print(s, i + 1, &s->model.events[i]);
}

static void expected_print(const struct event *e)
{
	char name[8], text[40];

	name_write(e->who, name);
	event_write(e, text, sizeof text);
	printf("      now has to come:   ");
	if (e->kind == EVENT_END)
		printf("the end: main() returns\n");
	else if (e->kind == EVENT_STUCK)
		printf("threads_stuck(): every thread waits\n");
	else if (e->kind == EVENT_OP && e->op.verb == SCRIPT_STACKS)
		printf("%s: stacks, %u of threads that have not ended, and %d more at "
		       "most\n",
		       name, e->alive, STACKS_SPARE);
	else
		printf("%s: %s%s\n", name, text,
		       e->kind == EVENT_JOINED ? ", with its result" : "");
}

static void words_print(const struct stage *s, const char *name, const char *word,
			const char *rest)
{
	unsigned other;
	char text[8] = "";

	if (who_of(s, rest, &other))
		name_write(other, text);
	if (!strcmp(word, "survived"))
		printf("%s: goes on after thread_exit()\n", name);
	else if (!strcmp(word, "not-self"))
		printf("%s: thread_self() says that it is somebody else\n", name);
	else if (!strcmp(word, "got-none"))
		printf("%s: thread_create() returned NULL\n", name);
	else if (!strcmp(word, "joined"))
		printf("%s: joined %s, too early or with another result\n", name, text);
	else if (!strcmp(word, "stacks"))
		printf("%s: stacks, %s of them\n", name, rest);
	else
		printf("%s: %s%s%s\n", name, word, *text ? " " : "", text);
}

static void instead_print(const struct stage *s, const char *line)
{
	char first[24] = "", word[24] = "", rest[24] = "", name[8];
	const char *trouble = line ? run_trouble(line) : NULL;
	unsigned who;

	printf("      what came instead: ");
	if (trouble)
		printf("%s\n", trouble);
	else if (!line)
		printf("%s\n", run_ending(&s->run));
	else if (!strcmp(line, "end"))
		printf("the end: main() returned\n");
	else if (sscanf(line, "%23s %23s %23s", first, word, rest) < 2 ||
		 !who_of(s, first, &who))
		printf("something that is no report\n");
	else {
		name_write(who, name);
		words_print(s, name, word, rest);
	}
}

static void wrong_print(const struct stage *s, size_t right, const char *line)
{
	const char *machine = s->run.machine;

	printf("%s\n\n", s->title);
	picture_print(s, right);
	if (right < s->model.count)
		expected_print(&s->model.events[right]);
	else
		printf("      now has to come:   exit status 0, and nothing else\n");
	instead_print(s, line);
	printf("\nThe play, for a file of your own:\n\n");
	play_print(s, stdout, "    ");
	printf("\nTo see it again: make && %s./subject-%s play <FILE\n",
	       strcmp(machine, "x86_64") != 0 ? "qemu-aarch64 " : "", machine);
}

/* --- the judge --- */

static bool ending_right(const struct stage *s)
{
	bool stuck = s->model.events[s->model.count - 1].kind == EVENT_STUCK;

	return s->run.end.how == BOX_EXITED && s->run.end.code == (stuck ? 3 : 0);
}

static enum verdict compare(struct stage *s)
{
	const char *line = NULL;
	size_t i = 0;

	while ((line = run_line(&s->run)) && i < s->model.count &&
	       event_matches(s, &s->model.events[i], line))
		i++;
	if (i == s->model.count && !line && ending_right(s))
		return VERDICT_PASS;
	wrong_print(s, i, line);
	return VERDICT_FAIL;
}

enum verdict play_judge(const char *machine, const char *title,
			const struct script scripts[])
{
	static struct stage s;

	s = (struct stage){.title = title, .scripts = scripts};
	s.run = (struct run){.machine = machine, .args = {"play"}};
	if (!model_play(&s.model, scripts) || text_make(&s) < 0) {
		fprintf(stderr, "lab-threads: %s: not a play that can be played\n",
			title);
		return VERDICT_BROKEN;
	}
	s.run.play = s.text;
	enum verdict verdict = run_subject(&s.run);

	if (verdict == VERDICT_PASS) {
		verdict = compare(&s);
		run_free(&s.run);
	}
	free(s.text);
	return verdict;
}

/* The first comment of a play is its title. */
static void title_read(FILE *file, char *title, size_t room)
{
	char line[200] = "";

	while (fgets(line, sizeof line, file) && line[0] == '#' && strstr(line, "SPDX"))
		;
	line[strcspn(line, "\n")] = '\0';
	snprintf(title, room, "%s", line[0] == '#' ? line + 2 : "a play");
	rewind(file);
}

enum verdict play_file_judge(const char *machine, const char *name)
{
	static struct script scripts[SCRIPT_THREADS];
	char title[200];
	FILE *file = fopen(name, "r");

	if (!file) {
		fprintf(stderr, "lab-threads: %s: %s\n", name, strerror(errno));
		return VERDICT_BROKEN;
	}
	title_read(file, title, sizeof title);
	unsigned wrong = script_read(file, scripts);

	fclose(file);
	if (wrong) {
		fprintf(stderr, "lab-threads: %s:%u: not a script\n", name, wrong);
		return VERDICT_BROKEN;
	}
	enum verdict verdict = play_judge(machine, title, scripts);

	if (verdict == VERDICT_PASS)
		printf("as it has to be: %s\n", title);
	return verdict;
}
