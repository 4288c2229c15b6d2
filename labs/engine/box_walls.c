/* SPDX-License-Identifier: BSD-2-Clause */
/* box_walls.c - the namespaces of a box and what is seen inside: a root of its own in
   memory, with the system's folders read-only, those of the plan, and nothing else
   (mount_namespaces(7), pivot_root(2); bubblewrap works alike). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box_inner.h"

/* The new root is made below this folder, which therefore is no source of a mount by
 * name. */
#define ROOT "/tmp"

static const char *const system_folders[] = {"/usr",   "/bin",   "/sbin",   "/lib",
					     "/lib32", "/lib64", "/libx32", "/etc",
					     "/opt",   "/nix",   "/gnu",    NULL};
static const char *const devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
				      "/dev/random", "/dev/urandom", NULL};

static bool number_is_mapped(const char *map, unsigned number)
{
	unsigned inside, outside, count;
	bool mapped = false;
	FILE *file = fopen(map, "re");
	if (!file) /* a kernel without user namespaces */
		return errno == ENOENT;
	while (fscanf(file, "%u %u %u", &inside, &outside, &count) == 3)
		mapped |= number >= inside && number - inside < count;
	fclose(file);
	return mapped;
}

/* In a namespace that has no user but root, such as unshare(1) -r makes, root cannot
   become another one (user_namespaces(7)). */
bool walls_other_user(const struct box_site *site)
{
	return site->caller_uid == 0 &&
	       number_is_mapped("/proc/self/uid_map", site->uid) &&
	       number_is_mapped("/proc/self/gid_map", site->gid);
}

pid_t walls_fork(struct box_site *site)
{
	const unsigned long others =
		CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	bool root = site->other_user;
	unsigned long flags = root ? others : others | CLONE_NEWUSER;
	site->walls = (root ? BOX_OTHER_USER : BOX_USER_NAMESPACE) | BOX_PID_NAMESPACE |
		      BOX_MOUNT_NAMESPACE | BOX_NET_NAMESPACE;
	/* As fork(): no stack, no thread-local storage, no place for a number. */
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	bool refused =
		pid < 0 && (errno == EPERM || errno == EINVAL || errno == ENOSYS ||
			    errno == ENOSPC || errno == EUSERS);
	if (!refused)
		return (pid_t)pid;
	site->walls = root ? BOX_OTHER_USER : 0;
	return fork();
}

static int file_write(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, text, strlen(text));
	int error = n < 0 ? -errno : 0;
	close(fd);
	return error;
}

/* In a new user namespace: its only user and group, and whom they are outside of it
   (user_namespaces(7): setgroups has to be given up first). */
static int users_map(uid_t uid, gid_t gid, uid_t outer_uid, gid_t outer_gid)
{
	char text[64];
	snprintf(text, sizeof(text), "%u %u 1", uid, outer_uid);
	int error = file_write("/proc/self/uid_map", text);
	if (error < 0)
		return error;
	file_write("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", gid, outer_gid);
	return file_write("/proc/self/gid_map", text);
}

int walls_drop_user(struct box_site *site)
{
	if (!(site->walls & BOX_OTHER_USER))
		return 0;
	if (setgroups(0, NULL) != 0 ||
	    setresgid(site->gid, site->gid, site->gid) != 0 ||
	    setresuid(site->uid, site->uid, site->uid) != 0)
		return -errno;
	bool namespace = site->walls & BOX_PID_NAMESPACE && unshare(CLONE_NEWUSER) == 0;
	/* setresuid() made /proc/self root's, and root's to trace, as a program that
	   had been root might have secrets in memory (PR_SET_DUMPABLE in prctl(2)). */
	if (namespace || site->plan->traced)
		prctl(PR_SET_DUMPABLE, 1);
	if (!namespace)
		return 0;
	if (users_map(site->uid, site->gid, site->uid, site->gid) != 0)
		return -EPERM;
	site->walls |= BOX_USER_NAMESPACE;
	return 0;
}

