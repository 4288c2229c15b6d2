/* SPDX-License-Identifier: BSD-2-Clause */
/* duality agent: tells ipbench, or duality load --cpu, how busy this machine is. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/agent/agent.h"
#include "harness/agent/meter.h"
#include "harness/command.h"

enum {
	BACKLOG = 64,
	/* Standard streams, signals, the listener, /proc; one to refuse a client with.
	 */
	DESCRIPTORS_BESIDE = 12,
};

static const char usage[] =
	"usage: duality agent [options]\n"
	"Tells ipbench (its target cpu_target_lukem), or duality load --cpu "
	"ipbench://,\n"
	"how long the CPUs here idled between START and STOP.\n"
	"  --address A    where it listens (127.0.0.1)\n"
	"  --port N       (1236; 0: the kernel picks)\n"
	"  --cpus LIST    of which CPUs, e.g. 0,2-3 (all)\n"
	"  --silence S    seconds a client may be silent before START (120)\n"
	"  --help  --version\n";

struct order {
	const char *address, *port, *cpus;
	double silence_s;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "duality agent: %s: %s\n", what, why);
	return EXIT_USAGE;
}

static bool port_good(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length <= 5 && strspn(text, "0123456789") == length &&
	       strtol(text, NULL, 10) <= 65535;
}

static bool seconds_parse(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out >= 0.1 && *out <= 86400;
}

/* -1: go on; else the exit status. */
static int option_take(struct order *order, int option)
{
	switch (option) {
	case 'a':
		order->address = optarg;
		return -1;
	case 'p':
		order->port = optarg;
		return port_good(optarg) ? -1
					 : complain("--port", "not from 0 to 65535");
	case 'c':
		order->cpus = optarg;
		return -1;
	case 's':
		return seconds_parse(optarg, &order->silence_s)
			       ? -1
			       : complain("--silence", "not from 0.1 to 86400");
	default:
		command_end(option, usage);
	}
}

static int order_read(struct order *order, int argc, char **argv)
{
	static const struct option options[] = {
		{"address", required_argument, NULL, 'a'},
		{"port", required_argument, NULL, 'p'},
		{"cpus", required_argument, NULL, 'c'},
		{"silence", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option, status = -1;
	*order = (struct order){"127.0.0.1", "1236", NULL, 120};
	while (status < 0 &&
	       (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		status = option_take(order, option);
	if (status < 0 && argv[optind])
		return complain(argv[optind], "no arguments are taken");
	return status;
}

static int meter_prepare(struct cpu_meter *meter, const char *cpus)
{
	int error = cpu_meter_open(meter, cpus);
	if (error == -EINVAL)
		return complain("--cpus", "not a list of CPUs as in 0,2-3");
	if (error == -ENODEV)
		return complain(cpus ? "--cpus" : "/proc/stat",
				"no times of these CPUs in /proc/stat");
	return error ? complain("/proc/stat", strerror(-error)) : -1;
}

/* The descriptor, or -1 and `why`. */
static int socket_listen(const struct addrinfo *where, const char **why)
{
	static const int on = 1;
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(where->ai_family, type, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(fd, where->ai_addr, where->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int listener_open(struct agent *agent, const struct order *order)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
				 .ai_socktype = SOCK_STREAM};
	struct addrinfo *where;
	const char *why = "not an address";
	char what[128];
	agent->listener = -1;
	if (getaddrinfo(order->address, order->port, &hints, &where) == 0) {
		agent->listener = socket_listen(where, &why);
		freeaddrinfo(where);
	}
	if (agent->listener >= 0)
		return -1;
	snprintf(what, sizeof what, "--address %.80s --port %s", order->address,
		 order->port);
	return complain(what, why);
}

static void ready_tell(const struct agent *agent)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	getsockname(agent->listener, (struct sockaddr *)&address, &length);
	getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port,
		    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	printf(address.ss_family == AF_INET6 ? "ready [%s]:%s\n" : "ready %s:%s\n",
	       host, port);
	fflush(stdout);
}

static int signals_open(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* As many clients as there are descriptors for. */
static unsigned clients_most(void)
{
	struct rlimit limit = {AGENT_CLIENTS + DESCRIPTORS_BESIDE, 0};
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= AGENT_CLIENTS + DESCRIPTORS_BESIDE)
		return AGENT_CLIENTS;
	return limit.rlim_cur > DESCRIPTORS_BESIDE
		       ? (unsigned)(limit.rlim_cur - DESCRIPTORS_BESIDE)
		       : 1;
}

static int serve(struct agent *agent, const struct order *order)
{
	agent->silence_ns = (uint64_t)llround(order->silence_s * 1e9);
	agent->most = clients_most();
	agent->signals = signals_open();
	if (agent->signals < 0)
		return complain("signalfd", strerror(errno));
	ready_tell(agent);
	int error = agent_run(agent);
	if (error == 0)
		return 0;
	complain("poll", strerror(-error));
	return EXIT_FINDING;
}

int main(int argc, char **argv)
{
	static struct agent agent;
	struct cpu_meter meter;
	struct order order;
	int status = order_read(&order, argc, argv);
	if (status >= 0)
		return status;
	status = meter_prepare(&meter, order.cpus);
	if (status >= 0)
		return status;
	agent.meter = &meter.meter;
	status = listener_open(&agent, &order);
	if (status < 0) {
		status = serve(&agent, &order);
		close(agent.listener);
	}
	cpu_meter_close(&meter);
	return status;
}
