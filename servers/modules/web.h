/* SPDX-License-Identifier: BSD-2-Clause */
/* web.h - what the modules of graph.c say to each other, and what they share.  A
 * connection, like a buffer, is one module's at a time: who has its message. */
#ifndef DUALITY_WEB_H
#define DUALITY_WEB_H

#include "runtimes/graph/module.h"
#include "setup.h"

/* Buffers.  One of input fits into what a machine has room for whenever it wants more:
 * a head that is not whole takes less than the other half of its buffer. */
enum {
	INPUT_BYTES = HTTP_HEAD_MAX,
	OUTPUT_BYTES = 65536,
	PATH_BYTES = HTTP_HEAD_MAX, /* a path is shorter than the head it came in */
	TAKE = 16,                  /* messages at once */
};

/* A message's tag: the connection, by its descriptor at netin, and a word. */
static inline uint64_t tag_of(uint32_t connection, int word)
{
	return (uint64_t)(uint32_t)word << 32 | connection;
}

static inline uint32_t tag_connection(uint64_t tag)
{
	return (uint32_t)tag;
}

static inline int tag_word(uint64_t tag)
{
	return (int)(uint32_t)(tag >> 32);
}

/* netin -> http: input, of length 0 at its end; else this, or -errno. */
enum { NEWS_INPUT, NEWS_WRITABLE };

/* http -> netin: the connection is yours again: */
enum verdict {
	VERDICT_READ,     /* tell me what it sends */
	VERDICT_WRITABLE, /* tell me when it can be written to */
	VERDICT_DRAIN,    /* its last reply is out: LINGER_NS, then close */
	VERDICT_CLOSE,
	VERDICT_REFUSE, /* there is no memory for it */
};

/* http -> netout: write this, or: I have nothing more for it.  The answer's word is how
 * many bytes went, or -errno. */
enum { WRITE_BYTES, WRITE_NO_MORE };

/* file -> http: 0, -errno, or: it has no room in the cache, but is in memory now. */
enum { LOADED_TOUCHED = 1 };

/* What descriptors need where netin and netout are processes: one opened in a process
 * is not open in another (D. W. Jones, lecture 31, on threads carried by several), so
 * it is passed (SCM_RIGHTS, unix(7)). */
struct passing {
	int give, take; /* the two ends of a socket */
	int *taken;     /* by connection: netout's descriptor of it + 1, or 0 */
	unsigned most;
};

/* Processes that may hold bodies of the cache; in memory shared with the supervisor. */
struct web_holders {
	_Atomic pid_t http, file;
};

/* module->program. */
struct web {
	struct server *server;
	bool apart;   /* modules are processes */
	int listener; /* then this is netin's alone, while server->listener is -1 */
	struct passing passing;
	struct web_holders *holders;
};

extern const struct module_type netin_module, http_module, file_module, netout_module;

static inline struct web *web_of(const struct module *m)
{
	return m->program;
}

/* Before there are modules.  Returns 0 or -errno. */
int passing_open(struct passing *p, unsigned descriptors);
void passing_close(struct passing *p);

/* Returns 0 or -errno; waits while there is no room, for netout, which waits for
 * nobody.
 */
int passing_give(const struct passing *p, int connection);

/* Take all that have come; one gives what the connection's is, or -errno. */
void passing_take(struct passing *p);
int passing_find(struct passing *p, uint32_t connection);
void passing_drop(struct passing *p, uint32_t connection);

/* What a module in a process of its own keeps of what it was born with. */
enum keeps {
	KEEPS_LISTENER = 1,
	KEEPS_FILES = 2,
	KEEPS_ACCOUNTS = 4,
	KEEPS_GIVE = 8,
	KEEPS_TAKE = 16
};
void web_keep_only(struct web *w, unsigned keeps);
#endif
