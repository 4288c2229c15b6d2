/* SPDX-License-Identifier: BSD-2-Clause */
/* child.c - run a program under a sampler, in step with it. */
#include "config.h"

#include "harness/sample/tests/child.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int word_wait(struct child *c)
{
	char byte = 0;

	while (byte != '\n')
		if (read(c->from, &byte, 1) != 1)
			return -1;
	return 0;
}

int child_start(struct child *c, struct sample *s, const char *const *argv)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	c->pid = fork();
	if (c->pid < 0)
		return -1;
	if (c->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		if (sample_join(s) == 0)
			execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	sample_attach(s, c->pid);
	close(in[0]);
	close(out[1]);
	c->to = in[1];
	c->from = out[0];
	return word_wait(c);
}

int child_step(struct child *c)
{
	return write(c->to, "x", 1) == 1 ? word_wait(c) : -1;
}

int child_end(struct child *c)
{
	if (write(c->to, "x", 1) != 1)
		c->status = -1;
	close(c->to);
	if (wait4(c->pid, &c->status, 0, &c->usage) != c->pid)
		return -1;
	close(c->from);
	return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
}

const char *child_burn(void)
{
	static char path[4096];
	const char *build = getenv("DUALITY_BUILD");

	snprintf(path, sizeof path, "%s/harness/sample/tests/burn",
		 build ? build : ".");
	return path;
}
