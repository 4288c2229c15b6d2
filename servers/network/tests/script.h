/* SPDX-License-Identifier: BSD-2-Clause */
/* script.h - the network's modules without a network: a driver that is told what comes,
 * and a client that does what none should.  All run on a thread of their own; the test
 * plays to them, and looks when all is quiet. */
#ifndef DUALITY_NETWORK_SCRIPT_H
#define DUALITY_NETWORK_SCRIPT_H

#include "servers/network/network.h"

#include <pthread.h>
#include <semaphore.h>

enum { SCRIPT_ROGUES = 2, SCRIPT_SENT = 4096 };

struct script_frame {
	uint32_t length;
	unsigned char bytes[NET_BUFFER_BYTES];
};

/* What a rogue, a client without a stack, is to do and has done. */
struct script_rogue {
	bool stuck;    /* it takes nothing */
	uint32_t lies; /* give back so many that it never had, both ways */
	uint32_t send; /* send so many frames */
	uint64_t got;
	struct script_frame last;
	uint32_t held; /* empty buffers to send with */
};

struct script {
	struct network network; /* first: it is module->program */
	const struct script_frame *frames;
	uint32_t count, fed, head; /* head: frames begin there in their buffers */
	bool holds;                /* the device takes no frames */
	struct script_rogue rogue[SCRIPT_ROGUES];

	/* What was sent since it was played to. */
	struct script_frame sent[SCRIPT_SENT];
	uint32_t sents, spares; /* spares: empty buffers at the driver */

	int news;
	sem_t quiet;
};

/* Of script, but for quiet: for who looks at what was sent while the driver may send.
 */
extern pthread_mutex_t script_guard;

extern const struct module_type script_driver_module, script_rogue_module;
extern struct script script;

/* Run a graph of these and the network's modules.  Returns 0, or -errno with the text
 * in script_error. */
int script_begin(const char *graph);
int script_end(void);
extern const char *script_error;

/* These frames come.  Returns how many were sent in answer, when nothing moves. */
uint32_t script_play(const struct script_frame *frames, uint32_t count);
uint64_t script_counter(unsigned which); /* of NET_* */
#endif
