/* SPDX-License-Identifier: BSD-2-Clause */
/* duality-load: loads an HTTP or a UDP echo server by a plan, and measures from the
 * plan.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/command.h"
#include "harness/load/load.h"
#include "harness/load/options.h"
#include "harness/load/report.h"

enum {
	/* Standard streams, epoll, the outputs, and some for libraries and the caller.
	 */
	DESCRIPTORS_SPARE = 32,
};

/* Where the results go; opened before the run, so that a bad path costs no run. */
struct outputs {
	FILE *json;
	FILE *histogram;
};

static void interrupt_note(int signal_number)
{
	load_interrupt = signal_number;
}

/* The second signal is not caught: it ends a run whose drain lasts too long. */
static void signals_set(void)
{
	struct sigaction action = {.sa_handler = interrupt_note,
				   .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int cpu_pin(int cpu)
{
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET((size_t)cpu, &cpus);
	if (cpu < 0 || sched_setaffinity(0, sizeof cpus, &cpus) == 0)
		return -1;
	fprintf(stderr, "duality load: --cpu %d: %s\n", cpu, strerror(errno));
	return EXIT_USAGE;
}

/* Takes all descriptors there are, and says so if they are not enough. */
static int descriptors_raise(struct options *options)
{
	struct rlimit limit;
	bool sessions = options->mode == LOAD_OPEN;
	uint64_t *wanted = sessions ? &options->max_live : &options->connections;
	uint64_t besides = DESCRIPTORS_SPARE + options->idle;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max >= *wanted + besides)
		return -1;
	if (limit.rlim_max > besides && sessions && !options->max_live_given) {
		*wanted = limit.rlim_max - besides;
		fprintf(stderr,
			"duality load: --max-live lowered to %" PRIu64
			": the descriptor limit is %" PRIu64 " (ulimit -n)\n",
			*wanted, (uint64_t)limit.rlim_max);
		return -1;
	}
	fprintf(stderr,
		"duality load: %s %" PRIu64 ": the descriptor limit is %" PRIu64
		" (ulimit -n), and %" PRIu64 " are needed besides\n",
		sessions ? "--max-live" : "--connections", *wanted,
		(uint64_t)limit.rlim_max, besides);
	return EXIT_USAGE;
}

static FILE *output_open(const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (file == NULL)
		fprintf(stderr, "duality load: %s: %s\n", path, strerror(errno));
	return file;
}

static int outputs_open(struct outputs *outputs, const struct options *options)
{
	if (options->json && !(outputs->json = output_open(options->json)))
		return EXIT_USAGE;
	if (options->histogram &&
	    !(outputs->histogram = output_open(options->histogram)))
		return EXIT_USAGE;
	return -1;
}

static int json_write(struct load *load, FILE *out)
{
	json_t *report = report_json(load);
	if (report == NULL)
		return -ENOMEM;
	errno = 0;
	int failed = json_dumpf(report, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
	json_decref(report);
	fputc('\n', out);
	if (!failed && fflush(out) == 0 && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

static int outputs_write(const struct outputs *outputs, struct load *load)
{
	int error = outputs->json ? json_write(load, outputs->json)
				  : report_text(load, stdout);
	if (error == 0 && outputs->histogram)
		error = histogram_write(&load->tally.latency, outputs->histogram);
	if (error == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "duality load: cannot write the result: %s\n",
		strerror(-error));
	return EXIT_FINDING;
}

/* Which way most requests went wrong. */
static const char *worst_name(const struct tally *tally)
{
	int worst = OUTCOME_BAD_STATUS;
	for (int i = worst; i < OUTCOMES; i++)
		if (tally->outcomes[i] > tally->outcomes[worst])
			worst = i;
	return outcome_names[worst];
}

/* Did the run measure a server at all?  One that refuses connections when all is over
 * has died: an overloaded one lets them wait. */
static int run_judge(const struct tally *tally, bool udp)
{
	if (tally->planned == 0) {
		fprintf(stderr,
			"duality load: no request was planned in the window%s\n",
			tally->replies ? "" : ": nothing was answered before it");
		return EXIT_FINDING;
	}
	if (tally->outcomes[OUTCOME_GOOD] == 0) {
		fprintf(stderr,
			"duality load: every request failed: %" PRIu64
			" planned, most of them: %s%s%s\n",
			tally->planned, worst_name(tally),
			tally->detail[0] ? "; first " : "", tally->detail);
		return EXIT_FINDING;
	}
	if (tally->last_refused_ns > tally->last_reply_ns) {
		fprintf(stderr,
			"duality load: the server went away: %s refused after its last "
			"reply\n",
			udp ? "datagrams were" : "connections were");
		return EXIT_FINDING;
	}
	return EXIT_SUCCESS;
}

/* The load was what was asked for: without the server's CPU use it has still been made.
 */
static void cpu_collect(struct ipbench *ipbench)
{
	if (ipbench && ipbench_collect(ipbench) < 0)
		fprintf(stderr, "duality load: no CPU use of the server: %s\n",
			ipbench->why);
}

static int run(struct load *load, const struct outputs *outputs)
{
	int error = load_run(load);
	if (error) {
		fprintf(stderr, "duality load: %s\n", strerror(-error));
		return EXIT_FINDING;
	}
	cpu_collect(load->ipbench);
	int written = outputs_write(outputs, load);
	if (load->interrupted)
		return 128 + load_interrupt;
	int judged = run_judge(&load->tally, load->udp != NULL);
	return written ? written : judged;
}

static int server_load(const struct options *options, struct ipbench *ipbench)
{
	static struct load load;
	struct outputs outputs = {NULL, NULL};
	union url_address address;
	const struct url *server = &options->mix.server;
	const char *wrong = url_resolve(server, &address);
	int error = wrong ? 0 : load_open(&load, options, &address);
	if (wrong || error) {
		fprintf(stderr, "duality load: cannot reach %s:%s: %s\n", server->host,
			server->port, wrong ? wrong : strerror(-error));
		return EXIT_FINDING;
	}
	load.ipbench = ipbench;
	int status = outputs_open(&outputs, options);
	if (status < 0)
		status = run(&load, &outputs);
	if (outputs.json && outputs.json != stdout)
		fclose(outputs.json);
	if (outputs.histogram && outputs.histogram != stdout)
		fclose(outputs.histogram);
	load_close(&load);
	return status;
}

/* With somebody who tells the server's CPU use, if there is to be one. */
static int peer_load(const struct options *options)
{
	const struct ipbench_peer *peer = &options->cpu_peer;
	struct ipbench ipbench;
	if (peer->host[0] == '\0')
		return server_load(options, NULL);
	if (ipbench_open(&ipbench, peer) < 0) {
		fprintf(stderr, "duality load: cannot ask %s:%s for its CPU use: %s\n",
			peer->host, peer->port, ipbench.why);
		return EXIT_FINDING;
	}
	int status = server_load(options, &ipbench);
	ipbench_close(&ipbench);
	return status;
}

int main(int argc, char **argv)
{
	static struct options options;
	int status = options_parse(&options, argc, argv);
	if (status < 0)
		status = descriptors_raise(&options);
	if (status < 0)
		status = cpu_pin(options.cpu);
	if (status < 0) {
		signals_set();
		status = peer_load(&options);
	}
	mix_close(&options.mix);
	return status;
}
