/* SPDX-License-Identifier: BSD-2-Clause */
/* bugs.c - a program for each thing lab-weave can find, and some in which there is
 * nothing; bugs.sh knows which. */
#include "weave.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	MEMORY_BYTES = 768 << 20,
	PROCESSES = 100,
	TRIES = 6000,
	PAUSE_US = 10000,
	KEPT_S = 60
};

struct item {
	uint32_t offset, length;
	uint64_t tag;
};

static struct item item, items[2];
static unsigned char bytes[20];
static _Atomic uint32_t flag;
static _Atomic uint32_t other;
static uint32_t plain;
static struct weave_sem bell, back;
uint32_t places[64];

/* Hands an item over, properly. */
static void item_give(void)
{
	const struct item new = {.offset = 4096, .length = 60, .tag = 7};

	item = new;
	memcpy(&items[1], &item, sizeof item);
	memset(bytes, 9, sizeof bytes);
	bytes[19] = 1;
	atomic_store_explicit(&flag, 1, memory_order_release);
}

static void item_take(void)
{
	struct item mine;

	while (!atomic_load_explicit(&flag, memory_order_acquire))
		weave_pause();
	mine = items[1];
	weave_check(mine.offset == 4096 && mine.length == 60 && mine.tag == 7,
		    "the item is whole");
	weave_check(bytes[0] == 9 && bytes[18] == 9 && bytes[19] == 1, "all bytes");
	item.length++;
	weave_check(item.length == 61 && item.tag == 7, "read, and written again");
}

/* Without waiting for it. */
static void item_grab(void)
{
	weave_observe("tag", item.tag);
}

static void plain_set(void)
{
	plain = 1;
	weave_signal(&bell);
}

static void plain_read(void)
{
	weave_wait(&bell);
	weave_check(plain == 1, "the value has come");
}

static void plain_read_early(void)
{
	weave_observe("value", plain);
	weave_wait(&bell);
}

static void unwritten_prepare(void)
{
	weave_unwritten(&plain, sizeof plain);
	weave_name(&plain, sizeof plain, "plain");
	weave_name(&bell, sizeof bell, "bell");
}

/* Counts without a lock, in two steps. */
static void count_lost(void)
{
	uint32_t value = atomic_load(&flag);

	atomic_store(&flag, value + 1);
}

static void count_finish(void)
{
	weave_check(atomic_load(&flag) == 2, "both were counted");
}

/* Looks, and then sleeps; the other sets, and signals only if someone said he sleeps.
 */
static void sleeper(void)
{
	if (!atomic_load(&flag)) {
		atomic_store(&other, 1);
		weave_wait(&bell);
	}
}

static void waker(void)
{
	atomic_store(&flag, 1);
	if (atomic_load(&other))
		weave_signal(&bell);
}

static void asleep_finish(void)
{
	weave_check(!atomic_load(&flag), "it sleeps though there is something");
}

static void deadlock_left(void)
{
	weave_wait(&bell);
	weave_signal(&back);
}

static void deadlock_right(void)
{
	weave_wait(&back);
	weave_signal(&bell);
}

static void pause_for_ever(void)
{
	while (!atomic_load(&other))
		weave_pause();
}

/* Writes after the fence that is to publish it. */
static void fence_early(void)
{
	atomic_thread_fence(memory_order_release);
	plain = 1;
	atomic_store_explicit(&flag, 1, memory_order_relaxed);
}

static void fence_read(void)
{
	if (atomic_load_explicit(&flag, memory_order_acquire))
		weave_observe("value", plain);
}

/* Two that pass a turn to and fro for ever would never end; this many times they do. */
static void turns_left(void)
{
	for (uint32_t i = 0; i < 20;) {
		weave_again(i);
		if (atomic_load(&flag) == 0) {
			plain++;
			atomic_store(&flag, 1);
			i++;
		} else {
			weave_pause();
		}
	}
}

static void turns_right(void)
{
	for (uint32_t i = 0; i < 20;) {
		weave_again(i);
		if (atomic_load(&flag) == 1) {
			plain++;
			atomic_store(&flag, 0);
			i++;
		} else {
			weave_pause();
		}
	}
}

