/* SPDX-License-Identifier: BSD-2-Clause */
/* box_inner.h - what the parts of the box share: the caller's side (box.c), its keeper
   (box_keeper.c), the walls (box_walls.c) and the look at what is used (box_look.c). */
#ifndef LAB_BOX_INNER_H
#define LAB_BOX_INNER_H

#include "box.h"

/* What goes over the socket between the caller, the keeper and the subject before its
 * exec. */
enum box_word { BOX_STARTED, BOX_GO, BOX_RUNNING, BOX_FAILED, BOX_ENDED };

struct box_message {
	enum box_word word;
	int error;
	unsigned walls;
	struct box_end end;
};

/* Where a box is made: the plan with its paths resolved, and who the subject will be.
 */
struct box_site {
	const struct box_plan *plan;
	char *const *argv;
	char *folder;
	char **read, **write; /* resolved, end with NULL */
	char *hidden;         /* the labs, or NULL */
	unsigned walls;
	uid_t caller_uid, uid;
	gid_t caller_gid, gid;
	bool other_user; /* the caller is root, and may run it as that uid and gid */
	int socket;      /* the keeper's end */
};

/* Is the caller a root that can become the site's user? */
bool walls_other_user(const struct box_site *site);

/* Forks the keeper into as many namespaces as are granted, and notes them in
 * site->walls. */
pid_t walls_fork(struct box_site *site);

/* In the keeper: maps its user, makes the root the subject will see, and the loopback.
   Walls that could not be made are taken out of site->walls; an error after which
   nothing is to be run is returned as -errno. */
int walls_raise(struct box_site *site);

/* In the subject: no longer root, if it was, and in a user namespace of its own. */
int walls_drop_user(struct box_site *site);

/* What the processes below the keeper use. */
struct look {
	unsigned threads;
	uint64_t cpu_us;       /* of those that live, and those they waited for */
	uint64_t memory_bytes; /* resident */
	bool asleep;           /* every thread */
	uint64_t switches;     /* of all threads; with_sleep only */
};

/* proc is an open /proc, as its own or the machine's; self is the keeper's number
 * there. */
int look_take(int proc, bool with_sleep, struct look *look);

/* Sends a signal to every process below the keeper; returns how many there were. */
int look_kill(int proc, int signal);

/* Runs the keeper, to its end. */
_Noreturn void keeper_run(struct box_site *site);

/* Starts the subject in the child of the keeper; writes errno to `failed` if it could
 * not. */
_Noreturn void subject_run(struct box_site *site, int failed);

/* Marks every descriptor from `from` on, but those listed, to be closed by exec, or
 * closes it. */
void descriptors_close(unsigned from, const int *but, size_t n, bool at_exec);

int message_send(int socket, const struct box_message *message);
/* pid, if not NULL, is the sender's as the receiver sees it.  -EPIPE: the other side is
 * gone. */
int message_receive(int socket, struct box_message *message, pid_t *pid);

#endif
