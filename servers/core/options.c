/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - the one table of options all server programs share, and --about. */
#include "config.h"

#include "core_id.h"
#include "setup_private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_BYTES = 64 << 20, CACHE_MIN = 64 << 10, WORKERS_MAX = 65536 };

static const struct option common[] = {
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
};

enum {
	COMMON = sizeof common / sizeof *common,
	OWN_MAX = 16, /* a program's own options, and its variants */
	OWN = 256,    /* getopt_long's answer for the first own option, */
	FLAG = 512    /* and for the first variant with a flag */
};

static void refuse(const char *option, const char *value, const char *why)
{
	fprintf(stderr, "--%s %s: %s\n", option, value, why);
	exit(2);
}

static void refuse_range(const char *option, const char *value, uint64_t min,
			 uint64_t max)
{
	char why[64];

	snprintf(why, sizeof why, "out of range, %llu to %llu", (unsigned long long)min,
		 (unsigned long long)max);
	refuse(option, value, why);
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
			refuse_range(option, text, min, max);
		n <<= shift;
		end++;
	}
	if (*end)
		refuse(option, text, "not a number");
	if (n < min || n > max)
		refuse_range(option, text, min, max);
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
	       "  --address A          listen on this %s address (127.0.0.1)\n"
	       "  --port N             and this port (0: the kernel picks)\n",
	       about->name, about->summary, about->echo ? "IPv4 or IPv6" : "IPv4");
	if (!about->echo)
		printf("  --root DIR           serve the files below DIR (.)\n");
	if (!about->udp)
		printf("  --cache BYTES        of the files' cache; K, M, G (64M)\n");
	if (about->workers)
		printf("  --workers N          how many there are (%u%s)\n",
		       about->workers, about->workers_a_cpu ? " a CPU" : "");
	for (const struct own_option *o = about->own; o && o->name; o++)
		printf("  --%s %-*s %s\n", o->name, 17 - (int)strlen(o->name), o->value,
		       o->help);
	for (const struct about *v = about->also; v; v = v->also)
		printf("  --%-18s be %s: %s\n", v->flag, v->name, v->summary);
	printf("  --cpus LIST          run on these CPUs only, as in 0,2-3\n");
	if (!about->echo)
		printf("  --max-connections N  at once; further ones %s\n",
		       about->udp ? "are refused" : "wait in the backlog");
	printf("  --counters FILE      write them there at the end; live in FILE.live\n"
	       "  --about              describe the variants as JSON\n"
	       "  --help  --version\n");
}

static void print_lacks(const char *const *path)
{
	printf("  \"lacks\": [\"%s\"", *path);
	while (*++path)
		printf(", \"%s\"", *path);
	printf("],\n");
}

static void print_variant(const struct about *v)
{
	printf("{\"name\": \"%s\", \"args\": [", v->name);
	if (v->flag)
		printf("\"--%s\"", v->flag);
	printf("], \"family\": \"%s\", \"style\": \"%s\",\n  \"summary\": \"%s\",\n"
	       "  \"protocols\": [\"%s\"], \"needs\": [",
	       v->family, v->style, v->summary, v->udp ? v->udp : "http");
	if (v->needs)
		printf("\"%s\"", v->needs);
	printf("],\n");
	if (v->own_stack)
		printf("  \"stack\": \"own\",\n");
	if (v->lacks)
		print_lacks(v->lacks);
	if (v->connections_max)
		printf("  \"connections_max\": %u,\n", v->connections_max);
	if (!v->udp)
		printf("  \"overload\": \"%s\",\n",
		       v->overload ? v->overload : "defer");
	if (strcmp(v->family, "reference") != 0 || !v->lacks) /* else not this core */
		printf("  \"lock\": \"%s\", \"accounts\": \"%s\", \"core\": \"%s\",\n",
		       v->lock->name, accounts_policy_name(v->accounts), core_id);
	printf("  \"options\": [\"address\", \"port\", ");
	if (!v->echo)
		printf("\"root\", \"max-connections\", ");
	if (!v->udp)
		printf("\"cache\", ");
	if (v->workers)
		printf("\"workers\", ");
	for (const struct own_option *o = v->own; o && o->name; o++)
		printf("\"%s\", ", o->name);
	printf("\"cpus\", \"counters\"]}");
}

