/* SPDX-License-Identifier: BSD-2-Clause */
/* parts_other.c - signals, descriptors, deadlines; and what modules should not do. */
#include "config.h"

#include "parts.h"
#include "runtimes/graph/runner.h"
#include "timer_heap.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* Two that only signal each other, to and fro. */
enum { BELL_PEER, BELL_FIRST };
struct bell {
	uint64_t rings, heard;
};

static int bell_init(struct module *m)
{
	struct bell *b = m->state;
	int err = module_number(m, "rings", 1, UINT32_MAX, &b->rings);

	if (module_option(m, "first"))
		port_signal(m, BELL_PEER);
	return err;
}

static void bell_notified(struct module *m, unsigned channel)
{
	struct bell *b = m->state;

	if (channel == BELL_PEER && b->heard++ < b->rings)
		port_signal(m, BELL_PEER);
	if (b->heard == b->rings)
		module_done(m);
}

/* A descriptor that is watched: what it writes to a pipe comes back through it. */
enum { PIPE_RESULT };
struct pipe_state {
	int fd[2];
	uint64_t left;
};

static int pipe_init(struct module *m)
{
	struct pipe_state *p = m->state;

	if (pipe(p->fd) < 0 ||
	    module_number(m, "messages", 1, UINT32_MAX, &p->left) < 0)
		return -errno;
	module_deadline(m, timer_now() + 1000000);
	return module_watch(m, p->fd[0], EPOLLIN, p);
}

static void pipe_notified(struct module *m, unsigned channel)
{
	struct pipe_state *p = m->state;

	if (channel == CHANNEL_DEADLINE && write(p->fd[1], "x", 1) != 1)
		module_fail(m, -errno, "write");
}

static void pipe_ready(struct module *m, void *watched, uint32_t events)
{
	struct pipe_state *p = watched;
	uint64_t bytes;
	struct result *result = port_memory(m, PIPE_RESULT, &bytes);
	char c;

	if (!(events & EPOLLIN) || read(p->fd[0], &c, 1) != 1)
		module_fail(m, -errno, "read");
	result->count[0]++;
	if (--p->left == 0) {
		module_unwatch(m, p->fd[0]);
		close(p->fd[0]);
		close(p->fd[1]);
		module_done(m);
	} else if (p->left % 2) {
		module_deadline(m, timer_now() + 1000);
	} else if (write(p->fd[1], "x", 1) != 1) {
		module_fail(m, -errno, "write");
	}
}

/* What modules should not do. */
enum { LURKER_MEMORY, LURKER_OUT };

static bool lurks_to(const struct module *m, const char *what)
{
	const char *on = module_option(m, "on");

	return on && !strcmp(on, what);
}

/* It looks for memory that it is not granted: mapped, open, or to be made writable.
 * Returns 0, or -EPERM: there is some. */
static int lurker_search(struct module *m)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], name[64], target[64];
	uint64_t bytes;
	void *memory = port_memory(m, LURKER_MEMORY, &bytes);
	bool may_write = false;

	while (maps && fgets(line, sizeof line, maps))
		if (strstr(line, "memfd:memory"))
			may_write |= !memory || strstr(line, " r--s ") == NULL;
	if (!maps || fclose(maps) || may_write)
		return -EPERM;
	for (int fd = 0; fd < 1024; fd++) {
		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		memset(target, 0, sizeof target);
		if (readlink(name, target, sizeof target - 1) > 0 &&
		    strstr(target, "memfd:"))
			return -EPERM;
	}
	if (memory &&
	    (mprotect(memory, bytes, PROT_READ | PROT_WRITE) == 0 || errno != EACCES))
		return -EPERM;
	return 0;
}

/* A sanitizer would end it otherwise; and a store that the compiler knows to be at NULL
 * it may leave out. */
__attribute__((no_sanitize("undefined"))) static void store_at_null(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}

