/* SPDX-License-Identifier: BSD-2-Clause */
/* duality fileset: makes a file set and its mix of requests, or drops one from memory.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/command.h"
#include "harness/fileset/drop.h"
#include "harness/fileset/fileset.h"

static const char usage[] =
	"usage: duality fileset DIR --bytes N [--seed N] [--mix FILE]\n"
	"       duality fileset DIR --drop\n"
	"Makes files of SPECweb99's sizes below DIR, which is new or empty; N may end "
	"in\n"
	"K, M or G. With --mix, the requests for them, as duality load --mix takes "
	"them.\n"
	"With --drop: the files below DIR leave the memory, so that reading them "
	"reaches\n"
	"the device; status 1 if some stay.\n";

struct order {
	const char *folder, *mix;
	uint64_t bytes, seed;
	bool drop;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "duality fileset: %s: %s\n", what, why);
	return EXIT_USAGE;
}

/* A number, with a unit where allowed.  False if it is none. */
static bool number(const char *text, bool units, uint64_t *out)
{
	static const char letters[] = "KMG";
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno)
		return false;
	const char *unit = units && *end ? strchr(letters, *end) : NULL;
	int shift = unit ? 10 * (int)(unit - letters + 1) : 0;
	if (*out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return end[unit ? 1 : 0] == '\0';
}

static int order_read(struct order *o, int argc, char **argv)
{
	static const struct option options[] = {
		{"bytes", required_argument, NULL, 'b'},
		{"seed", required_argument, NULL, 's'},
		{"mix", required_argument, NULL, 'm'},
		{"drop", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;
	*o = (struct order){.seed = 1};
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b' && (!number(optarg, true, &o->bytes) || !o->bytes))
			return complain("--bytes", "not a number of bytes");
		if (option == 's' && !number(optarg, false, &o->seed))
			return complain("--seed", "not a whole number");
		if (option == 'm')
			o->mix = optarg;
		if (option == 'd')
			o->drop = true;
		if (strchr("hV?", option))
			command_end(option, usage);
	}
	if (argc != optind + 1)
		return complain("one folder is needed", "try `duality fileset --help`");
	o->folder = argv[optind];
	if (o->drop == (o->bytes > 0))
		return complain("either --bytes or --drop is needed",
				"try `duality fileset --help`");
	if (fileset_directories(o->bytes) > FILESET_DIRECTORIES_MAX)
		return complain("--bytes", "more than a mix can hold");
	return 0;
}

/* Made if it is not there.  NULL or what is wrong. */
static const char *folder_prepare(const char *path)
{
	int entries = 0;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return strerror(errno);
	DIR *folder = opendir(path);
	if (!folder)
		return strerror(errno);
	while (entries <= 2 && readdir(folder))
		entries++;
	closedir(folder);
	return entries > 2 ? "not empty" : NULL; /* besides . and .. */
}

static int make(const struct order *o)
{
	uint64_t directories = fileset_directories(o->bytes);
	const char *wrong = folder_prepare(o->folder);
	FILE *mix = wrong || !o->mix ? NULL : fopen(o->mix, "we");
	if (wrong)
		return complain(o->folder, wrong);
	if (o->mix && !mix)
		return complain(o->mix, strerror(errno));
	int error = fileset_write(o->folder, directories, o->seed);
	if (error) {
		complain(o->folder, strerror(-error));
	} else if (mix) {
		error = fileset_mix(mix, directories);
		if (error)
			complain(o->mix, strerror(-error));
	}
	if (mix && fclose(mix) != 0 && error == 0)
		error = -complain(o->mix, strerror(errno));
	return error ? EXIT_FINDING : 0;
}

static int drop(const struct order *o)
{
	struct drop d;
	int error = drop_pages(o->folder, &d);
	if (error)
		return complain(d.file[0] ? d.file : o->folder, strerror(-error));
	printf("%" PRIu64 " files, %" PRIu64 " pages, %" PRIu64 " still in memory\n",
	       d.files, d.pages, d.resident);
	return d.resident ? EXIT_FINDING : 0;
}

int main(int argc, char **argv)
{
	struct order o;
	int status = order_read(&o, argc, argv);
	if (status)
		return status;
	return o.drop ? drop(&o) : make(&o);
}
