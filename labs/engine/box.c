/* SPDX-License-Identifier: BSD-2-Clause */
/* box.c - the caller's side of a box: makes it, meets the subject, waits for its end.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box_inner.h"

/* Whom a subject of root's runs as: of Debian's reserved numbers, unless LAB_UID says
   else, by which the grader keeps submissions that run at once apart. */
enum { SUBJECT_UID = 65100, FOLDERS_OPEN = 16, BURY_MS = 5 };

int message_send(int socket, const struct box_message *message)
{
	ssize_t n = send(socket, message, sizeof(*message), MSG_NOSIGNAL);
	return n < 0 ? -errno : 0;
}

int message_receive(int socket, struct box_message *message, pid_t *pid)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
	struct msghdr whole = {.msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = sizeof(control)};
	ssize_t n;
	do
		n = recvmsg(socket, &whole, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*message))
		return n < 0 ? -errno : -EPIPE;
	struct cmsghdr *first = CMSG_FIRSTHDR(&whole);
	if (pid && first && first->cmsg_type == SCM_CREDENTIALS) {
		struct ucred who;
		memcpy(&who, CMSG_DATA(first), sizeof(who));
		*pid = who.pid;
	}
	return 0;
}

static void paths_free(char **paths)
{
	for (char **p = paths; p && *p; p++)
		free(*p);
	free(paths);
}

/* All of them as they are without links; first and second may be NULL, or not exist. */
static char **paths_resolve(const char *const *paths, const char *first,
			    const char *second)
{
	size_t n = 0, count = 0;
	while (paths && paths[n])
		n++;
	char **all = calloc(n + 3, sizeof(*all));
	const char *before[] = {first, second};
	for (size_t i = 0; all && i < 2; i++)
		if (before[i] && (all[count] = realpath(before[i], NULL)))
			count++;
	for (size_t i = 0; all && i < n; i++)
		if (!(all[count++] = realpath(paths[i], NULL)))
			goto fail;
	return all;
fail:
	paths_free(all);
	return NULL;
}

/* The folder of a program that is named with a slash. */
static char *program_folder(const char *program, const char *folder)
{
	char *name = NULL;
	if (!strchr(program, '/'))
		return NULL;
	if (asprintf(&name, "%s%s%s", program[0] == '/' ? "" : folder,
		     program[0] == '/' ? "" : "/", program) < 0)
		return NULL;
	*strrchr(name, '/') = '\0';
	return name;
}

static void site_free(struct box_site *site)
{
	paths_free(site->read);
	paths_free(site->write);
	free(site->folder);
	free(site->hidden);
}

static int site_make(struct box_site *site, const struct box_plan *plan,
		     char *const argv[])
{
	const char *user = getenv("LAB_UID"), *labs = getenv("DUALITY_LABS");
	long uid = user ? strtol(user, NULL, 10) : SUBJECT_UID;
	*site = (struct box_site){.plan = plan,
				  .argv = argv,
				  .caller_uid = geteuid(),
				  .caller_gid = getegid(),
				  .uid = (uid_t)(uid > 0 ? uid : SUBJECT_UID)};
	site->gid = (gid_t)site->uid;
	site->other_user = walls_other_user(site);
	site->folder = realpath(plan->folder ? plan->folder : ".", NULL);
	if (!site->folder)
		return -errno;
	char *program = program_folder(argv[0], site->folder);
	site->read = paths_resolve(plan->read, getenv("LAB_ENGINE"), program);
	site->write = paths_resolve(plan->write, NULL, NULL);
	site->hidden = labs ? realpath(labs, NULL) : NULL;
	free(program);
	return site->read && site->write ? 0 : -ENOENT;
}

static uid_t owner_uid;

static int owner_set(const char *path, const struct stat *about, int kind,
		     struct FTW *where)
{
	(void)about, (void)kind, (void)where;
	return lchown(path, owner_uid, (gid_t)owner_uid);
}

/* What it may write is to be its own: links are not followed, other file systems left
 * alone. */
static int owners_set(const struct box_site *site)
{
	owner_uid = site->uid;
	for (char **p = site->write; site->other_user && *p; p++)
		if (nftw(*p, owner_set, FOLDERS_OPEN, FTW_PHYS | FTW_MOUNT) != 0)
			return -errno;
	return 0;
}

/* Where the grader has found walls to stand, nothing runs without them. */
static unsigned walls_wanted(void)
{
	const char *text = getenv("LAB_WALLS");
	return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* As another user, for a moment.  What the kernel takes away at that is set again. */
static int user_become(uid_t uid, gid_t gid)
{
	int death_signal = 0;
	prctl(PR_GET_PDEATHSIG, &death_signal);
	if ((uid != 0 && setresgid(gid, gid, 0) != 0) || setresuid(uid, uid, 0) != 0 ||
	    (uid == 0 && setresgid(gid, gid, 0) != 0))
		return -errno;
	prctl(PR_SET_PDEATHSIG, death_signal);
	return 0;
}

/* Root without CAP_SYS_PTRACE, as in a container, may only trace processes of the user
   it is (ptrace(2), "Ptrace access mode checking").  So it is that one, as long as what
   runs there is not the subject yet: a user can send signals to itself. */
static int subject_seize(struct box *box, const struct box_site *site)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
	if (ptrace(PTRACE_SEIZE, box->pid, NULL, (void *)options) == 0)
		return 0;
	if (errno != EPERM || !site->other_user)
		return -errno;
	int error = user_become(site->uid, site->gid);
	if (error == 0 && ptrace(PTRACE_SEIZE, box->pid, NULL, (void *)options) != 0)
		error = -errno;
	int back = user_become(0, 0);
	return error < 0 ? error : back;
}

