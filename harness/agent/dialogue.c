/* SPDX-License-Identifier: BSD-2-Clause */
/* The target's side of ipbench's dialogue; see dialogue.h.  It is the one of the sDDF's
 * echo server (examples/echo_server/utilization_socket.c), which speaks of the test
 * cpu_target_lukem alone, with the answers ipbench's own daemon has where that one is
 * silent (ABORT; 221 where there are no data). */
#include "config.h"

#include "harness/agent/dialogue.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DATA_ROOM = 64 };

static void say(struct answer *answer, const char *text)
{
	size_t length = strlen(text);
	assert(length < sizeof answer->bytes - answer->length);
	memcpy(answer->bytes + answer->length, text, length);
	answer->length += length;
}

/* The data end with a NUL, which is counted (ipbench prints them as a string). */
static void say_data(struct answer *answer, const char *status, uint64_t idle,
		     uint64_t total)
{
	char data[DATA_ROOM], head[2 * DATA_ROOM];
	int length = snprintf(data, sizeof data, ",%" PRIu64 ",%" PRIu64, idle, total);
	snprintf(head, sizeof head, "%s (Data to follow)\nContent-length: %d\n", status,
		 length + 1);
	say(answer, head);
	say(answer, data);
	answer->bytes[answer->length++] = '\0';
}

static void start(struct dialogue *dialogue, struct meter *meter)
{
	dialogue->start_error = meter->read(meter, &dialogue->start);
	dialogue->state = DIALOGUE_MEASURING;
}

/* Idle time goes by ticks, total time does not: by one tick it may be more.  And it may
 * step back a little (iowait, proc(5)). */
static void stop(struct dialogue *dialogue, struct meter *meter, struct answer *answer)
{
	struct reading now;
	int error = meter->read(meter, &now);
	dialogue->state = DIALOGUE_OVER;
	if (error || dialogue->start_error ||
	    now.total_ns - dialogue->start.total_ns < meter->least_ns) {
		say_data(answer, "221 INVALID DATA", 0, 0);
		return;
	}
	uint64_t total_ns = now.total_ns - dialogue->start.total_ns;
	uint64_t idle_ns = now.idle_ns > dialogue->start.idle_ns
				   ? now.idle_ns - dialogue->start.idle_ns
				   : 0;
	say_data(answer, "220 VALID DATA", idle_ns < total_ns ? idle_ns : total_ns,
		 total_ns);
}

static void line_answer(struct dialogue *dialogue, struct meter *meter,
			struct answer *answer)
{
	const char *line = dialogue->line;
	if (strcmp(line, "HELLO") == 0)
		say(answer, "200 OK (Ready to go)\n");
	else if (strcmp(line, "LOAD cpu_target_lukem") == 0 ||
		 strcmp(line, "SETUP args::\"\"") == 0)
		say(answer, "200 OK\n");
	else if (strcmp(line, "START") == 0)
		start(dialogue, meter);
	else if (strcmp(line, "STOP") == 0 && dialogue->state == DIALOGUE_MEASURING)
		stop(dialogue, meter, answer);
	else if (strcmp(line, "QUIT") == 0 || strcmp(line, "ABORT") == 0)
		dialogue->state = DIALOGUE_OVER;
	else
		say(answer, "400 ERROR\n");
}

static void line_end(struct dialogue *dialogue, struct meter *meter,
		     struct answer *answer)
{
	if (dialogue->length > 0 && dialogue->line[dialogue->length - 1] == '\r')
		dialogue->length--;
	/* With a NUL inside it is none of the words. */
	if (memchr(dialogue->line, '\0', dialogue->length))
		dialogue->length = 0;
	dialogue->line[dialogue->length] = '\0';
	line_answer(dialogue, meter, answer);
	dialogue->length = 0;
}

void dialogue_open(struct dialogue *dialogue, struct answer *answer)
{
	*dialogue = (struct dialogue){.state = DIALOGUE_TALKING};
	say(answer, "100 IPBENCH V1.0\n");
}

void dialogue_take(struct dialogue *dialogue, struct meter *meter, const char *bytes,
		   size_t count, struct answer *answer)
{
	assert(count <= DIALOGUE_BITE);
	for (size_t i = 0; i < count && dialogue->state < DIALOGUE_OVER; i++) {
		if (bytes[i] == '\n') {
			line_end(dialogue, meter, answer);
		} else if (dialogue->length < sizeof dialogue->line - 1) {
			dialogue->line[dialogue->length++] = bytes[i];
		} else {
			say(answer, "400 ERROR\n");
			dialogue->state = DIALOGUE_OVER;
		}
	}
}