static int lurker_init(struct module *m)
{
	uint64_t bytes;
	volatile unsigned char *memory = port_memory(m, LURKER_MEMORY, &bytes);
	const volatile bool forever = true;

	if (lurks_to(m, "write"))
		memory[100] = 1;
	if (lurks_to(m, "null"))
		store_at_null();
	if (lurks_to(m, "abort") || (lurks_to(m, "abort-once") && m->lives == 0))
		abort();
	if ((lurks_to(m, "put-once") || lurks_to(m, "signal-once")) && m->lives == 0)
		module_deadline(m, timer_now() + 50000000); /* the other sleeps */
	if (lurks_to(m, "search"))
		return lurker_search(m);
	if (lurks_to(m, "done-exit") || lurks_to(m, "done-stay"))
		module_done(m);
	if (lurks_to(m, "done-exit"))
		_exit(9);
	while (forever && lurks_to(m, "done-stay"))
		pause();
	if (lurks_to(m, "exit"))
		_exit(7);
	while (forever &&
	       (lurks_to(m, "hang") || (lurks_to(m, "hang-once") && m->lives == 0)))
		;
	if (lurks_to(m, "abort-once") || lurks_to(m, "hang-once"))
		module_done(m);
	return lurks_to(m, "fail") ? -ENOSPC : 0;
}

/* As peer_signal, to one who sleeps; but it does not come to the wake-up. */
static void lurker_signal(struct module *m)
{
	const uint32_t asleep = UINT32_C(1) << 31; /* doorbell.c */
	const struct peer *peer = &((struct resident *)m)->peers[LURKER_OUT];
	_Atomic uint32_t *word = &peer->caller.bell->word;

	while (atomic_load(word) != asleep)
		sched_yield();
	atomic_store(&peer->asked->wanted, 0);
	atomic_fetch_or(peer->pending, UINT64_C(1) << peer->channel);
	atomic_fetch_add(word, 1);
}

static void lurker_notified(struct module *m, unsigned channel)
{
	if (channel == CHANNEL_DEADLINE) {
		port_put(m, LURKER_OUT, &(struct ring_item){.offset = 0}, 1);
		if (lurks_to(m, "signal-once"))
			lurker_signal(m);
		abort();
	}
	if (port_ended(m, LURKER_OUT) ||
	    (channel == CHANNEL_STOP && !lurks_to(m, "stay")))
		module_done(m);
}

/* Who is called first is written down. */
enum { TELLER_RESULT };

static int teller_init(struct module *m)
{
	module_again(m, TELLER_RESULT);
	return 0;
}

static void teller_notified(struct module *m, unsigned channel)
{
	uint64_t bytes;
	struct result *result = port_memory(m, TELLER_RESULT, &bytes);

	(void)channel;
	result->hash[result->count[0]++ % MARKS] = m->number;
	module_done(m);
}

const struct module_type part_bell = {
	.name = "bell",
	.ports = (const struct port_rule[]){{.kind = PORT_CHANNEL, .name = "peer"},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"rings", "first", NULL},
	.state_bytes = sizeof(struct bell),
	.init = bell_init,
	.notified = bell_notified,
};

const struct module_type part_pipe = {
	.name = "pipe",
	.ports = (const struct port_rule[]){{.kind = PORT_REGION,
					     .name = "result",
					     .writes = true,
					     .bytes = sizeof(struct result)},
					    {.kind = PORT_NONE}},
	.options = (const char *const[]){"messages", NULL},
	.state_bytes = sizeof(struct pipe_state),
	.init = pipe_init,
	.notified = pipe_notified,
	.ready = pipe_ready,
};

const struct module_type part_lurker = {
	.name = "lurker",
	.restarts = true,
	.ports =
		(const struct port_rule[]){
			{.kind = PORT_REGION,
			 .name = "memory",
			 .optional = true,
			 .bytes = 8192},
			{.kind = PORT_OUT, .name = "out", .optional = true},
			{.kind = PORT_NONE}},
	.options = (const char *const[]){"on", NULL},
	.init = lurker_init,
	.notified = lurker_notified,
};

const struct module_type part_teller = {
	.name = "teller",
	.ports = (const struct port_rule[]){{.kind = PORT_REGION,
					     .name = "result",
					     .writes = true,
					     .bytes = sizeof(struct result)},
					    {.kind = PORT_NONE}},
	.init = teller_init,
	.notified = teller_notified,
};