static void print_about(const struct about *about)
{
	const char *separator = "[";

	for (const struct about *v = about; v; v = v->also) {
		printf("%s", separator);
		print_variant(v);
		separator = ",\n ";
	}
	printf("]\n");
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

/* The port keeps its place: both kinds have it in the same one. */
static void address_set(union address *a, bool ipv6_too)
{
	static_assert(offsetof(struct sockaddr_in, sin_port) ==
			      offsetof(struct sockaddr_in6, sin6_port),
		      "the port has one place");
	struct in_addr ipv4;

	if (inet_pton(AF_INET, optarg, &ipv4) == 1) {
		a->in = (struct sockaddr_in){AF_INET, a->in.sin_port, ipv4, {0}};
		return;
	}
	if (!ipv6_too)
		refuse("address", optarg, "not an IPv4 address");
	a->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
				       .sin6_port = a->in.sin_port};
	if (inet_pton(AF_INET6, optarg, &a->in6.sin6_addr) != 1)
		refuse("address", optarg, "neither an IPv4 nor an IPv6 address");
}

static void option_set(struct options *o, int option, const struct about *about)
{
	switch (option) {
	case 'a':
		address_set(&o->address, about->echo);
		break;
	case 'p':
		o->address.in.sin_port =
			htons((uint16_t)number("port", optarg, false, 0, 65535));
		break;
	case 'r':
		if (about->echo)
			refuse("root", optarg, "this variant has no files");
		o->root = optarg;
		break;
	case 'c':
		if (about->udp)
			refuse("cache", optarg, "this variant has no cache");
		o->cache_bytes =
			number("cache", optarg, true, CACHE_MIN, SIZE_MAX >> 8);
		break;
	case 'w':
		o->workers = (unsigned)number("workers", optarg, false, 1, WORKERS_MAX);
		break;
	case 'u':
		cpus_set(optarg);
		break;
	case 'm':
		if (about->echo)
			refuse("max-connections", optarg,
			       "this variant has no connections");
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

/* The common options, the program's own, and the flags of its variants. */
static void table_make(struct option *table, const struct about *about)
{
	int n = COMMON, own = 0, flags = 0;

	memcpy(table, common, sizeof common);
	for (const struct own_option *o = about->own; o && o->name; o++, own++)
		table[n++] =
			(struct option){o->name, required_argument, NULL, OWN + own};
	for (const struct about *v = about->also; v; v = v->also, flags++)
		table[n++] = (struct option){v->flag, no_argument, NULL, FLAG + flags};
	assert(own + flags <= OWN_MAX);
	table[n] = (struct option){NULL, 0, NULL, 0};
}

/* An option of this program alone. */
static void own_set(int option, const struct about *about)
{
	const struct own_option *own = &about->own[option - OWN];

	if (!own->set(optarg))
		refuse(own->name, optarg, own->help);
}

/* The flag makes the program one of its variants: one only. */
static void variant_set(struct options *o, int option, const struct about *about)
{
	const struct about *v = about->also;

	for (; option > FLAG; option--)
		v = v->also;
	if (o->about != about && o->about != v) {
		fprintf(stderr, "--%s and --%s: one variant at a time\n",
			o->about->flag, v->flag);
		exit(2);
	}
	o->about = v;
}

/* Only now is it known which variant this is: the flag may have come later. */
static void workers_check(const struct options *o)
{
	char text[16];

	if (o->workers == 0 || o->about->workers)
		return;
	snprintf(text, sizeof text, "%u", o->workers);
	refuse("workers", text, "this variant has no fixed workers");
}

void options_read(struct options *o, int argc, char **argv, const struct about *about)
{
	struct option table[COMMON + OWN_MAX + 1];
	int option;

	*o = (struct options){
		.about = about,
		.address.in = {.sin_family = AF_INET,
			       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
		.root = ".",
		.cache_bytes = CACHE_BYTES,
	};
	table_make(table, about);
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option >= FLAG)
			variant_set(o, option, about);
		else if (option >= OWN)
			own_set(option, about);
		else
			option_set(o, option, about);
	}
	workers_check(o);
	if (optind < argc) {
		fprintf(stderr, "%s: %s: not an option\n", about->name, argv[optind]);
		exit(2);
	}
}
