/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario_things.c - statements of what there is: files, semaphores, ports, and
 * clients, whose steps stand between `client` and `end`. */
#include "config.h"

#include "reading.h"

#include <stdio.h>
#include <string.h>

/* The name of a new thing: word 1. */
static const char *new_name(struct line *line, int there, int max, int known)
{
	if (known >= 0)
		line_fail(line, "there is a %s of that name already", line->word[0]);
	else if (there == max)
		line_fail(line, "more than %d of %s", max, line->word[0]);
	return line_word(line, 1, VK_NAME_MAX);
}

static struct file *file_add(struct reading *r)
{
	struct scenario *s = r->scenario;
	const char *name = r->line.words > 1 ? r->line.word[1] : "";

	name = new_name(&r->line, s->files, SCENARIO_OBJECTS_MAX,
			reading_file_of(s, name));
	if (*r->line.error)
		return NULL;
	snprintf(s->file[s->files].name, VK_NAME_MAX, "%s", name);
	return &s->file[s->files++];
}

/* file NAME [takes N] [size N] ["TEXT"] */
void reading_file(struct reading *r)
{
	struct file *file = file_add(r);
	int last = r->line.words - 1;

	if (!file)
		return;
	file->takes = line_option(&r->line, "takes", 0);
	file->size = line_option(&r->line, "size", 0);
	if (file->size > sizeof(file->data)) {
		line_fail(&r->line, "a file of more than %zu bytes",
			  sizeof(file->data));
		file->size = 0;
	}
	for (size_t i = 0; i < file->size; i++)
		file->data[i] = (char)('a' + i % 26);
	if (last < 2 || r->line.used[last])
		return;
	file->size = strlen(line_word(&r->line, last, SCENARIO_WORD_MAX));
	memcpy(file->data, r->line.word[last], file->size);
}

void reading_stream(struct reading *r)
{
	struct file *file = file_add(r);

	if (file)
		file->stream = true;
}

void reading_sem(struct reading *r)
{
	struct scenario *s = r->scenario;
	const char *name = r->line.words > 1 ? r->line.word[1] : "";

	name = new_name(&r->line, s->sems, SCENARIO_OBJECTS_MAX,
			reading_sem_of(s, name));
	if (*r->line.error)
		return;
	snprintf(s->sem[s->sems].name, VK_NAME_MAX, "%s", name);
	s->sem[s->sems++].value = line_option(&r->line, "value", 0);
}

void reading_port(struct reading *r)
{
	struct scenario *s = r->scenario;
	const char *name = r->line.words > 1 ? r->line.word[1] : "";
	int known = reading_find(s->port[0], VK_NAME_MAX, s->ports, name);

	name = new_name(&r->line, s->ports, SCENARIO_OBJECTS_MAX, known);
	if (!*r->line.error)
		snprintf(s->port[s->ports++], VK_NAME_MAX, "%s", name);
}

/* --- clients -----------------------------------------------------------------------
 */

void reading_client(struct reading *r)
{
	struct scenario *s = r->scenario;
	const char *name = line_word(&r->line, 1, VK_NAME_MAX - 4);
	struct times t = reading_times(&r->line);

	if (r->block >= 0 || t.count > SCENARIO_CLIENTS_MAX - (unsigned)s->clients) {
		line_fail(&r->line, r->block >= 0 ? "a client within a client"
						  : "too many clients");
		return;
	}
	r->block = s->clients;
	for (unsigned i = 1; i <= t.count; i++) {
		struct client *client = &s->client[s->clients++];

		memset(client, 0, sizeof(*client));
		if (t.count > 1)
			snprintf(client->name, VK_NAME_MAX, "%.11s-%u", name, i);
		else
			snprintf(client->name, VK_NAME_MAX, "%.15s", name);
		client->first = r->block;
		client->count = (int)t.count;
		client->at = t.at + (uint64_t)(i - 1) * t.every;
	}
}

void reading_end(struct reading *r)
{
	if (r->block < 0)
		line_fail(&r->line, "end of no client");
	r->block = -1;
}

static void step_add(struct reading *r, const struct step *step)
{
	struct scenario *s = r->scenario;

	if (r->block < 0) {
		line_fail(&r->line, "%s belongs between client and end",
			  r->line.word[0]);
		return;
	}
	for (int i = r->block; i < s->clients; i++) {
		struct client *client = &s->client[i];

		if (client->steps == SCENARIO_STEPS_MAX)
			line_fail(&r->line, "more than %d steps", SCENARIO_STEPS_MAX);
		else
			client->step[client->steps++] = *step;
	}
}

static void read_send(struct reading *r, enum step_kind kind)
{
	struct scenario *s = r->scenario;
	const char *port = line_word(&r->line, 1, VK_NAME_MAX);
	struct step step = {.kind = kind};

	if (strcmp(port, "it") &&
	    reading_find(s->port[0], VK_NAME_MAX, s->ports, port) < 0)
		line_fail(&r->line, "there is no port %s", port);
	snprintf(step.port, sizeof(step.port), "%s", port);
	snprintf(step.text, sizeof(step.text), "%s",
		 line_word(&r->line, 2, VK_TEXT_MAX));
	step_add(r, &step);
}

void reading_ask(struct reading *r)
{
	read_send(r, STEP_ASK);
}

void reading_tell(struct reading *r)
{
	read_send(r, STEP_TELL);
}

void reading_want(struct reading *r)
{
	struct step step = {.kind = STEP_WANT};

	snprintf(step.text, sizeof(step.text), "%s",
		 line_word(&r->line, 1, VK_TEXT_MAX));
	step_add(r, &step);
}

void reading_think(struct reading *r)
{
	struct step step = {.kind = STEP_THINK};

	step.ticks = line_number(&r->line, 1);
	step_add(r, &step);
}

void reading_meet(struct reading *r)
{
	struct step step = {.kind = STEP_MEET};

	step_add(r, &step);
}