/* The right to look into a process depends on the user for files as well, whom nobody
   can send signals to (setfsuid(2)). */
int box_proc_open(const struct box *box, const char *name)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)box->pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = -errno;
	if (fd >= 0 || geteuid() != 0)
		return fd >= 0 ? fd : error;
	setfsgid(box->gid);
	setfsuid(box->uid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = -errno;
	setfsuid(0);
	setfsgid(0);
	return fd >= 0 ? fd : error;
}

/* The caller may have a timer, whose signal is no reason to give up. */
static int exec_await(pid_t pid)
{
	int status;
	pid_t got;
	do
		got = waitpid(pid, &status, __WALL);
	while (got < 0 && errno == EINTR);
	return got == pid && WIFSTOPPED(status) ? 0 : -ECHILD;
}

/* The subject has told who it is and waits; a tracer seizes it before it goes on. */
static int subject_meet(struct box *box, const struct box_site *site)
{
	struct box_message message;
	int error = message_receive(box->socket, &message, &box->pid);
	if (error < 0)
		return error;
	if (message.word != BOX_STARTED)
		return message.word == BOX_FAILED ? message.error : -EPROTO;
	box->walls = message.walls;
	if (walls_wanted() & ~message.walls)
		return -EPERM;
	box->traced = site->plan->traced;
	if (box->traced && (error = subject_seize(box, site)) < 0)
		return error;
	error = message_send(box->socket, &(struct box_message){.word = BOX_GO});
	if (error < 0 || (error = message_receive(box->socket, &message, NULL)) < 0)
		return error;
	if (message.word != BOX_RUNNING)
		return message.word == BOX_FAILED ? message.error : -EPROTO;
	return box->traced ? exec_await(box->pid) : 0;
}

/* What the caller traces does not end for the keeper before the caller has seen its end
   (ptrace(2)). */
static void traced_bury(void)
{
	while (waitpid(-1, NULL, __WALL | WNOHANG | __WNOTHREAD) > 0)
		continue;
}

static void keeper_bury(struct box *box)
{
	const struct timespec pause = {.tv_nsec = BURY_MS * 1000000};
	while (box->traced && kill(box->keeper, 0) == 0) {
		traced_bury();
		nanosleep(&pause, NULL);
	}
	while (box->keeper > 0 && waitpid(box->keeper, NULL, 0) < 0 && errno == EINTR)
		continue;
	close(box->socket);
}

int box_start(struct box *box, const struct box_plan *plan, char *const argv[])
{
	struct box_site site;
	int ends[2], on = 1, error = site_make(&site, plan, argv);
	*box = (struct box){.socket = -1, .uid = site.uid, .gid = site.gid};
	if (error == 0)
		error = owners_set(&site);
	if (error == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		error = -errno;
	if (error < 0) {
		site_free(&site);
		return error;
	}
	site.socket = ends[1];
	setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	box->keeper = walls_fork(&site);
	if (box->keeper == 0) {
		close(ends[0]);
		keeper_run(&site);
	}
	error = box->keeper < 0 ? -errno : 0;
	close(ends[1]);
	box->socket = ends[0];
	if (error == 0)
		error = subject_meet(box, &site);
	site_free(&site);
	if (error == 0)
		return 0;
	box_kill(box);
	keeper_bury(box);
	return error;
}

/* The keeper looks for the end of what comes from here. */
void box_kill(struct box *box)
{
	shutdown(box->socket, SHUT_WR);
}

int box_wait(struct box *box, struct box_end *end)
{
	struct pollfd ready = {.fd = box->socket, .events = POLLIN};
	struct box_message message = {.end = {.how = BOX_WALL}};
	while (poll(&ready, 1, box->traced ? BURY_MS : -1) <= 0)
		if (box->traced)
			traced_bury();
	int error = message_receive(box->socket, &message, NULL);
	keeper_bury(box);
	*end = message.end;
	return error;
}

/* Reads until all who write have gone; what is beyond the room is dropped. */
static void output_read(int fd, char *text, size_t room)
{
	char rest[4096];
	size_t n = 0;
	for (;;) {
		bool full = n + 1 >= room;
		ssize_t got = full ? read(fd, rest, sizeof(rest))
				   : read(fd, text + n, room - 1 - n);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		if (got > 0 && !full)
			n += (size_t)got;
	}
	if (room > 0)
		text[n] = '\0';
}

int box_run(const struct box_plan *plan, char *const argv[], char *text, size_t room,
	    struct box_end *end)
{
	struct box_plan own = *plan;
	struct box box;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	if (own.out < 0)
		own.out = ends[1];
	if (own.err < 0)
		own.err = ends[1];
	int error = box_start(&box, &own, argv);
	close(ends[1]);
	if (error == 0) {
		output_read(ends[0], text, room);
		error = box_wait(&box, end);
	}
	close(ends[0]);
	return error;
}
