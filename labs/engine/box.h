/* SPDX-License-Identifier: BSD-2-Clause */
/* box.h - starts a subject, a student's program, within limits and walls: namespaces of
   its own where the kernel grants them, and an unprivileged user if the caller is root.
   The caller is a judge or the grader, on trusted ground; nothing a subject does may
   end or change it. */
#ifndef LAB_BOX_H
#define LAB_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How a subject ended.  BOX_WALL is not its fault: the machine was slow, or it waited
   for what the judge did not give; a judge exits with 2 on it. */
enum box_how {
	BOX_EXITED,    /* code: its exit status */
	BOX_SIGNALLED, /* code: the signal */
	BOX_CPU,
	BOX_MEMORY,
	BOX_PROCESSES,
	BOX_FILE_SIZE,
	BOX_IDLE,
	BOX_WALL,
};

/* The walls that stood, as bits. */
enum box_walls {
	BOX_USER_NAMESPACE = 1,
	BOX_PID_NAMESPACE = 2,
	BOX_NET_NAMESPACE = 4,
	BOX_MOUNT_NAMESPACE = 8,
	BOX_OTHER_USER = 16, /* the caller is root, the subject is not */
	BOX_ALL_NAMESPACES = 15,
};

/* 0 means none, but of cpu_s and wall_s. */
struct box_limits {
	unsigned cpu_s;     /* of all its processes together */
	unsigned wall_s;    /* a backstop */
	unsigned idle_s;    /* every thread of it asleep, none switched to, that long */
	unsigned processes; /* alive at once, threads count */
	unsigned files;     /* descriptors of a process */
	uint64_t memory_bytes; /* resident, of all its processes together */
	uint64_t space_bytes;  /* address space of a process; sanitizers need it
				  unlimited */
	uint64_t file_bytes;   /* the largest file it may write */
};

/* What to start.  box_plan_init() sets everything; lists end with NULL and may be NULL.
 */
struct box_plan {
	struct box_limits limits;
	const char *folder;      /* where it starts (the caller's current folder) */
	const char *const *read; /* further folders or files that it sees */
	const char *const
		*write; /* those it may write; all else is read-only but /tmp */
	const char *const *settings; /* further NAME=VALUE of its environment */
	int in, out, err;            /* descriptors (-1: /dev/null) */
	const int *keep;             /* further descriptors, kept under their numbers */
	size_t keeps;
	bool traced;          /* the calling thread is its tracer, see box_start() */
	bool fixed_addresses; /* not random, where personality(2) grants that */
};

struct box {
	pid_t pid;    /* the subject's, as the caller sees it */
	pid_t keeper; /* its parent: a child of the caller, process 1 of the box */
	uid_t uid;    /* whom it runs as, if the caller is root and may choose */
	gid_t gid;
	unsigned walls; /* enum box_walls */
	int socket;
	bool traced;
};

struct box_end {
	enum box_how how;
	int code;
	uint64_t cpu_us;       /* of all its processes */
	uint64_t memory_bytes; /* the most seen, of all its processes */
};

/* The defaults: 10 s of CPU, 120 s on the wall, never idle, 64 processes, 256
   descriptors, 512 MiB of memory, no limit of addresses, files of 64 MiB; then what
   LAB_LIMITS of the environment says ("cpu_s=5 memory_mib=64", the names of lab.json).
 */
void box_plan_init(struct box_plan *plan);

/* Sets one limit by its name in lab.json: cpu_s, wall_s, idle_s, processes, files,
   memory_mib, space_mib, file_mib.  -EINVAL: no such name. */
int box_limit_set(struct box_limits *limits, const char *name, uint64_t value);

/* Starts argv[0] (looked for in PATH unless it has a slash) with its environment
   reduced to PATH, HOME, TMPDIR, LANG and the settings.  It sees the system's folders
   (/usr, /etc, ...), its current folder, argv[0]'s folder, LAB_ENGINE's, and those
   listed, under their usual names; not the labs (DUALITY_LABS), and no process but its
   own.  0, or -errno (of exec as well). With `traced` it has been seized (PTRACE_SEIZE,
   options EXITKILL and TRACEEXEC) and stands at the stop of its exec, which the caller
   need not wait for any more; as its tracer the caller sees its end before box_wait()
   does.  The box ends with the thread that started it. */
int box_start(struct box *box, const struct box_plan *plan, char *const argv[]);

/* Waits until the subject has ended, ends all it left behind, and says how it ended.
   The box is gone then.  0 or -errno.  If traced, it waits for any process the calling
   thread traces (waitpid() with -1) and drops what it sees: let the subject run on, or
   kill it, before. */
int box_wait(struct box *box, struct box_end *end);

/* Opens /proc/PID/NAME of the subject, to read.  A descriptor or -errno. */
int box_proc_open(const struct box *box, const char *name);

/* Ends everything in the box now; box_wait() has still to be called. */
void box_kill(struct box *box);

/* Starts, waits, and puts the first room - 1 bytes of what it printed (standard output
   and error, unless the plan names descriptors) into text, with a NUL.  0 or -errno. */
int box_run(const struct box_plan *plan, char *const argv[], char *text, size_t room,
	    struct box_end *end);

/* The end in words, the same in every run: "exit status 3", "signal 11 (Segmentation
   fault)", "more than 10 s of CPU", ... */
void box_end_describe(const struct box_end *end, const struct box_limits *limits,
		      char *text, size_t room);

/* The walls in words: "user, pid, net, mount namespaces", "none: ..." */
void box_walls_describe(unsigned walls, char *text, size_t room);

#endif
