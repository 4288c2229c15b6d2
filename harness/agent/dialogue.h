/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target of ipbench says to its controller, line by line: HELLO, LOAD, SETUP,
 * START, STOP.  Knows neither sockets nor clocks. */
#ifndef AGENT_DIALOGUE_H
#define AGENT_DIALOGUE_H

#include <stddef.h>
#include <stdint.h>

/* Time of the CPUs asked for, summed over them, since some moment. */
struct reading {
	uint64_t idle_ns, total_ns;
};

/* Where readings come from. */
struct meter {
	int (*read)(struct meter *meter, struct reading *out); /* 0 or -errno */
	uint64_t least_ns; /* a window of a smaller total cannot be told */
};

enum dialogue_state {
	DIALOGUE_TALKING,
	DIALOGUE_MEASURING, /* between START and STOP */
	DIALOGUE_OVER, /* the data are out, or the peer left: nothing more is said */
};

enum {
	DIALOGUE_LINE = 256, /* a longer line ends the dialogue */
	DIALOGUE_BITE = 512, /* bytes to take at a time, at most */
	/* Each byte may be an empty line, answered with an error of 10. */
	DIALOGUE_ANSWER = 10 * DIALOGUE_BITE + 256,
};

struct dialogue {
	enum dialogue_state state;
	struct reading start;
	int start_error; /* 0 or -errno */
	size_t length;
	char line[DIALOGUE_LINE];
};

/* To be sent, in one piece: ipbench takes what one recv() returns for a reply. */
struct answer {
	size_t length;
	char bytes[DIALOGUE_ANSWER];
};

/* The greeting, before anything is taken. */
void dialogue_open(struct dialogue *dialogue, struct answer *answer);

/* Takes DIALOGUE_BITE bytes at most, cut anywhere, and appends to `answer`, which was
 * emptied.  Lines end in LF; a CR before it is passed over. */
void dialogue_take(struct dialogue *dialogue, struct meter *meter, const char *bytes,
		   size_t count, struct answer *answer);

#endif