/* Makes all folders on the way to ROOT + path, and path itself, as a folder or a file.
 */
static int place_make(const char *path, bool folder)
{
	char full[PATH_MAX];
	struct stat there;
	if ((size_t)snprintf(full, sizeof(full), ROOT "%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	if (stat(full, &there) == 0)
		return 0;
	for (char *slash = full + sizeof(ROOT); (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(full, 0755) != 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (folder)
		return mkdir(full, 0755) == 0 ? 0 : -errno;
	int fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* A source taken from the tree as it is before the new root hides parts of it. */
struct source {
	const char *path;
	int fd;
	bool folder;
};

static int source_take(struct source *s, const char *path, bool writable)
{
	struct stat about;
	if (stat(path, &about) != 0)
		return -errno;
	s->path = path;
	s->folder = S_ISDIR(about.st_mode);
	s->fd = open_tree(AT_FDCWD, path,
			  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (s->fd < 0)
		return -errno;
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID |
						    (writable ? 0 : MOUNT_ATTR_RDONLY)};
	if (mount_setattr(s->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
			  sizeof(attributes)) != 0)
		return -errno;
	return 0;
}

static int source_place(const struct source *s)
{
	char full[PATH_MAX];
	int error = place_make(s->path, s->folder);
	if (error < 0)
		return error;
	snprintf(full, sizeof(full), ROOT "%s", s->path);
	if (move_mount(s->fd, "", AT_FDCWD, full, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return -errno;
	return 0;
}

enum { SOURCES_MAX = 96 };

struct sources {
	struct source list[SOURCES_MAX];
	size_t n;
};

/* A symbolic link (/bin of Debian) is made again; what does not exist is left out. */
static int system_take(struct sources *all, const char *path)
{
	struct stat about;
	if (lstat(path, &about) != 0 || S_ISLNK(about.st_mode))
		return 0;
	return source_take(&all->list[all->n++], path, false);
}

static int listed_take(struct sources *all, char *const *paths, bool writable)
{
	for (; paths && *paths; paths++) {
		if (all->n == SOURCES_MAX)
			return -E2BIG;
		int error = source_take(&all->list[all->n++], *paths, writable);
		if (error < 0)
			return error;
	}
	return 0;
}

static bool is_below(const char *path, const char *folder)
{
	size_t n = folder ? strlen(folder) : 0;
	return n > 0 && strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]);
}

/* From a number on, those below a folder or those that are not. */
static int sources_place(const struct sources *all, size_t from, const char *folder,
			 bool below)
{
	int error = 0;
	for (size_t i = from; i < all->n && error == 0; i++)
		if (is_below(all->list[i].path, folder) == below)
			error = source_place(&all->list[i]);
	return error;
}

static void links_make(void)
{
	char target[PATH_MAX], full[PATH_MAX];
	for (const char *const *p = system_folders; *p; p++) {
		ssize_t n = readlink(*p, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		snprintf(full, sizeof(full), ROOT "%s", *p);
		if (symlink(target, full) != 0)
			return;
	}
}

/* Small things every program expects.  tmpfs folders have the sticky bit as /tmp has.
 */
static int furniture_make(void)
{
	if (mkdir(ROOT "/tmp", 01777) != 0 || chmod(ROOT "/tmp", 01777) != 0 ||
	    mkdir(ROOT "/dev/shm", 01777) != 0 || chmod(ROOT "/dev/shm", 01777) != 0 ||
	    symlink("/proc/self/fd", ROOT "/dev/fd") != 0 ||
	    mkdir(ROOT "/proc", 0555) != 0)
		return -errno;
	return 0;
}

/* A fresh /proc, or where that is refused (a container that masks its own) the one
   there is: sanitizers and ptrace need one. */
static int proc_make(const struct source *old)
{
	if (mount("proc", ROOT "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  NULL) == 0)
		return 0;
	return source_place(old);
}

static int hidden_cover(const char *hidden)
{
	char full[PATH_MAX];
	struct stat about;
	if (!hidden)
		return 0;
	snprintf(full, sizeof(full), ROOT "%s", hidden);
	if (stat(full, &about) != 0)
		return 0;
	return mount("labs", full, "tmpfs", MS_NOSUID | MS_NODEV,
		     "mode=755,size=64k") == 0
		       ? 0
		       : -errno;
}

/* What is listed may hold the labs, which are covered then, or be among them. */
static int root_fill(struct box_site *site, const struct sources *all, size_t listed,
		     const struct source *proc)
{
	int error = 0;
	for (size_t i = 0; i < listed && error == 0; i++)
		error = source_place(&all->list[i]);
	if (error < 0)
		return error;
	links_make();
	if ((error = furniture_make()) < 0 || (error = proc_make(proc)) < 0 ||
	    (error = sources_place(all, listed, site->hidden, false)) < 0 ||
	    (error = hidden_cover(site->hidden)) < 0)
		return error;
	return sources_place(all, listed, site->hidden, true);
}

/* Where the old root is no mount, in a chroot, the new one can only be made the root of
   this process; without privileges nobody comes out of it (pivot_root(2), chroot(2)).
 */
static int root_enter(void)
{
	if (chdir(ROOT) != 0)
		return -errno;
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		return umount2(".", MNT_DETACH) == 0 && chdir("/") == 0 ? 0 : -errno;
	return chroot(".") == 0 && chdir("/") == 0 ? 0 : -errno;
}

static int sources_take(struct box_site *site, struct sources *all, size_t *listed,
			struct source *proc)
{
	/* The root is there already. */
	char *folder[] = {strcmp(site->folder, "/") == 0 ? NULL : site->folder, NULL};
	int error = source_take(proc, "/proc", false);
	for (const char *const *p = system_folders; *p && error == 0; p++)
		error = system_take(all, *p);
	for (const char *const *p = devices; *p && error == 0; p++)
		error = source_take(&all->list[all->n++], *p, true);
	*listed = all->n;
	if (error < 0 || (error = listed_take(all, folder, false)) < 0 ||
	    (error = listed_take(all, site->read, false)) < 0)
		return error;
	return listed_take(all, site->write, true);
}

static int root_make(struct box_site *site, bool *begun)
{
	static struct sources all;
	struct source proc;
	size_t listed;
	char options[64];
	uint64_t bytes = site->plan->limits.file_bytes;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -errno;
	int error = sources_take(site, &all, &listed, &proc);
	if (error < 0)
		return error;
	/* The space of the subject's own /tmp: two of its largest files. */
	snprintf(options, sizeof(options), "mode=755,size=%lluk,nr_inodes=20000",
		 (unsigned long long)(bytes ? bytes / 512 : 1024 * 1024));
	if (mount("box", ROOT, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0)
		return -errno;
	*begun = true;
	error = root_fill(site, &all, listed, &proc);
	return error < 0 ? error : root_enter();
}

static void loopback_raise(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}

/* Who is 0 inside would keep all capabilities there after an exec (capabilities(7)). */
static int caller_map(const struct box_site *site)
{
	bool root = site->caller_uid == 0;
	return users_map(root ? site->uid : site->caller_uid,
			 root ? site->gid : site->caller_gid, site->caller_uid,
			 site->caller_gid);
}

int walls_raise(struct box_site *site)
{
	bool begun = false;
	if (site->walls & BOX_USER_NAMESPACE) {
		int error = caller_map(site);
		if (error < 0)
			return error;
	}
	if (site->walls & BOX_NET_NAMESPACE)
		loopback_raise();
	if (!(site->walls & BOX_MOUNT_NAMESPACE))
		return 0;
	int error = root_make(site, &begun);
	if (error < 0)
		site->walls &= ~(unsigned)BOX_MOUNT_NAMESPACE;
	/* Nothing has changed yet: the subject sees what the caller does. */
	return begun ? error : 0;
}
