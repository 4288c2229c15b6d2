/* SPDX-License-Identifier: BSD-2-Clause */
/* list.c - duality list: the variants there are, and why the others are not. */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "harness/targets/places.h"
#include "harness/targets/variants.h"

static const char usage[] = "usage: duality list [--json] [--servers DIR]\n"
			    "Lists the variants by name, family, style and what they "
			    "are, then the ones this\n"
			    "build lacks and why.\n";

/* Does it speak http, as all do that say nothing of protocols? */
static bool speaks_http(const json_t *protocols)
{
	bool http = !protocols;
	for (size_t i = 0; i < json_array_size(protocols); i++)
		http |= strcmp(json_string_value(json_array_get(protocols, i)),
			       "http") == 0;
	return http;
}

/* Protocols other than the usual http, as " [speaks tftp, not http]". */
static void list_protocols(const struct variant *v)
{
	const json_t *protocols = json_object_get(v->about, "protocols");
	bool http = speaks_http(protocols);
	const char *before = http ? " [also speaks " : " [speaks ";
	for (size_t i = 0; i < json_array_size(protocols); i++) {
		const char *name = json_string_value(json_array_get(protocols, i));
		if (strcmp(name, "http") == 0)
			continue;
		printf("%s%s", before, name);
		before = ", ";
	}
	puts(*before != ',' ? "" : http ? "]" : ", not http]");
}

static void list_text(const struct variants *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct variant *one = &v->list[i];
		printf("%-16s %-12s %-7s %s", one->name, one->family, one->style,
		       one->summary);
		list_protocols(one);
	}
	for (size_t i = 0; i < v->absents; i++)
		printf("%-16s missing: %s\n", v->absent[i].name, v->absent[i].reason);
}

static void list_json(const struct variants *v)
{
	json_t *present = json_array(), *missing = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append(present, v->list[i].about);
	for (size_t i = 0; i < v->absents; i++)
		json_array_append_new(missing,
				      json_pack("{ssss}", "name", v->absent[i].name,
						"reason", v->absent[i].reason));
	json_t *all = json_pack("{soso}", "variants", present, "missing", missing);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"servers", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0}};
	const char *servers = place_get(PLACE_SERVERS);
	int option, json = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = 1;
			break;
		case 's':
			servers = optarg;
			break;
		default:
			command_end(option, usage);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "duality list: takes no argument: %s\n", argv[optind]);
		return EXIT_USAGE;
	}
	struct variants v;
	int status = variants_find(&v, servers);
	if (status < 0) {
		fprintf(stderr, "duality list: %s: %s\n", servers, strerror(-status));
		return EXIT_USAGE;
	}
	if (json)
		list_json(&v);
	else
		list_text(&v);
	int finding = v.problems > 0;
	variants_free(&v);
	return finding ? EXIT_FINDING : EXIT_SUCCESS;
}
