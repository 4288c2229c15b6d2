/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line; see options.h.  One table drives the parsing of all numbers. */
#include "config.h"

#include "harness/load/options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/load/udp_payload.h"

/* Sums of times stay far from the wrap of 64 bits of nanoseconds. */
static const double seconds_max = 86400;

enum { UDP_SOCKETS = 4 };

/* A number's range, and where it goes: scaled into an integer, or as it is. */
struct number {
	const char *name;
	double least, most;
	bool whole;
	double scale;
	uint64_t *value;
	double *real;
	bool given;
};

enum {
	RATE,
	MBPS,
	SIZE,
	CONNECTIONS,
	SESSION,
	THINK,
	MAX_LIVE,
	IDLE,
	DURATION,
	WARMUP,
	DRAIN,
	SEED,
	VERIFY,
	LIMIT,
	PING,
	EVENTS,
	CPU,
	NUMBERS,
	ARRIVALS = NUMBERS,
	CLOSED,
	MIX,
	JSON,
	HISTOGRAM,
	QUIET,
	SPIN,
	HELP,
	ABOUT_VERSION
};

static const struct option names[] = {
	{"rate", required_argument, NULL, RATE},
	{"mbps", required_argument, NULL, MBPS},
	{"size", required_argument, NULL, SIZE},
	{"connections", required_argument, NULL, CONNECTIONS},
	{"session-requests", required_argument, NULL, SESSION},
	{"think", required_argument, NULL, THINK},
	{"max-live", required_argument, NULL, MAX_LIVE},
	{"idle", required_argument, NULL, IDLE},
	{"duration", required_argument, NULL, DURATION},
	{"warmup", required_argument, NULL, WARMUP},
	{"drain", required_argument, NULL, DRAIN},
	{"seed", required_argument, NULL, SEED},
	{"verify", required_argument, NULL, VERIFY},
	{"limit-us", required_argument, NULL, LIMIT},
	{"ping-ms", required_argument, NULL, PING},
	{"events", required_argument, NULL, EVENTS},
	{"cpu", required_argument, NULL, CPU},
	{"arrivals", required_argument, NULL, ARRIVALS},
	{"closed", no_argument, NULL, CLOSED},
	{"mix", required_argument, NULL, MIX},
	{"json", required_argument, NULL, JSON},
	{"histogram", required_argument, NULL, HISTOGRAM},
	{"quiet", no_argument, NULL, QUIET},
	{"spin", no_argument, NULL, SPIN},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, ABOUT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"usage: duality load [options] URL...\n"
	"       duality load [options] --rate R|--mbps M udp://HOST:PORT\n"
	"  --rate R             open loop: R requests/s offered, by one seeded "
	"schedule\n"
	"  --arrivals KIND      poisson (default) or fixed\n"
	"  --closed             closed loop: send when the reply is in (default "
	"without --rate)\n"
	"  --connections N      a fixed pool of N connections (64)\n"
	"  --session-requests K partly open: each session opens a connection for K "
	"requests;\n"
	"                       closed: each connection is opened anew after K\n"
	"  --think US           time between a session's reply and its next request "
	"(0)\n"
	"  --max-live N         live connections at most, with --session-requests "
	"(8192)\n"
	"  --idle N             and N further connections, idle during the run (0)\n"
	"  --duration S         the measured window (10)\n"
	"  --warmup S           load before it (1)\n"
	"  --drain S            wait for replies after it at most (1)\n"
	"  --seed N             of schedule and mix (1)\n"
	"  --mix FILE           lines `WEIGHT [POST] PATH-OR-URL`\n"
	"  --verify N           check every Nth body against the first seen (100)\n"
	"  --limit-us L         latency limit the certificate is for (5000)\n"
	"  --json FILE          the result as JSON (\"-\": standard output)\n"
	"  --histogram FILE     the latency histogram\n"
	"  --events FD          write `start NS`, `end NS`, `done NS` there\n"
	"  --cpu N              pin to this CPU\n"
	"  --cpu ipbench://HOST[:PORT]  ask there for the server's CPU use\n"
	"  --spin               never sleep: the server need not wake the client\n"
	"  --quiet              no live line\n"
	"  --mbps M             udp: M Mb/s of payload offered, instead of --rate\n"
	"  --size N             udp: bytes of a datagram (1472)\n"
	"  --ping-ms MS         period of the live line (500)\n"
	"  --help  --version\n";

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "duality load: %s: %s\n", what, why);
	return 2;
}

