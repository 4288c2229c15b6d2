/* SPDX-License-Identifier: BSD-2-Clause */
/* box_subject.c - the last steps before a subject's exec: descriptors, folder, limits,
 * user. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "box_inner.h"

enum { SETTINGS_MAX = 64, KEEPS_MAX = 32 };

static int number_compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

void descriptors_close(unsigned from, const int *but, size_t n, bool at_exec)
{
	int sorted[KEEPS_MAX + 4];
	if (n > sizeof(sorted) / sizeof(sorted[0]))
		n = sizeof(sorted) / sizeof(sorted[0]);
	if (n > 0)
		memcpy(sorted, but, n * sizeof(*but));
	qsort(sorted, n, sizeof(*sorted), number_compare);
	int flags = at_exec ? (int)CLOSE_RANGE_CLOEXEC : 0;
	for (size_t i = 0; i < n; i++) {
		unsigned kept = (unsigned)sorted[i];
		if (sorted[i] < (int)from)
			continue;
		if (kept > from)
			close_range(from, kept - 1, flags);
		from = kept + 1;
	}
	close_range(from, ~0U, flags);
}

/* All three are moved out of the way first, as one may stand where another has to go.
 */
static int standard_set(const struct box_plan *plan)
{
	const int wanted[3] = {plan->in, plan->out, plan->err};
	int moved[3];
	for (int i = 0; i < 3; i++) {
		int fd = wanted[i] >= 0 ? wanted[i]
					: open("/dev/null", O_RDWR | O_CLOEXEC);
		moved[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (moved[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(moved[i], i) < 0)
			return -errno;
	return 0;
}

static int descriptors_set(const struct box_plan *plan)
{
	if (plan->keeps > KEEPS_MAX)
		return -E2BIG;
	int error = standard_set(plan);
	if (error < 0)
		return error;
	descriptors_close(3, plan->keep, plan->keeps, true);
	for (size_t i = 0; i < plan->keeps; i++)
		if (fcntl(plan->keep[i], F_SETFD, 0) != 0)
			return -errno;
	return 0;
}

static int limit_set(__rlimit_resource_t resource, uint64_t most)
{
	struct rlimit limit = {.rlim_cur = most, .rlim_max = most};
	return setrlimit(resource, &limit) == 0 ? 0 : -errno;
}

/* Those a process has for itself; those of all together are the keeper's.  Processes
   are counted by user and user namespace: with neither of its own, those of the
   caller's whole session would count (setrlimit(2)). */
static int limits_set(const struct box_site *site)
{
	const struct box_limits *most = &site->plan->limits;
	int error = limit_set(RLIMIT_CORE, 0);
	if (error == 0)
		error = limit_set(RLIMIT_CPU, most->cpu_s + 1);
	if (error == 0 && most->files)
		error = limit_set(RLIMIT_NOFILE, most->files);
	if (error == 0 && most->file_bytes)
		error = limit_set(RLIMIT_FSIZE, most->file_bytes);
	if (error == 0 && most->space_bytes)
		error = limit_set(RLIMIT_AS, most->space_bytes);
	if (error == 0 && most->processes &&
	    site->walls & (BOX_USER_NAMESPACE | BOX_OTHER_USER))
		error = limit_set(RLIMIT_NPROC, most->processes + 2);
	return error;
}

/* If the machine runs out of memory, its choice shall be the subject (proc(5)). */
static void sacrifice_offer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1000", 4) != 4)
		errno = 0;
	close(fd);
}

static void setting_add(char **settings, size_t *n, const char *name, const char *value)
{
	if (value && *n < SETTINGS_MAX &&
	    asprintf(&settings[*n], "%s=%s", name, value) > 0)
		++*n;
}

/* Later ones win over those before of the same name only with some programs: so each
   name is there once. */
static void setting_replace(char **settings, size_t *n, const char *setting)
{
	size_t name = strcspn(setting, "=") + 1, i = 0;
	while (i < *n && strncmp(settings[i], setting, name) != 0)
		i++;
	if (i == *n && *n < SETTINGS_MAX)
		++*n;
	if (i < *n)
		settings[i] = strdup(setting);
}

static char **environment_make(const struct box_site *site)
{
	static char *settings[SETTINGS_MAX + 1];
	bool walled = site->walls & BOX_MOUNT_NAMESPACE;
	size_t n = 0;
	setting_add(settings, &n, "PATH", getenv("PATH"));
	setting_add(settings, &n, "HOME", "/tmp");
	setting_add(settings, &n, "TMPDIR", walled ? "/tmp" : getenv("TMPDIR"));
	setting_add(settings, &n, "LANG", "C");
	setting_add(settings, &n, "CC", getenv("CC"));
	setting_add(settings, &n, "LAB_ENGINE", getenv("LAB_ENGINE"));
	const char *const *more = site->plan->settings;
	for (; more && *more; more++)
		setting_replace(settings, &n, *more);
	settings[n] = NULL;
	return settings;
}

static int subject_prepare(struct box_site *site)
{
	sigset_t none;
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	sacrifice_offer();
	int error = descriptors_set(site->plan);
	if (error == 0)
		error = walls_drop_user(site);
	if (error == 0 && chdir(site->folder) != 0)
		error = -errno;
	if (error == 0)
		error = limits_set(site);
	/* A container may refuse it: addresses differ from run to run then, no more. */
	if (error == 0 && site->plan->fixed_addresses)
		personality(ADDR_NO_RANDOMIZE);
	/* After the change of user, which would undo it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		error = -errno;
	return error;
}

/* Tells the caller who it is, and waits for its word: a tracer seizes it meanwhile. */
static int caller_meet(const struct box_site *site)
{
	struct box_message go = {.word = BOX_STARTED, .walls = site->walls};
	int error = message_send(site->socket, &go);
	if (error == 0)
		error = message_receive(site->socket, &go, NULL);
	return error == 0 && go.word != BOX_GO ? -EPROTO : error;
}

void subject_run(struct box_site *site, int failed)
{
	/* Both stay open until the exec; no descriptor of the plan has their numbers,
	   as those were open before. */
	char **settings =
		environment_make(site); /* while there still is memory to be had */
	int error = subject_prepare(site);
	if (error == 0)
		error = caller_meet(site);
	if (error == 0) {
		execvpe(site->argv[0], site->argv, settings);
		error = -errno;
	}
	if (write(failed, &error, sizeof(error)) != sizeof(error))
		_exit(126);
	_exit(127);
}
