/* SPDX-License-Identifier: BSD-2-Clause */
/* runner.h - a graph that runs: its memory, who runs which module, and how they reach
 * each other.  For the files of this folder. */
#ifndef DUALITY_GRAPH_RUNNER_H
#define DUALITY_GRAPH_RUNNER_H

#include "memory.h"
#include "runtimes/ring/doorbell.h"
#include "tables.h"

#include <pthread.h>
#include <sys/epoll.h>

/* What modules do to wake the thread that runs one of them; in its own memory. */
struct station {
	struct doorbell bell;
	_Atomic uint64_t pending[GRAPH_MODULES]; /* by module: channels to be told of */
	_Atomic bool abandon; /* the graph ends as it is, after the turn that is on */
};

/* Before the ring in a ring's memory.  Flags: its consumer wants to be told of
 * messages, its producer of room. */
struct wire {
	struct doorbell_flag filled, room;
	alignas(RING_LINE) _Atomic bool ended[2]; /* enum ring_side: that one is done */
	alignas(RING_LINE) unsigned char ring[];
};

enum module_stage { MODULE_NEW, MODULE_BEGUN, MODULE_DONE, MODULE_FAILED };

/* What the supervisor reads of a module; in its own memory. */
struct status {
	struct module_counts counts;
	_Atomic uint64_t sent[MODULE_PORTS], elided[MODULE_PORTS]; /* by channel */
	_Atomic uint32_t turn;                                     /* odd: in a turn */
	_Atomic enum module_stage stage;
	int error;
	char text[256]; /* of MODULE_FAILED */
	/* It wrote to this region, from 1, which it may only read; 0: to no such. */
	_Atomic int fault_region;
	uint64_t fault_offset, fault_address;
};

/* The other end of a port, as this end reaches it. */
struct peer {
	struct resident *local; /* it runs on the same thread; else NULL */
	_Atomic uint64_t *pending;
	struct doorbell_caller caller;
	unsigned channel;
	struct doorbell_flag *asks, *asked; /* this end's, and the other's */
	_Atomic bool *ended, *peer_ended;
};

/* A module, and what its executor knows of it. */
struct resident {
	struct module module; /* first */
	struct executor *executor;
	struct status *status;
	struct peer *peers; /* of its ports */
	uint64_t pending;   /* channels to be told of */
	uint64_t armed;     /* channels that refused it: it asked to be told */
	uint64_t due_ns;    /* 0: no deadline */
	int index, priority, channels;
	bool done;
};

struct watched {
	struct resident *resident;
	void *pointer;
	uint32_t generation; /* events of an earlier one are none of this */
};

enum { EXECUTOR_EVENTS = 64 };

/* A thread that runs modules, one after the other. */
struct executor {
	struct runner *runner;
	struct station *station;
	struct resident *resident[GRAPH_MODULES]; /* in the file's order */
	int residents, living, last;              /* last: that ran */
	int core, eventfd, epfd;                  /* NONE: any; none; none */
	int index, priority;
	unsigned turns;
	bool watches;            /* one of its modules has `ready` */
	struct watched *watched; /* by descriptor */
	int watched_most;
	pthread_t thread;
	bool started; /* and not joined */
	_Atomic bool ended;
	pid_t pid; /* in a process of its own; 0: it is not, or has ended */
	int pidfd;
	int begun;   /* how often, as a process */
	bool killed; /* for its module's budget */
};

/* The watchdog's, of a module: the turn it was seen in, and until when it may be. */
struct watch {
	uint32_t turn;
	uint64_t until_ns;
};

struct runner {
	struct graph *g;
	struct graph_settings settings;
	enum graph_placement placement;
	struct memory ring[GRAPH_RINGS], region[GRAPH_MODULES], owners[GRAPH_MODULES];
	struct memory status[GRAPH_MODULES], station[GRAPH_MODULES];
	struct pool pool[GRAPH_MODULES];          /* by region, in this process */
	struct pool pool_readable[GRAPH_MODULES]; /* the same, mapped for reading */
	struct status *seen[GRAPH_MODULES];       /* the supervisor's view, by module */
	struct resident *resident[GRAPH_MODULES]; /* that this process has, or NULL */
	struct watch watch[GRAPH_MODULES];
	struct executor executor[GRAPH_MODULES];
	int executor_of[GRAPH_MODULES];
	int executors;
	int news; /* an eventfd: a module has begun, or ended; or graph_stop was called
		   */
	_Atomic bool stop;
	bool stop_told, ready_told;
	uint64_t stop_until_ns;
};

/* Decide who runs what, and make the memory.  Returns 0 or -errno with an error. */
int runner_make(struct runner **out, struct graph *g,
		const struct graph_settings *settings);

void resident_free(struct resident *s);

/* In the process that is to run an executor (NULL: all of them): map what its modules
 * are granted, let go of all else, and wire their ports.  Returns 0 or -errno. */
int runner_enter(struct runner *r, struct executor *only);

/* Run an executor's modules until they are done, or it is told to abandon them. */
void executor_run(struct executor *e);

/* Pend a channel of a module and wake who runs it, asked for or not. */
void peer_signal(struct resident *from, struct peer *peer);

/* The same, by the supervisor. */
void runner_signal(struct runner *r, int module, unsigned channel);
void runner_abandon(struct runner *r);

/* A resident's turn is over: tell its neighbours of what it did, ask them for what it
 * was refused, and find out what more it has to do. */
void turn_end(struct resident *s);

/* Catch what a module does to memory it may not touch, on this thread. */
void fault_catch(const struct runner *r);
void fault_current(struct resident *s);

/* Tell the supervisor. */
void runner_news(const struct runner *r);

static inline struct resident *resident_of(struct module *m)
{
	return (struct resident *)m;
}

static inline void count_add(_Atomic uint64_t *count, uint64_t n)
{
	/* it has one writer */
	atomic_store_explicit(count,
			      atomic_load_explicit(count, memory_order_relaxed) + n,
			      memory_order_relaxed);
}
#endif