static int number_parse(struct number *number, const char *text)
{
	char why[128];
	char *end;
	errno = 0;
	double value = strtod(text, &end);
	bool decimal = strspn(text, "0123456789.eE+") == strlen(text);
	if (end == text || *end || errno || !decimal || !(value >= number->least) ||
	    value > number->most || (number->whole && value != floor(value))) {
		snprintf(why, sizeof why,
			 "`%.40s` is not a %snumber from %.10g to %.10g", text,
			 number->whole ? "whole " : "", number->least, number->most);
		return complain(number->name, why);
	}
	if (number->real)
		*number->real = value;
	else
		*number->value = (uint64_t)llround(value * number->scale);
	number->given = true;
	return -1;
}

/* What the command line said that does not go into the options as it is. */
struct parsed {
	struct number numbers[NUMBERS];
	double mbps;
	uint64_t events;
	uint64_t cpu;
	bool closed;
	bool quiet;
	const char *mix;
};

static int text_parse(struct options *options, struct parsed *parsed, int option,
		      const char *text)
{
	switch (option) {
	case ARRIVALS:
		if (strcmp(text, "poisson") != 0 && strcmp(text, "fixed") != 0)
			return complain("--arrivals", "poisson or fixed");
		options->arrivals = *text == 'p' ? SCHEDULE_POISSON : SCHEDULE_FIXED;
		break;
	case CLOSED:
		parsed->closed = true;
		break;
	case JSON:
		options->json = text;
		break;
	case HISTOGRAM:
		options->histogram = text;
		break;
	case SPIN:
		options->spin = true;
		break;
	case QUIET:
		parsed->quiet = true;
		break;
	case MIX:
		parsed->mix = text;
		break;
	case HELP:
		fputs(help, stdout);
		return 0;
	case ABOUT_VERSION:
		printf("duality-load %s\n", VERSION);
		return 0;
	default:
		return 2;
	}
	return -1;
}

/* Which mode the options add up to, and which of them exclude each other. */
static int mode_decide(struct options *options, const struct parsed *parsed)
{
	const struct number *numbers = parsed->numbers;
	if (numbers[MBPS].given || numbers[SIZE].given)
		return complain(numbers[MBPS].given ? "--mbps" : "--size",
				"only with udp://");
	if (parsed->closed && numbers[RATE].given)
		return complain("--closed", "a closed loop has no --rate");
	if (numbers[SESSION].given && !numbers[RATE].given && !parsed->closed)
		return complain("--session-requests",
				"sessions need --rate or --closed");
	if (numbers[SESSION].given && numbers[CONNECTIONS].given && !parsed->closed)
		return complain("--connections",
				"sessions open their own; bound them with --max-live");
	if ((!numbers[SESSION].given || parsed->closed) &&
	    (numbers[THINK].given || numbers[MAX_LIVE].given))
		return complain(numbers[THINK].given ? "--think" : "--max-live",
				"only with --rate and --session-requests");
	if (!numbers[RATE].given && !numbers[SESSION].given)
		options->session_requests = UINT64_MAX;
	if (!numbers[RATE].given)
		options->mode = LOAD_CLOSED;
	else
		options->mode = numbers[SESSION].given ? LOAD_OPEN : LOAD_POOL;
	options->max_live_given = numbers[MAX_LIVE].given;
	return -1;
}

/* What makes no sense with datagrams; NULL: nothing of that was given. */
static const char *udp_unfit(const struct parsed *parsed)
{
	static const int unfit[] = {SESSION, THINK, MAX_LIVE, IDLE, VERIFY};
	for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
		if (parsed->numbers[unfit[i]].given)
			return parsed->numbers[unfit[i]].name;
	if (parsed->closed)
		return "--closed";
	return parsed->mix ? "--mix" : NULL;
}

static int udp_decide(struct options *options, const struct parsed *parsed, char **urls)
{
	const struct number *numbers = parsed->numbers;
	const char *unfit = udp_unfit(parsed);
	const char *wrong = urls[1] ? "a udp:// URL stands alone"
				    : url_parse_udp(&options->mix.server, urls[0]);
	if (wrong)
		return complain(urls[0], wrong);
	if (unfit)
		return complain(unfit, "not with udp://");
	if (numbers[RATE].given == numbers[MBPS].given)
		return complain(urls[0], "needs --rate or --mbps, one of them");
	if (numbers[MBPS].given)
		options->rate_rps = parsed->mbps * 1e6 / 8 / (double)options->size;
	if (!numbers[CONNECTIONS].given)
		options->connections = UDP_SOCKETS;
	options->mode = LOAD_UDP;
	return -1;
}

/* With --mix the URL only names the server of the file's paths; else the URLs are the
 * mix. */
