/* SPDX-License-Identifier: BSD-2-Clause */
/* nginx.c - a line to compare with on every figure: the packaged nginx, one worker,
 * with a server program's promises kept around it.  It is asked at the end what it did;
 * while it runs nobody knows.  It has files only. */
#include "config.h"

#include "setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const lacks[] = {"/spin",     "/wait",  "/fan",
				    "/transfer", "/total", NULL};

static const struct about about = {
	.name = "nginx",
	.family = "reference",
	.style = "event",
	.summary = "the packaged nginx, one worker",
	.needs = "nginx",
	.lacks = lacks,
	.lock = &lock_none,
};

enum { READY_TRIES = 500, READY_NS = 10000000, DRAIN_S = 5, OWN_DESCRIPTORS = 16 };

static struct server server;
static char folder[] = "/tmp/duality-nginx.XXXXXX";
static char where[INET_ADDRSTRLEN + 8]; /* it listens: ADDRESS:PORT */

static void inside(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

/* The port was free when setting up: nginx takes it over. */
static void give_port_up(void)
{
	struct sockaddr_in bound;
	socklen_t len = sizeof bound;
	char name[INET_ADDRSTRLEN];

	MUST(getsockname(server.listener, (struct sockaddr *)&bound, &len));
	inet_ntop(AF_INET, &bound.sin_addr, name, sizeof name);
	snprintf(where, sizeof where, "%s:%u", name, ntohs(bound.sin_port));
	close(server.listener);
}

/* As its manual would have it for small files: kept open, no log, large pipelines. */
static void write_configuration(const char *root)
{
	char path[64];
	FILE *f;

	inside(path, sizeof path, "nginx.conf");
	f = fopen(path, "we");
	MUST(f ? 0 : -1);
	fprintf(f,
		"daemon off; worker_processes 1; %s\n"
		"error_log stderr crit; pid %s/pid;\n"
		"events { use epoll; worker_connections %u; }\n"
		"http {\n"
		"access_log off; sendfile on; tcp_nodelay on; disable_symlinks on;\n"
		"keepalive_requests 1000000000; keepalive_timeout 1d;\n"
		"open_file_cache max=100000 inactive=60s; open_file_cache_valid 1s;\n"
		"types { text/html html; text/plain txt; }\n"
		"client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;\n"
		"uwsgi_temp_path %s; scgi_temp_path %s;\n"
		"server { listen %s backlog=4096; root \"%s\"; }\n"
		"server { listen unix:%s/status; location / { stub_status; } }\n"
		"}\n",
		geteuid() == 0 ? "user root;" : "", /* who reads the files */
		folder, server.max_connections + OWN_DESCRIPTORS, folder, folder,
		folder, folder, folder, where, root, folder);
	MUST(fclose(f));
}

static void run_nginx(const sigset_t *old)
{
	char conf[64];

	setpgid(0, 0); /* it and its worker */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, old, NULL);
	inside(conf, sizeof conf, "nginx.conf");
	execl(NGINX, "nginx", "-e", "stderr", "-c", conf, (char *)NULL);
	server_cannot("run " NGINX, errno);
}

/* Connections accepted and requests, as it tells them itself.  Returns 0 or -errno. */
static int ask(unsigned long *accepted, unsigned long *requests)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[1024], *line = NULL;
	ssize_t n = -1, len = 0;

	inside(address.sun_path, sizeof address.sun_path, "status");
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
	    write(fd, request, sizeof request - 1) > 0)
		while ((n = read(fd, reply + len, sizeof reply - 1 - (size_t)len)) > 0)
			len += n;
	close(fd);
	reply[len] = '\0';
	line = strstr(reply, "requests\n");
	if (n < 0 || !line || sscanf(line + 9, " %lu %*u %lu", accepted, requests) != 2)
		return -ENODATA;
	return 0;
}

/* Wait until it answers.  Returns false if it ended instead. */
static bool wait_until_ready(pid_t child)
{
	const struct timespec moment = {0, READY_NS};
	unsigned long ignored;

	for (int i = 0; i < READY_TRIES && waitpid(child, NULL, WNOHANG) == 0; i++) {
		if (ask(&ignored, &ignored) == 0)
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* What was asked of it by clients: less our own questions, two connections. */
static void count(void)
{
	unsigned long accepted, requests;

	if (ask(&accepted, &requests) < 0)
		return;
	counter_show(server.counters, COUNTER_OPENED, accepted - 2);
	counter_show(server.counters, COUNTER_REQUESTS, requests - 2);
}

/* Finish what is in flight, within the time all servers have. */
static void stop(pid_t child)
{
	const struct timespec limit = {DRAIN_S, 0};
	sigset_t ended;

	count();
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	kill(child, SIGQUIT);
	sigtimedwait(&ended, NULL, &limit);
}

static void remove_folder(void)
{
	static const char *const names[] = {"nginx.conf", "pid", "status"};
	char path[64];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		inside(path, sizeof path, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* When the program is over, even by SIGKILL, so are nginx and the folder: a process of
 * its own waits for the end of a pipe that only the program could write to.  Returns
 * the end to close. */
static int tidy_up_after(pid_t child)
{
	int ends[2];
	char nothing;

	setpgid(child, child); /* it may not have come to that yet */
	MUST(pipe2(ends, O_CLOEXEC));
	if (MUST(fork()) > 0) {
		close(ends[0]);
		return ends[1];
	}
	setpgid(0, 0); /* who ends the program by its group does not end this */
	close(ends[1]);
	while (read(ends[0], &nothing, 1) < 0 && errno == EINTR)
		continue;
	kill(-child, SIGKILL); /* whoever is left */
	remove_folder();
	_exit(0);
}

int main(int argc, char **argv)
{
	sigset_t wanted, old;
	int got, status = 1;
	char *root;
	pid_t child;
	int until_over;

	server_setup(&server, argc, argv, &about);
	counters_hide(server.counters);
	root = realpath(server.root, NULL);
	if (!root || strpbrk(root, "\"\\$\n"))
		server_cannot("give nginx that --root", root ? EINVAL : errno);
	MUST(mkdtemp(folder) ? 0 : -1);
	give_port_up();
	write_configuration(root);
	free(root);

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, &old);
	child = MUST(fork());
	if (child == 0)
		run_nginx(&old);
	until_over = tidy_up_after(child);
	if (wait_until_ready(child)) {
		printf("ready %s\n", where);
		fflush(stdout);
		MUST(sigwait(&wanted, &got));
		if (got == SIGCHLD)
			fprintf(stderr, "nginx ended by itself\n");
		else
			stop(child), status = 0;
	}
	close(until_over);
	while (wait(NULL) > 0) /* for nginx, and who tidies up */
		continue;
	return server_finish(&server) ? 1 : status;
}
