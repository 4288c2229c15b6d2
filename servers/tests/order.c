/* SPDX-License-Identifier: BSD-2-Clause */
/* order.c - which of two clients is answered first: the second asks once the server has
 * begun with the first.  It tells "first" only if a reply was in while the other was
 * still due, so no delay of its own can make a server look better than it is. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "subject.h"
#include "tree.h"

enum { PATIENCE_MS = 30000, STOP_S = 30 };

static const char usage[] =
	"usage: order WHICH FIRST SECOND SERVER [ARG]...\n"
	"Ask SERVER for the paths FIRST and SECOND; print \"first\" if the reply to\n"
	"WHICH (1 or 2) came before the other, else \"last\".  Its file is /one.txt.\n";

/* A client whose connection the server serves, with /one.txt in its cache. */
static int client_known(const struct subject *s)
{
	int fd = client_open(s->port);
	char body[8];

	if (fd >= 0 && client_ask(fd, "/one.txt", "") &&
	    client_reply(fd, body, sizeof body) == 200)
		return fd;
	return -1;
}

/* Ask, and wait until the server has read that. */
static bool ask_and_begin(const struct subject *s, int fd, const char *path)
{
	int64_t before = subject_live(s, "bytes_in");

	if (before < 0 || !client_ask(fd, path, ""))
		return false;
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (subject_live(s, "bytes_in") > before)
			return true;
		usleep(1000);
	}
	return false;
}

/* Returns 1 if reply `which` (0 or 1) was first, 0 if not, or -1. */
static int order(const struct subject *s, int which, char *const path[2])
{
	int fd[2] = {client_known(s), client_known(s)}, first;
	char body[32];

	if (fd[0] < 0 || fd[1] < 0 || !ask_and_begin(s, fd[0], path[0]) ||
	    !client_ask(fd[1], path[1], "") ||
	    client_reply(fd[which], body, sizeof body) != 200)
		return -1;
	first = !client_wait(fd[!which], 0);
	if (client_reply(fd[!which], body, sizeof body) != 200)
		return -1;
	close(fd[0]);
	close(fd[1]);
	return first;
}

static int folder_make(const char *top)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree", top);
	return mkdir(path, 0755) < 0 ? -errno : tree_write(top, "one.txt", "1", 1);
}

/* Returns what order does. */
static int order_of(const struct subject_plan *plan, int which, char *const path[2])
{
	struct subject_end end;
	struct subject s;
	int first;

	if (subject_start(&s, plan) < 0)
		return -1;
	first = order(&s, which, path);
	end = subject_stop(&s, STOP_S);
	return end.exited && end.status == 0 ? first : -1;
}

int main(int argc, char **argv)
{
	char top[] = "/tmp/order-XXXXXX";
	struct subject_plan plan = {.top = top};
	int first;

	if (argc < 5 || (strcmp(argv[1], "1") != 0 && strcmp(argv[1], "2") != 0))
		return fputs(usage, stderr), 2;
	plan.program = argv + 4;
	if (!mkdtemp(top) || folder_make(top) < 0)
		return perror("order: /tmp"), 2;
	first = order_of(&plan, argv[1][0] - '1', argv + 2);
	tree_remove(top);
	if (first < 0) {
		fprintf(stderr, "order: %s: does not answer, or does not end well\n",
			argv[4]);
		return 2;
	}
	puts(first ? "first" : "last");
	return 0;
}
