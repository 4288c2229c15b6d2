/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_gate.c - a UDP echo server is played to, each check on a server of its own, which
 * must afterwards end as promised with all that came accounted for.  Usage: udp-gate
 * PROGRAM [ARG]... */
#include "config.h"

#include "udp_gate.h"

#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tree.h"

enum { STOP_S = 10, REFUSED = 2 };

struct gate {
	char **program;
	char top[32], counters[64];
	uid_t uid;
};

bool udp_halt(const struct subject *s)
{
	int status;

	kill(s->pid, SIGSTOP);
	return waitpid(s->pid, &status, WUNTRACED) == s->pid && WIFSTOPPED(status);
}

void udp_go_on(const struct subject *s)
{
	kill(s->pid, SIGCONT);
}

bool udp_counted(const struct subject *s, const char *name, int64_t value)
{
	int64_t is = subject_counter(s, name);

	if (is != value)
		tap_diag("%s is %lld, not %lld", name, (long long)is, (long long)value);
	return is == value;
}

bool udp_stop(struct subject *s, double seconds)
{
	struct subject_end end = subject_stop(s, seconds);

	s->pid = 0;
	if (!end.exited || end.status != 0) {
		tap_diag("it did not end well: status %d after %.1f s", end.status,
			 end.seconds);
		return false;
	}
	return udp_counted(s, "requests",
			   subject_counter(s, "echoes") +
				   subject_counter(s, "send_failures") +
				   subject_counter(s, "refused"));
}

static bool has_ipv6(void)
{
	const struct sockaddr_in6 own = {.sin6_family = AF_INET6,
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (const void *)&own, sizeof own) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static void check_run(const struct gate *g, const struct udp_check *c)
{
	const char *extra[8] = {"--port", "0", "--counters", g->counters};
	const struct subject_plan plan = {.program = g->program,
					  .extra = extra,
					  .top = g->top,
					  .uid = g->uid,
					  .bare = true};
	struct subject s;
	bool good;

	if (c->address && strchr(c->address, ':') && !has_ipv6()) {
		tap_skip(c->name, "no IPv6 here");
		return;
	}
	extra[4] = c->address ? "--address" : NULL;
	extra[5] = c->address;
	good = subject_start(&s, &plan) == 0;
	if (good) {
		good = c->run(&s);
		if (s.pid > 0)
			good = udp_stop(&s, STOP_S) && good;
		good = subject_stderr(&s, true) == 0 && good;
	}
	tap_ok(good, "%s", c->name);
}

/* An option that makes no sense here is refused with one line and status 2. */
static void refuse_run(const struct gate *g, const char *option, const char *value)
{
	const char *extra[] = {option, value, NULL};
	const struct subject_plan plan = {.program = g->program,
					  .extra = extra,
					  .top = g->top,
					  .uid = g->uid,
					  .bare = true};
	struct subject s = {0};
	struct subject_end end = {0};
	bool good = subject_launch(&s, &plan) == 0;

	if (good) {
		end = subject_wait(&s, STOP_S);
		close(s.out);
	}
	good = good && end.exited && WIFEXITED(end.status) &&
	       WEXITSTATUS(end.status) == REFUSED && subject_stderr(&s, false) == 1;
	tap_ok(good, "%s %s is refused", option, value);
}

static void gate_run(const struct gate *g)
{
	static const char *const refused[][2] = {
		{"--root", "."},        {"--cache", "1M"},   {"--max-connections", "9"},
		{"--address", "::1::"}, {"--port", "65536"}, {"--frob", "1"},
	};

	for (const struct udp_check *c = udp_echoes; c->name; c++)
		check_run(g, c);
	for (const struct udp_check *c = udp_ends; c->name; c++)
		check_run(g, c);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		refuse_run(g, refused[i][0], refused[i][1]);
}

int main(int argc, char **argv)
{
	struct gate g = {.program = argv + 1, .top = "/tmp/udp-gate-XXXXXX"};
	int status;

	if (argc < 2)
		return fputs("usage: udp-gate PROGRAM [ARG]...\n", stderr), 2;
	if (!mkdtemp(g.top))
		return perror("udp-gate: /tmp"), 2;
	g.uid = subject_uid();
	snprintf(g.counters, sizeof g.counters, "%s/counters", g.top);
	if (g.uid && chown(g.top, g.uid, (gid_t)-1) < 0)
		perror("udp-gate: chown");
	gate_run(&g);
	status = tap_done();
	tree_remove(g.top);
	return status;
}
