/* SPDX-License-Identifier: BSD-2-Clause */
/* root.c - the document root and the mix of requests. */
#include "config.h"

#include "harness/bench/root.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/targets/capture.h"
#include "harness/targets/places.h"

static const char work[] = "work"; /* the run's folder of what may be thrown away */

enum { PATH_TEXT = PATH_MAX + 64, FILESET_MS = 600000, NESTED = 16 };

static int tell(const char *path, const char *why)
{
	fprintf(stderr, "duality bench: %s: %s\n", path, why);
	return -EINVAL;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *level)
{
	(void)st, (void)kind, (void)level;
	return remove(path);
}

void root_clean(const struct run *r)
{
	char path[PATH_TEXT];
	snprintf(path, sizeof path, "%s/%s/root", r->folder, work);
	nftw(path, remove_one, NESTED, FTW_DEPTH | FTW_PHYS);
	snprintf(path, sizeof path, "%s/%s/mix", r->folder, work);
	unlink(path);
}

/* Of a certain size; digits and letters. */
static int file_make(const char *root, int bytes)
{
	char path[PATH_TEXT + 8];
	snprintf(path, sizeof path, "%s/file", root);
	FILE *to = fopen(path, "we");
	if (!to)
		return tell(path, strerror(errno));
	for (int i = 0; i < bytes; i++)
		fputc("0123456789abcdefghijklmnopqrstuvwxyz"[i % 36], to);
	return fclose(to) == 0 ? 0 : tell(path, strerror(errno));
}

/* duality-fileset ROOT, with these further arguments.  Its exit status, or -errno. */
static int fileset_run(const char *root, char *const further[4])
{
	char program[PATH_TEXT], *said = NULL;
	char *argv[] = {program,    (char *)(uintptr_t)root,
			further[0], further[1],
			further[2], further[3],
			NULL};
	snprintf(program, sizeof program, "%s/duality-fileset",
		 place_get(PLACE_LIBEXEC));
	int status = capture_run(argv, FILESET_MS, &said);
	free(said);
	return status;
}

static int fileset_make(const char *root, const char *mix, double bytes)
{
	char number[32], bytes_option[] = "--bytes", mix_option[] = "--mix";
	snprintf(number, sizeof number, "%.0f", bytes);
	char *further[] = {bytes_option, number, mix_option, (char *)(uintptr_t)mix};
	int status = fileset_run(root, further);
	if (status == 0)
		return 0;
	return tell(root, status < 0 ? strerror(-status)
				     : "the file set could not be written");
}

/* "99 /a, 1 /b" becomes lines. */
static int mix_make(const char *path, const char *text)
{
	FILE *to = fopen(path, "we");
	if (!to)
		return tell(path, strerror(errno));
	for (; *text; text++)
		fputc(*text == ',' ? '\n' : *text, to);
	fputc('\n', to);
	return fclose(to) == 0 ? 0 : tell(path, strerror(errno));
}

/* Transfers of 1 from each of n accounts to the next one, all alike, so that none runs
 * dry; with one account, from it to itself. */
static int accounts_make(const char *path, int n)
{
	FILE *to = fopen(path, "we");
	if (!to)
		return tell(path, strerror(errno));
	for (int i = 0; i < n; i++)
		fprintf(to, "1 POST /transfer?from=%d&to=%d&n=1\n", i, (i + 1) % n);
	return fclose(to) == 0 ? 0 : tell(path, strerror(errno));
}

int root_make(struct run *r, const struct experiment *e)
{
	char root[PATH_TEXT], mix[PATH_TEXT];
	int status = 0;
	root_clean(r);
	snprintf(root, sizeof root, "%s/%s/root", r->folder, work);
	if (mkdir(root, 0777) < 0)
		return tell(root, strerror(errno));
	root_mix(r, e, mix);
	if (e->fileset_bytes > 0)
		status = fileset_make(root, mix, e->fileset_bytes);
	else if (e->accounts > 0)
		status = accounts_make(mix, e->accounts);
	else if (e->mix[0])
		status = mix_make(mix, e->mix);
	if (status == 0 && e->file_bytes > 0)
		status = file_make(root, e->file_bytes);
	if (status == 0 && e->drop && !root_drop(r))
		status = tell(root, "the files stay in memory (is this on a device?)");
	return status;
}

const char *root_mix(const struct run *r, const struct experiment *e,
		     char path[static PATH_MAX + 64])
{
	snprintf(path, PATH_TEXT, "%s/%s/mix", r->folder, work);
	return e->mix[0] || e->fileset_bytes > 0 || e->accounts > 0 ? path : NULL;
}

/* proc_vmstat(5): pgpgin is in KiB whatever a page is. */
double root_device_kib(void)
{
	char line[128];
	double kib = NAN;
	FILE *from = fopen("/proc/vmstat", "re");
	while (from && fgets(line, sizeof line, from))
		sscanf(line, "pgpgin %lf", &kib);
	if (from)
		fclose(from);
	return kib;
}

bool root_drop(const struct run *r)
{
	char root[PATH_TEXT], option[] = "--drop";
	char *further[4] = {option};
	snprintf(root, sizeof root, "%s/%s/root", r->folder, work);
	return fileset_run(root, further) == 0;
}
