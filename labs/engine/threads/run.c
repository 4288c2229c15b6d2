/* SPDX-License-Identifier: BSD-2-Clause */
/* run.c - starts a subject in its box, its input and its report being files in memory.
 */
#include "config.h"

#include "threads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { REPORT_MAX = 4 << 20, IDLE_S = 10 };

static enum verdict broken(const char *what, int error)
{
	fprintf(stderr, "lab-threads: %s: %s\n", what, strerror(error));
	return VERDICT_BROKEN;
}

/* 0 is no key. */
static int key_make(uint64_t *key)
{
	do {
		if (getrandom(key, sizeof *key, 0) != sizeof *key)
			return -errno;
	} while (!*key);
	return 0;
}

static int input_write(const struct run *run, int fd)
{
	if (dprintf(fd, "key %016" PRIx64 "\n%s", run->key,
		    run->play ? run->play : "") < 0)
		return -errno;
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static bool machine_native(const char *machine)
{
	struct utsname name;

	return !uname(&name) && !strcmp(name.machine, machine);
}

static int subject_start(struct run *run, struct box *box)
{
	char program[40], emulator[40];
	char *argv[5] = {emulator, program, (char *)run->args[0], (char *)run->args[1],
			 NULL};

	snprintf(program, sizeof program, "./subject-%s", run->machine);
	snprintf(emulator, sizeof emulator, "qemu-%s", run->machine);
	return box_start(box, &run->plan, argv + machine_native(run->machine));
}

static bool subject_built(const char *machine)
{
	char program[40];

	snprintf(program, sizeof program, "subject-%s", machine);
	if (!access(program, X_OK))
		return true;
	printf("There is no %s: `make` could not build it, and says why.\n", program);
	return false;
}

enum verdict run_begin(struct run *run, struct box *box, int fds[2])
{
	if (!subject_built(run->machine))
		return VERDICT_FAIL;
	int error = key_make(&run->key);

	if (error < 0)
		return broken("a key", -error);
	fds[0] = memfd_create("challenge", MFD_CLOEXEC);
	fds[1] = memfd_create("report", MFD_CLOEXEC);
	if (fds[0] < 0 || fds[1] < 0)
		return broken("a file in memory", errno);
	error = input_write(run, fds[0]);
	if (error < 0)
		return broken("the challenge", -error);
	run->plan.in = fds[0];
	run->plan.out = fds[1];
	run->plan.err = -1;
	if (!run->plan.limits.idle_s)
		run->plan.limits.idle_s = IDLE_S;
	run->plan.fixed_addresses =
		true; /* even what goes wild does so each time alike */
	error = subject_start(run, box);
	if (run->plan.traced &&
	    (error == -EPERM || error == -EACCES || error == -ENOSYS)) {
		printf("A process may not trace another one here.\n");
		return VERDICT_SKIP;
	}
	return error < 0 ? broken("the subject does not start", -error) : VERDICT_PASS;
}

static int report_read(struct run *run, int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	size_t size = status.st_size < REPORT_MAX ? (size_t)status.st_size : REPORT_MAX;

	run->text = malloc(size + 1);
	run->lines = calloc(size + 1, sizeof *run->lines);
	if (!run->text || !run->lines)
		return -ENOMEM;
	ssize_t n = pread(fd, run->text, size, 0);

	if (n < 0)
		return -errno;
	run->text[n] = '\0';
	run->next = run->count = 0;
	for (char *rest, *line = strtok_r(run->text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		run->lines[run->count++] = line;
	return 0;
}

enum verdict run_finish(struct run *run, struct box *box, int fds[2])
{
	int error = box_wait(box, &run->end);

	if (!error)
		error = report_read(run, fds[1]);
	close(fds[0]);
	close(fds[1]);
	if (error < 0)
		return broken("the subject's end", -error);
	return run->end.how == BOX_WALL ? broken("the subject", ETIMEDOUT)
					: VERDICT_PASS;
}

enum verdict run_subject(struct run *run)
{
	struct box box;
	int fds[2];

	box_plan_init(&run->plan);
	enum verdict verdict = run_begin(run, &box, fds);

	return verdict == VERDICT_PASS ? run_finish(run, &box, fds) : verdict;
}

void run_free(struct run *run)
{
	free(run->text);
	free(run->lines);
}

const char *run_line(struct run *run)
{
	return run->next < run->count ? run->lines[run->next++] : NULL;
}

const char *run_ending(const struct run *run)
{
	static char text[200], end[160];

	box_end_describe(&run->end, &run->plan.limits, end, sizeof end);
	snprintf(text, sizeof text, "the program ended: %s", end);
	return text;
}

const char *run_trouble(const char *line)
{
	static const char *const troubles[][2] = {
		{"own-stack", "a thread gave back the stack it was running on"},
		{"bad-put",
		 "stack_put() was given what is no stack, or was given back before"},
		{"fault freed",
		 "a stack was used that had been given back, or never taken"},
		{"fault between",
		 "a stack overflowed, or its pointer went past its top"},
		{"fault elsewhere", "a bad address was used"},
		{"stuck", "nobody was in the queue: every thread waits"},
	};

	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
		if (!strcmp(line, troubles[i][0]))
			return troubles[i][1];
	return NULL;
}
