/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - a program with faults, one of each kind that step claims to find, and
   with what it must not take for one.  Its argument says which; two threads do it, told
   which of them they are.  Compiled without sanitizers. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2 };

static long hits;
static long balance = 100;
static int full, bad;
static atomic_long sum;
static atomic_int taken;
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inherits;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spinning;
static sem_t room;

static void unlocked(int n)
{
	(void)n;
	hits++;
}

static void unlocked_5(int n)
{
	for (int i = 0; i < 5; i++)
		unlocked(n);
}

static void withdraw(int n)
{
	(void)n;
	pthread_mutex_lock(&first);
	long before = balance;
	pthread_mutex_unlock(&first);
	if (before < 80)
		return;
	pthread_mutex_lock(&first);
	balance -= 80;
	pthread_mutex_unlock(&first);
}

/* Seen half way by who read before it began: that takes two switches. */
static void half_way(int n)
{
	if (n == 0) {
		bad = *(volatile long *)&hits != 0;
	} else {
		*(volatile long *)&hits = 1;
		*(volatile long *)&hits = 0;
	}
}

static void in_order(int n)
{
	pthread_mutex_t *one = n ? &second : &first, *other = n ? &first : &second;
	pthread_mutex_lock(one);
	pthread_mutex_lock(other);
	hits++;
	pthread_mutex_unlock(other);
	pthread_mutex_unlock(one);
}

static void unlock_twice(int n)
{
	(void)n;
	pthread_mutex_lock(&first);
	hits++;
	pthread_mutex_unlock(&first);
	pthread_mutex_unlock(&first);
}

static void unlock_wrong(int n)
{
	pthread_mutex_lock(n ? &first : &second);
	hits++;
	pthread_mutex_unlock(n ? &second : &first);
}

static void keep_locked(int n)
{
	pthread_mutex_lock(&first);
	hits++;
	if (n == 0)
		pthread_mutex_unlock(&first);
}

static void lose_wake_up(int n)
{
	if (n) {
		full = 1;
		pthread_cond_signal(&changed);
		return;
	}
	pthread_mutex_lock(&first);
	if (!full)
		pthread_cond_wait(&changed, &first);
	pthread_mutex_unlock(&first);
}

static void crash(int n)
{
	static int *volatile shared;
	int number = 0;
	if (n == 0)
		shared = &number;
	if (n == 0)
		shared = NULL;
	else if (shared)
		*shared = 1;
}

static void endless(int n)
{
	while (n == 0)
		continue;
}

static void processes(int n)
{
	if (n == 1 && fork() == 0)
		_exit(0);
}

/* More than it may; and then it waits to be found out. */
static void memory(int n)
{
	enum { MUCH = 256 << 20 };
	static char *volatile much;
	if (n == 0)
		much = malloc(MUCH);
	if (n == 0 && much)
		memset(much, 1, MUCH);
	while (n == 0 && much)
		continue;
}

static void locked(int n)
{
	(void)n;
	pthread_mutex_lock(&first);
	hits++;
	pthread_mutex_unlock(&first);
}

static void one_instruction(int n)
{
	(void)n;
	atomic_fetch_add(&sum, 1);
	hits = sum; /* the last that writes it wrote what both had added, or 1 */
}

static void spins(int n)
{
	(void)n;
	while (atomic_exchange(&taken, 1))
		continue;
	hits++;
	atomic_store(&taken, 0);
}

static void spinlock(int n)
{
	(void)n;
	pthread_spin_lock(&spinning);
	hits++;
	pthread_spin_unlock(&spinning);
}

static void inheriting(int n)
{
	(void)n;
	pthread_mutex_lock(&inherits);
	hits++;
	pthread_mutex_unlock(&inherits);
}

static void semaphore(int n)
{
	(void)n;
	sem_wait(&room);
	hits++;
	sem_post(&room);
}

static void condition(int n)
{
	pthread_mutex_lock(&first);
	while (n == 0 && !full)
		pthread_cond_wait(&changed, &first);
	full = 1;
	hits++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&first);
}

/* Nobody signals: without the time-out it would wait for ever. */
static void time_out(int n)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 3600;
	pthread_mutex_lock(&first);
	if (n == 0 && pthread_cond_timedwait(&changed, &first, &until) != ETIMEDOUT)
		bad = 1;
	hits++;
	pthread_mutex_unlock(&first);
}

static void sleeps(int n)
{
	struct timespec hour = {3600, 0};
	nanosleep(&hour, NULL);
	locked(n);
}

static const struct {
	const char *name;
	void (*run)(int n);
} all[] = {
	{"unlocked", unlocked},
	{"unlocked-5", unlocked_5},
	{"withdraw", withdraw},
	{"half-way", half_way},
	{"in-order", in_order},
	{"unlock-twice", unlock_twice},
	{"unlock-wrong", unlock_wrong},
	{"keep-locked", keep_locked},
	{"lose-wake-up", lose_wake_up},
	{"crash", crash},
	{"endless", endless},
	{"processes", processes},
	{"memory", memory},
	{"locked", locked},
	{"one-instruction", one_instruction},
	{"spins", spins},
	{"spinlock", spinlock},
	{"inheriting", inheriting},
	{"semaphore", semaphore},
	{"condition", condition},
	{"time-out", time_out},
	{"sleeps", sleeps},
};

static void (*chosen)(int n);

static void *worker(void *number)
{
	chosen((int)(intptr_t)number);
	return NULL;
}

/* What a student might try: to be done before the judge looks. */
__attribute__((constructor)) static void leave(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "leave") == 0)
		exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	pthread_mutexattr_t attributes;
	sem_init(&room, 0, 1);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&inherits, &attributes);
	pthread_spin_init(&spinning, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(all[i].name, argv[1]) == 0)
			chosen = all[i].run;
	if (!chosen)
		abort();
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, worker, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return bad;
}
