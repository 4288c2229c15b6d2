/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - forks the carriers, then hands each command of the judge's, on standard
 * input, to the carrier that it names.  What the carriers answer goes to standard
 * output; what you print goes to standard error instead. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "carrier.h"
#include "files.h"
#include "heap.h"

static int commands[CARRIERS][2]; /* pipes: read and written end */

static void must(const char *what, int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "carriers: %s: %s\n", what, strerror(-result));
	exit(1);
}

static void ends_close(int end, int but)
{
	for (int i = 0; i < CARRIERS; i++)
		if (i != but)
			close(commands[i][end]);
}

static void carrier_fork(int self, int answers)
{
	pid_t pid = fork();

	must("fork", pid < 0 ? -errno : 0);
	if (pid > 0)
		return;
	ends_close(0, self);
	ends_close(1, -1); /* or its own commands would never end */
	_exit(carrier_run(self, commands[self][0], answers));
}

static void commands_pass(void)
{
	struct call call;

	while (read(0, &call, sizeof(call)) == (ssize_t)sizeof(call)) {
		if (call.carrier < 0 || call.carrier >= CARRIERS || call.thread < 0 ||
		    call.thread >= THREADS)
			return;
		if (write(commands[call.carrier][1], &call, sizeof(call)) < 0)
			return;
	}
}

int main(void)
{
	int answers = fcntl(1, F_DUPFD_CLOEXEC, 3);

	must("answers", answers < 0 || dup2(2, 1) < 0 ? -errno : 0);
	must("heap", heap_init());
	must("threads", threads_init());
	must("files_init", files_init());
	for (int i = 0; i < CARRIERS; i++)
		must("pipe", pipe(commands[i]) < 0 ? -errno : 0);
	for (int i = 0; i < CARRIERS; i++)
		carrier_fork(i, answers);
	ends_close(0, -1);
	signal(SIGPIPE, SIG_IGN); /* a carrier that has ended is the judge's to find */
	commands_pass();
	ends_close(1, -1);
	while (wait(NULL) > 0)
		;
	return 0;
}
