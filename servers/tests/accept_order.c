/* SPDX-License-Identifier: BSD-2-Clause */
/* accept_order.c - does a server accept before it serves?  It is stopped (SIGSTOP)
 * while new clients come and a live one asks for a spin that goes on until it is
 * killed.  As that spin lets nobody else run, what the server has accepted when it
 * begins is what came before it: all of the new clients, or none. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "subject.h"
#include "tree.h"

enum { NEW = 40, STEPS = 10000, END_S = 6 };

static const char usage[] =
	"usage: accept-order SERVER [ARG]...\n"
	"Print \"accepting\" if SERVER, which must be one kernel thread, takes all "
	"new\n"
	"clients before it serves a live one, \"serving\" if it takes none.\n";

/* Returns how many of the new were accepted before the spin began; -1: it does not. */
static int accepted_before(const struct subject *s, int live, int *fresh)
{
	int64_t read = subject_live(s, "bytes_in");
	bool good = subject_halt(s);

	for (int i = 0; i < NEW && good; i++) {
		fresh[i] = client_open(s->port);
		good = fresh[i] >= 0 && client_ask(fresh[i], "/one.txt", "");
	}
	good = good && client_ask(live, "/spin?us=10000000", "") &&
	       kill(s->pid, SIGCONT) == 0;
	for (int i = 0; i < STEPS && good; i++) {
		if (subject_live(s, "bytes_in") > read)
			return (int)subject_live(s, "connections_opened") - 1;
		usleep(1000);
	}
	return -1;
}

/* Start it, see, kill it. */
static int see(const struct subject_plan *plan)
{
	struct subject s;
	int live, accepted = -1, fresh[NEW];
	char body[8];

	if (subject_start(&s, plan) < 0)
		return -1;
	memset(fresh, -1, sizeof fresh);
	live = client_open(s.port);
	if (live >= 0 && client_ask(live, "/one.txt", "") &&
	    client_reply(live, body, sizeof body) == 200)
		accepted = accepted_before(&s, live, fresh);
	kill(s.pid, SIGKILL);
	subject_wait(&s, END_S);
	for (int i = 0; i < NEW; i++)
		close(fresh[i]);
	close(live);
	return accepted;
}

static int folder_make(const char *top)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree", top);
	return mkdir(path, 0755) < 0 ? -errno : tree_write(top, "one.txt", "1", 1);
}

int main(int argc, char **argv)
{
	char top[] = "/tmp/accept-order-XXXXXX";
	const struct subject_plan plan = {.top = top, .program = argv + 1};
	int accepted;

	if (argc < 2)
		return fputs(usage, stderr), 2;
	if (!mkdtemp(top) || folder_make(top) < 0)
		return perror("accept-order: /tmp"), 2;
	accepted = see(&plan);
	tree_remove(top);
	if (accepted != 0 && accepted != NEW) {
		fprintf(stderr, "accept-order: %s: %d of %d new clients accepted\n",
			argv[1], accepted, NEW);
		return 2;
	}
	puts(accepted ? "accepting" : "serving");
	return 0;
}
