/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the one table of options all server programs share, and --about. */
#include "config.h"

#include "core_id.h"
#include "setup_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_BYTES = 64 << 20, CACHE_MIN = 64 << 10, WORKERS_MAX = 65536 };

static const struct option table[] = {
	{"address", required_argument, NULL, 'a'},
	{"port", required_argument, NULL, 'p'},
	{"root", required_argument, NULL, 'r'},
	{"cache", required_argument, NULL, 'c'},
	{"workers", required_argument, NULL, 'w'},
	{"cpus", required_argument, NULL, 'u'},
	{"max-connections", required_argument, NULL, 'm'},
	{"counters", required_argument, NULL, 'o'},
	{"about", no_argument, NULL, 'A'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static void refuse(const char *option, const char *value, const char *why)
{
	fprintf(stderr, "--%s %s: %s\n", option, value, why);
	exit(2);
}

/* A number from min to max, with a unit of bytes (K, M, G) where allowed. */
static uint64_t number(const char *option, const char *text, bool bytes, uint64_t min,
		       uint64_t max)
{
	static const char units[] = "KMG";
	char *end;
	const char *unit;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno)
		refuse(option, text, "not a number");
	unit = bytes && *end ? strchr(units, *end) : NULL;
	if (unit) {
		int shift = 10 * (int)(unit - units + 1);

		if (n > max >> shift)
			refuse(option, text, "out of range");
		n <<= shift;
		end++;
	}
	if (*end)
		refuse(option, text, "not a number");
	if (n < min || n > max)
		refuse(option, text, "out of range");
	return n;
}

/* Run on these CPUs only: "0,2-3". */
static void cpus_set(const char *list)
{
	cpu_set_t set;
	const char *at = list;

	CPU_ZERO(&set);
	do {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end == at || *at < '0' || *at > '9')
			refuse("cpus", list, "not a list of CPUs such as 0,2-3");
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
			if (end == at || *at < '0' || *at > '9' || last < first)
				refuse("cpus", list,
				       "not a list of CPUs such as 0,2-3");
		}
		if (last >= CPU_SETSIZE)
			refuse("cpus", list, "no such CPU");
		for (; first <= last; first++)
			CPU_SET(first, &set);
		at = end;
	} while (*at++ == ',');
	if (at[-1])
		refuse("cpus", list, "not a list of CPUs such as 0,2-3");
	if (sched_setaffinity(0, sizeof set, &set) < 0)
		refuse("cpus", list, strerror(errno));
}

static void print_help(const struct about *about)
{
	printf("usage: %s [options]\n%s\n\n"
	       "  --address A          listen on this IPv4 address (127.0.0.1)\n"
	       "  --port N             and this port (0: the kernel picks)\n"
	       "  --root DIR           serve the files below DIR (.)\n"
	       "  --cache BYTES        of the files' cache; K, M, G (64M)\n",
	       about->name, about->summary);
	if (about->workers)
		printf("  --workers N          how many there are (%u)\n",
		       about->workers);
	printf("  --cpus LIST          run on these CPUs only, as in 0,2-3\n"
	       "  --max-connections N  at once; further ones wait in the backlog\n"
	       "  --counters FILE      write them there at the end; live in FILE.live\n"
	       "  --about              describe the variant as JSON\n"
	       "  --help  --version\n");
}

static void print_about(const struct about *about)
{
	printf("[{\"name\": \"%s\", \"args\": [], \"family\": \"%s\", \"style\": "
	       "\"%s\",\n"
	       "  \"summary\": \"%s\",\n  \"protocols\": [\"http\"], \"needs\": [",
	       about->name, about->family, about->style, about->summary);
	if (about->needs)
		printf("\"%s\"", about->needs);
	printf("],\n  \"options\": [\"address\", \"port\", \"root\", \"cache\", "
	       "%s\"cpus\", "
	       "\"max-connections\", \"counters\"],\n  \"lock\": \"%s\", \"core\": "
	       "\"%s\"}]\n",
	       about->workers ? "\"workers\", " : "", about->lock->name, core_id);
}

/* These print and exit, whatever else is given. */
static void option_print(int option, const struct about *about)
{
	if (option == 'A')
		print_about(about);
	else if (option == 'h')
		print_help(about);
	else
		printf("%s (%s)\n", about->name, PACKAGE_STRING);
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void option_set(struct options *o, int option, const struct about *about)
{
	switch (option) {
	case 'a':
		if (inet_pton(AF_INET, optarg, &o->address.sin_addr) != 1)
			refuse("address", optarg, "not an IPv4 address");
		break;
	case 'p':
		o->address.sin_port =
			htons((uint16_t)number("port", optarg, false, 0, 65535));
		break;
	case 'r':
		o->root = optarg;
		break;
	case 'c':
		o->cache_bytes =
			number("cache", optarg, true, CACHE_MIN, SIZE_MAX >> 8);
		break;
	case 'w':
		if (!about->workers)
			refuse("workers", optarg, "this variant has no fixed workers");
		o->workers = (unsigned)number("workers", optarg, false, 1, WORKERS_MAX);
		break;
	case 'u':
		cpus_set(optarg);
		break;
	case 'm':
		o->max_connections = (unsigned)number(
			"max-connections", optarg, false, 1,
			about->connections_max ? about->connections_max : 1 << 24);
		break;
	case 'o':
		o->counters = optarg;
		break;
	case '?':
		exit(2); /* getopt_long named it */
	default:
		option_print(option, about);
	}
}

void options_read(struct options *o, int argc, char **argv, const struct about *about)
{
	int option;

	*o = (struct options){
		.address = {.sin_family = AF_INET,
			    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
		.root = ".",
		.cache_bytes = CACHE_BYTES,
		.workers = about->workers,
	};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		option_set(o, option, about);
	if (optind < argc) {
		fprintf(stderr, "%s: %s: not an option\n", about->name, argv[optind]);
		exit(2);
	}
}
