/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_replay.c - inputs kept from fuzzing, and the conformance streams, once each
 * through fuzz.c: no libFuzzer needed.  Usage: fuzz-replay [FILE]... */
#include "config.h"

#include "fuzz.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 20, PATIENCE_S = 100 };

/* An input is named before it is played: it may end this program, or never end, which
 * SIGALRM does then. */
static bool file_play(const char *path)
{
	static uint8_t data[INPUT_MAX];
	const char *wrong = "cannot be read";
	FILE *f = fopen(path, "re");
	size_t size;

	printf("# %s\n", path);
	fflush(stdout);
	alarm(PATIENCE_S);
	if (f) {
		size = fread(data, 1, sizeof data, f);
		if (!ferror(f))
			wrong = fuzz_check(data, size);
		fclose(f);
	}
	alarm(0);
	if (wrong)
		tap_diag("%s: %s", path, wrong);
	return !wrong;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return name[0] != '.' && len > tail && strcmp(name + len - tail, suffix) == 0;
}

/* Plays what ends with suffix in a folder of the tests; all must do, and one be there.
 */
static void folder_play(const char *name, const char *suffix)
{
	const char *source = getenv("DUALITY_SOURCE");
	char folder[PATH_MAX / 2], path[PATH_MAX];
	struct dirent **entries;
	int found, played = 0, good = 0;

	snprintf(folder, sizeof folder, "%s/servers/tests/%s", source ? source : ".",
		 name);
	found = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < found; i++) {
		if (ends_with(entries[i]->d_name, suffix)) {
			snprintf(path, sizeof path, "%s/%s", folder,
				 entries[i]->d_name);
			played++;
			good += file_play(path);
		}
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
	tap_ok(played > 0 && good == played, "%s: both styles agree on all %d inputs",
	       name, played);
}

int main(int argc, char **argv)
{
	int error = fuzz_start(), status;

	if (error) {
		fprintf(stderr, "fuzz-replay: %s\n", strerror(-error));
		return 2;
	}
	for (int i = 1; i < argc; i++)
		tap_ok(file_play(argv[i]), "%s", argv[i]);
	if (argc == 1) {
		folder_play("streams", ".in");
		folder_play("corpus", ".bin");
	}
	status = tap_done();
	fuzz_end();
	return status;
}
