/* SPDX-License-Identifier: BSD-2-Clause */
/* clients.c - processes of the scenario that talk to the program's ports, each by the
 * steps of its block.  One waits at a time for one answer, on a port of its own. */
#include "config.h"

#include "kernel.h"

#include <stdio.h>
#include <string.h>

static const struct client *client_of(const struct kernel *k, int client)
{
	return &k->scenario->client[client];
}

int client_find(const struct kernel *k, int port)
{
	int client = port - KERNEL_CLIENT_PORT;

	return client >= 0 && client < k->scenario->clients ? client : -1;
}

bool client_finished(const struct kernel *k, int client)
{
	const struct session *s = &k->session[client];

	return !s->lost && !s->waits && !s->meets &&
	       s->step == client_of(k, client)->steps;
}

static int port_of(const struct kernel *k, int client, const struct step *step)
{
	if (!strcmp(step->port, "it"))
		return k->session[client].it;
	for (int i = 0; i < k->scenario->ports; i++)
		if (!strcmp(k->scenario->port[i], step->port))
			return i + 1;
	return 0;
}

static void client_lose(struct kernel *k, int client, const char *why)
{
	k->session[client].lost = true;
	kernel_say(k, "%s gives up: %s", client_of(k, client)->name, why);
}

static void send_step(struct kernel *k, int client, const struct step *step)
{
	struct vk_message message = {.port = KERNEL_CLIENT_PORT + client};
	int port = port_of(k, client, step);

	snprintf(message.text, sizeof(message.text), "%s", step->text);
	kernel_say(k, "%s sends \"%.16s\" to port %d", client_of(k, client)->name,
		   step->text, port);
	k->session[client].waits = step->kind == STEP_ASK;
	if (port_give(k, port, &message) < 0)
		client_lose(k, client, "nobody takes it");
}

/* Waits until all of the block have got so far.  Who waits for an answer has not. */
static bool meet_step(struct kernel *k, int client)
{
	const struct client *c = client_of(k, client);
	int step = k->session[client].step;

	k->session[client].meets = true;
	for (int i = c->first; i < c->first + c->count; i++)
		if (k->session[i].step < step)
			return false;
	for (int i = c->first; i < c->first + c->count; i++) {
		if (i != client && k->session[i].meets)
			kernel_timer(k, 0, TIMER_CLIENT, i);
		k->session[i].meets = false;
	}
	return true;
}

/* Does what comes next; true if it can go on at once. */
static bool step_do(struct kernel *k, int client)
{
	struct session *s = &k->session[client];
	const struct step *step = &client_of(k, client)->step[s->step++];

	switch (step->kind) {
	case STEP_ASK:
	case STEP_TELL:
		send_step(k, client, step);
		break;
	case STEP_WANT:
		if (strcmp(s->answer.text, step->text))
			client_lose(k, client, "that was not the answer it wants");
		break;
	case STEP_THINK:
		kernel_timer(k, step->ticks, TIMER_CLIENT, client);
		return false;
	case STEP_MEET:
		return meet_step(k, client);
	}
	return !s->lost && !s->waits;
}

void client_go_on(struct kernel *k, int client)
{
	struct session *s = &k->session[client];

	if (s->lost || s->waits || s->meets)
		return;
	while (s->step < client_of(k, client)->steps)
		if (!step_do(k, client))
			return;
	kernel_say(k, "%s is done", client_of(k, client)->name);
}

void client_answer(struct kernel *k, int client, const struct vk_message *message)
{
	struct session *s = &k->session[client];

	if (!s->waits || s->lost) {
		k->dead_letters++;
		kernel_say(k, "%s did not wait for \"%.16s\"",
			   client_of(k, client)->name, message->text);
		return;
	}
	s->answer = *message;
	if (message->port > 0)
		s->it = message->port;
	s->waits = false;
	kernel_timer(k, 0, TIMER_CLIENT, client);
}
