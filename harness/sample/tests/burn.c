/* SPDX-License-Identifier: BSD-2-Clause */
/* burn.c - a workload whose cost is known: so many threads or children, each burning so
 * many ms of CPU, sleeping so many times, touching 1 MiB.  Says `ready`, waits for a
 * byte, works, says `done`, waits for a byte, ends. */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TASKS_MAX = 64, TOUCH_BYTES = 1 << 20 };

static struct {
	bool processes;    /* -f: children rather than threads */
	bool ignore_child; /* -i: nobody waits for them */
	bool stay;         /* -l: the threads live before `ready` and after `done` */
	int tasks, cpu_ms, sleeps;
} options;

static pthread_barrier_t begin, end;

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void touch(void)
{
	volatile char *memory = malloc(TOUCH_BYTES);

	for (int i = 0; memory && i < TOUCH_BYTES; i += 4096)
		memory[i] = 1;
	free((void *)memory);
}

/* Between two looks at the clock, which is a system call. */
static void spin(void)
{
	for (volatile int i = 0; i < 100000; i++)
		continue;
}

static void work(void)
{
	const struct timespec nap = {.tv_nsec = 50000};
	double from_ms = cpu_ms();

	touch();
	for (int i = 0; i < options.sleeps; i++)
		nanosleep(&nap, NULL);
	while (cpu_ms() - from_ms < options.cpu_ms)
		spin();
}

static void *task(void *unused)
{
	if (options.stay)
		pthread_barrier_wait(&begin);
	work();
	if (options.stay) {
		pthread_barrier_wait(&end);
		pause();
	}
	return unused;
}

static void threads_start(pthread_t *thread)
{
	for (int i = 0; i < options.tasks; i++)
		if (pthread_create(&thread[i], NULL, task, NULL) != 0)
			exit(3);
}

static void children_run(void)
{
	for (int i = 0; i < options.tasks; i++) {
		pid_t child = fork();

		if (child < 0)
			exit(3);
		if (child == 0) {
			work();
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		continue;
}

static void run(pthread_t *thread)
{
	if (options.stay) {
		pthread_barrier_wait(&begin);
		pthread_barrier_wait(&end);
	} else if (options.processes) {
		children_run();
	} else {
		threads_start(thread);
		for (int i = 0; i < options.tasks; i++)
			pthread_join(thread[i], NULL);
	}
}

/* Tell, and wait for a byte; the end of input ends the program. */
static void meet(const char *word)
{
	char byte;

	if (write(STDOUT_FILENO, word, strlen(word)) < 0 ||
	    read(STDIN_FILENO, &byte, 1) != 1)
		exit(4);
}

static int usage(void)
{
	fprintf(stderr, "usage: burn [-f] [-i] [-l] TASKS CPU_MS SLEEPS\n");
	return 2;
}

int main(int argc, char **argv)
{
	pthread_t thread[TASKS_MAX];
	int option;

	while ((option = getopt(argc, argv, "fil")) != -1) {
		options.processes |= option == 'f';
		options.ignore_child |= option == 'i';
		options.stay |= option == 'l';
		if (option == '?')
			return usage();
	}
	if (argc - optind != 3)
		return usage();
	options.tasks = atoi(argv[optind]);
	options.cpu_ms = atoi(argv[optind + 1]);
	options.sleeps = atoi(argv[optind + 2]);
	if (options.tasks < 1 || options.tasks > TASKS_MAX)
		return usage();

	alarm(120);
	if (options.ignore_child)
		signal(SIGCHLD, SIG_IGN);
	pthread_barrier_init(&begin, NULL, (unsigned)options.tasks + 1);
	pthread_barrier_init(&end, NULL, (unsigned)options.tasks + 1);
	if (options.stay)
		threads_start(thread);
	meet("ready\n");
	run(thread);
	meet("done\n");
	return 0;
}