static void turns_finish(void)
{
	weave_check(plain == 40, "each turn was counted");
}

static void spin(void)
{
	while (!atomic_load(&flag))
		;
}

static void nothing(void)
{
}

static void raise_flag(void)
{
	atomic_store(&flag, 1);
}

static void mixed(void)
{
	uint32_t value;

	memcpy(&value, (const void *)&flag, sizeof value);
	weave_observe("value", value);
}

static void crash(void)
{
	*(volatile int *)8 = 1;
}

static void quit(void)
{
	printf("PASS\n");
	_exit(0);
}

static void compute(void)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static void by_chance(void)
{
	atomic_load(&flag);
	weave_observe("place", places[(unsigned)getpid() % 64]);
	atomic_load(&flag);
	atomic_load(&flag);
}

static void asks_input(void)
{
	weave_observe("sum", weave_input(0) + weave_input(1) + weave_input(7));
}

static void many(void)
{
	for (int i = 0; i < 200; i++)
		bytes[i % 20] = (unsigned char)i;
	weave_check(bytes[19] == 199, "more than is told at once");
}

static void prepare_crash(void)
{
	abort();
}

/* More than the box lets a program have, kept until somebody sees it. */
static void memory_fill(void)
{
	mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	sleep(KEPT_S);
}

/* The same user's other boxes may have some for a moment: it goes on trying. */
static void processes_fill(void)
{
	for (int tries = 0, made = 0; tries < TRIES && made < PROCESSES; tries++) {
		pid_t pid = fork();

		if (pid < 0)
			usleep(PAUSE_US);
		made += pid > 0;
		if (pid != 0)
			continue;
		sleep(KEPT_S);
		_exit(0);
	}
	sleep(KEPT_S);
}

static const struct bug {
	const char *name;
	void (*left)(void), (*right)(void);
	void (*prepare)(void), (*finish)(void);
	bool may_sleep;
} bugs[] = {
	{"clean", item_give, item_take},
	{"semaphore", plain_set, plain_read, unwritten_prepare},
	{"race", item_give, item_grab},
	{"unwritten", plain_read_early, plain_set, unwritten_prepare},
	{"lost", count_lost, count_lost, .finish = count_finish},
	{"wakeup", sleeper, waker},
	{"asleep", sleeper, waker, .finish = asleep_finish, .may_sleep = true},
	{"sleeps", deadlock_left, nothing, .may_sleep = true},
	{"deadlock", deadlock_left, deadlock_right},
	{"pause", pause_for_ever, raise_flag},
	{"spin", spin, raise_flag},
	{"fence", fence_early, fence_read},
	{"turns", turns_left, turns_right, .finish = turns_finish},
	{"mixed", mixed, raise_flag},
	{"crash", raise_flag, crash},
	{"quit", quit, raise_flag},
	{"compute", compute, raise_flag},
	{"chance", by_chance, raise_flag},
	{"input", asks_input, nothing},
	{"many", many, nothing},
	{"prepare", nothing, nothing, prepare_crash},
	{"fills-memory", memory_fill, nothing},
	{"fills-processes", processes_fill, nothing},
};

/* One that would pass itself; glibc gives constructors what it gives main(). */
__attribute__((constructor)) static void begin(int argc, char **argv)
{
	if (argc < 2)
		return;
	if (strcmp(argv[1], "begin-memory") == 0)
		memory_fill();
	if (strcmp(argv[1], "begin-processes") == 0)
		processes_fill();
	if (strcmp(argv[1], "begin") != 0)
		return;
	printf("PASS\n");
	_exit(0);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof bugs / sizeof bugs[0]; i++) {
		const struct bug *bug = &bugs[i];
		const struct weave_thread threads[] = {
			{"left", bug->left, bug->may_sleep},
			{"right", bug->right, false},
			{.name = NULL},
		};
		const struct weave_model model = {bug->prepare, threads, bug->finish};

		if (strcmp(bug->name, argv[1]) != 0)
			continue;
		return weave_main(&model);
	}
	return 0;
}
