/* SPDX-License-Identifier: BSD-2-Clause */
/* processes.c - a process for each module: begun, reaped, its end explained. */
#include "config.h"

#include "supervisor.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void executor_begin(struct executor *e)
{
	char name[16] = "modules"; /* prctl(2): 16 bytes at most */
	cpu_set_t set;

	if (e->residents == 1)
		snprintf(name, sizeof name, "%.15s", e->resident[0]->module.name);
	else if (e->core != NONE)
		snprintf(name, sizeof name, "graph-core%d", e->core % 1000);
	prctl(PR_SET_NAME, name);
	if (e->core == NONE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)e->core, &set);
	sched_setaffinity(0, sizeof set, &set); /* core_find has asked */
}

/* The module of a process. */
static int module_of(const struct runner *r, const struct executor *e)
{
	int i = 0;

	while (r->executor_of[i] != e->index)
		i++;
	return i;
}

__attribute__((noreturn)) static void child_run(struct runner *r, struct executor *e,
						pid_t parent)
{
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	err = runner_enter(r, e);
	if (err < 0)
		_exit(-err); /* end_refuse */
	executor_begin(e);
	fault_catch(r);
	executor_run(e);
	fflush(NULL);
	_exit(0);
}

static int process_begin(struct runner *r, struct executor *e)
{
	pid_t parent = getpid(), pid;

	fflush(NULL); /* or both would write it */
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(r, e, parent);
	e->pid = pid;
	e->begun++;
	r->watch[module_of(r, e)].turn = 0; /* what an earlier life was in */
	e->pidfd = pidfd_open(pid, 0);
	return e->pidfd < 0 ? -errno : 0;
}

int processes_begin(struct runner *r)
{
	int err = 0;

	for (int i = 0; i < r->executors && err == 0; i++)
		err = process_begin(r, &r->executor[i]);
	return err;
}

bool processes_live(const struct runner *r)
{
	for (int i = 0; i < r->executors; i++)
		if (r->executor[i].pid)
			return true;
	return false;
}

/* "was killed by SIGSEGV: it wrote to region ..." */
static void end_describe(const struct runner *r, int module, int how, char *what,
			 size_t size)
{
	const struct status *s = r->seen[module];
	int region = atomic_load(&s->fault_region) - 1;
	int n, grant;

	if (!WIFSIGNALED(how)) {
		snprintf(what, size, "ended by itself, with status %d",
			 WEXITSTATUS(how));
		return;
	}
	n = snprintf(what, size, "was killed by SIG%s", sigabbrev_np(WTERMSIG(how)));
	if (WTERMSIG(how) != SIGSEGV && WTERMSIG(how) != SIGBUS)
		return;
	what += n;
	size -= (size_t)n;
	if (region == NONE) {
		snprintf(what, size, " at address 0x%llx",
			 (unsigned long long)s->fault_address);
		return;
	}
	grant = graph_granted(r->g, module, region);
	snprintf(what, size,
		 ": it wrote to region '%s' at offset %llu, which line %d lets it read",
		 r->g->region[region].name, (unsigned long long)s->fault_offset,
		 r->g->grant[grant].line);
}

/* Tell how; returns what is the error.  What a process did not begin for is its status.
 */
static int end_refuse(struct runner *r, const struct executor *e, int how)
{
	int module = module_of(r, e);
	uint64_t begun = atomic_load(&r->seen[module]->counts.lives);
	int error = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
	char what[256];

	if (e->killed)
		return budget_refuse(r, module);
	if (error && begun < (uint64_t)e->begun) {
		snprintf(what, sizeof what, "could not begin: %s", strerror(error));
		return module_refuse(r, module, -error, what);
	}
	end_describe(r, module, how, what, sizeof what);
	return module_refuse(r, module, -ECHILD, what);
}

/* A process ended in a way it should not.  Returns 0 if it is begun again. */
static int process_crashed(struct runner *r, struct executor *e, int how)
{
	const struct graph_module *m = &r->g->module[module_of(r, e)];
	int error = end_refuse(r, e, how);

	e->killed = false;
	if (e->begun > m->restarts || r->stop_told)
		return error;
	if (r->settings.restarts)
		r->settings.restarts(r->settings.program, r->g->error->text);
	r->g->error->text[0] = '\0';
	return process_begin(r, e);
}

int processes_look(struct runner *r)
{
	int err = 0;

	for (int i = 0; i < r->executors && err == 0; i++) {
		struct executor *e = &r->executor[i];
		enum module_stage stage;
		int how;

		if (!e->pid || waitpid(e->pid, &how, WNOHANG) != e->pid)
			continue;
		close(e->pidfd);
		e->pid = 0;
		stage = atomic_load(&r->seen[module_of(r, e)]->stage);
		/* one that failed is told of as that, however it ended */
		if (stage < MODULE_DONE || (stage == MODULE_DONE && how != 0))
			err = process_crashed(r, e, how);
	}
	return err;
}

bool process_kill(struct runner *r, int module)
{
	struct executor *e = &r->executor[r->executor_of[module]];

	if (!e->pid)
		return false;
	e->killed = true;
	kill(e->pid, SIGKILL);
	return true;
}

int processes_end(struct runner *r, int err)
{
	for (int i = 0; i < r->executors; i++) {
		struct executor *e = &r->executor[i];

		if (!e->pid)
			continue;
		kill(e->pid, SIGKILL);
		waitpid(e->pid, NULL, 0);
		close(e->pidfd);
		e->pid = 0;
	}
	return err;
}
