/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.c - duality serve: one variant in the foreground. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/command.h"
#include "harness/targets/places.h"
#include "harness/targets/variants.h"

static const char usage[] = "usage: duality serve VARIANT [options of the server]\n"
			    "Runs one server in the foreground, e.g. duality serve "
			    "epoll --root . --port 8080.\n"
			    "`duality list` names the variants; `duality serve VARIANT "
			    "--help` their options.\n";

/* Becomes the server; returns only if that fails. */
static int serve(const struct variants *v, const char *name, char **extra, int extras)
{
	const struct variant *variant = variants_get(v, name);
	if (!variant) {
		const char *reason = variants_reason(v, name);
		fprintf(stderr, "duality serve: %s: %s\n", name,
			reason ? reason : "no such variant (see duality list)");
		return EXIT_USAGE;
	}
	char **argv = variant_argv(variant, extra, (size_t)extras);
	if (argv)
		execv(argv[0], argv);
	fprintf(stderr, "duality serve: %s: %s\n", variant->program, strerror(errno));
	free(argv);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		command_end('h', usage);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		command_end('V', usage);
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "duality serve: which variant? (see duality list)\n");
		return EXIT_USAGE;
	}
	struct variants v;
	const char *servers = place_get(PLACE_SERVERS);
	int status = variants_find(&v, servers);
	if (status < 0) {
		fprintf(stderr, "duality serve: %s: %s\n", servers, strerror(-status));
		return EXIT_USAGE;
	}
	status = serve(&v, argv[1], argv + 2, argc - 2);
	variants_free(&v);
	return status;
}