static int mix_fill(struct options *options, const char *file, char **urls)
{
	char message[MIX_MESSAGE_MAX];
	struct mix *mix = &options->mix;
	if (file && urls[0] && urls[1])
		return complain("--mix",
				"with it, one URL at most, which names the server");
	if (file && urls[0]) {
		const char *wrong = url_parse(&mix->server, urls[0]);
		if (wrong)
			return complain(urls[0], wrong);
	}
	if (file && mix_read(mix, file, message) < 0)
		return complain("--mix", message);
	for (; !file && *urls; urls++) {
		if (mix_add(mix, *urls, 1, message) < 0) {
			fprintf(stderr, "duality load: %s\n", message);
			return 2;
		}
	}
	if (mix->count > 0)
		return -1;
	return complain("no URL given", "try `duality load --help`");
}

static void options_default(struct options *options)
{
	*options = (struct options){
		.connections = 64,
		.size = 1472, /* the most an Ethernet frame holds */
		.session_requests = 1,
		.max_live = 8192,
		.warmup_ns = 1000000000,
		.duration_ns = 10000000000,
		.drain_ns = 1000000000,
		.seed = 1,
		.verify_every = 100,
		.limit_ns = 5000000,
		.ping_ns = 500000000,
		.live_line = isatty(STDERR_FILENO) == 1,
		.events_fd = -1,
		.cpu = -1,
	};
}

static void numbers_bind(struct parsed *parsed, struct options *options)
{
	const struct number numbers[NUMBERS] = {
		[RATE] = {"--rate", 0.001, 1e8, .real = &options->rate_rps},
		[MBPS] = {"--mbps", 0.001, 1e5, .real = &parsed->mbps},
		[SIZE] = {"--size", UDP_SIZE_LEAST, UDP_SIZE_MOST, true, 1,
			  .value = &options->size},
		[CONNECTIONS] = {"--connections", 1, 1e6, true, 1,
				 .value = &options->connections},
		[SESSION] = {"--session-requests", 1, 1e9, true, 1,
			     .value = &options->session_requests},
		[THINK] = {"--think", 0, seconds_max * 1e6, false, 1e3,
			   .value = &options->think_ns},
		[MAX_LIVE] = {"--max-live", 1, 1e6, true, 1,
			      .value = &options->max_live},
		[IDLE] = {"--idle", 0, 1e6, true, 1, .value = &options->idle},
		[DURATION] = {"--duration", 0.001, seconds_max, false, 1e9,
			      .value = &options->duration_ns},
		[WARMUP] = {"--warmup", 0, seconds_max, false, 1e9,
			    .value = &options->warmup_ns},
		[DRAIN] = {"--drain", 0, seconds_max, false, 1e9,
			   .value = &options->drain_ns},
		[SEED] = {"--seed", 0, 0x1p53, true, 1, .value = &options->seed},
		[VERIFY] = {"--verify", 1, 1e9, true, 1,
			    .value = &options->verify_every},
		[LIMIT] = {"--limit-us", 1, 1e9, false, 1e3,
			   .value = &options->limit_ns},
		[PING] = {"--ping-ms", 1, 1e6, false, 1e6, .value = &options->ping_ns},
		[EVENTS] = {"--events", 0, 1e6, true, 1, .value = &parsed->events},
		[CPU] = {"--cpu", 0, 1e5, true, 1, .value = &parsed->cpu},
	};
	memcpy(parsed->numbers, numbers, sizeof numbers);
}

/* --cpu is two options: a number is ours, a URL says who knows the server's. */
static int cpu_parse(struct options *options, struct parsed *parsed, const char *text)
{
	if (!ipbench_is_url(text))
		return number_parse(&parsed->numbers[CPU], text);
	const char *wrong = ipbench_parse(&options->cpu_peer, text);
	return wrong ? complain(text, wrong) : -1;
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct parsed parsed = {.closed = false};
	const struct number *numbers = parsed.numbers;
	int status = -1;
	int option;
	options_default(options);
	numbers_bind(&parsed, options);
	while (status < 0 &&
	       (option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == CPU)
			status = cpu_parse(options, &parsed, optarg);
		else if (option >= 0 && option < NUMBERS)
			status = number_parse(&parsed.numbers[option], optarg);
		else
			status = text_parse(options, &parsed, option, optarg);
	}
	if (status >= 0)
		return status;
	if (numbers[EVENTS].given)
		options->events_fd = (int)parsed.events;
	if (numbers[CPU].given)
		options->cpu = (int)parsed.cpu;
	options->live_line =
		!parsed.quiet && (options->live_line || numbers[PING].given);
	if (numbers[EVENTS].given && fcntl(options->events_fd, F_GETFD) < 0)
		return complain("--events", "not an open descriptor");
	if (argv[optind] && url_is_udp(argv[optind]))
		return udp_decide(options, &parsed, argv + optind);
	status = mode_decide(options, &parsed);
	return status < 0 ? mix_fill(options, parsed.mix, argv + optind) : status;
}
