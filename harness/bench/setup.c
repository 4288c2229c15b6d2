/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.c - variants, CPUs and folders of a run. */
#include "config.h"

#include "harness/bench/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/bench/manifest.h"
#include "harness/bench/root.h"

enum { PATH_TEXT = PATH_MAX + 64, FOLDERS = 100 };

static void entry_add(struct run *r, const struct variant *v, bool twin)
{
	struct entry *entry = &r->entry[r->entries++];
	*entry = (struct entry){
		.variant = v, .family = v->family, .twin = twin, .scale_rps = NAN};
	snprintf(entry->name, sizeof entry->name, "%.100s%s", v->name,
		 twin ? "@aa" : "");
}

static int entry_unknown(const struct run *r, const char *name)
{
	const char *reason = variants_reason(&r->variants, name);
	fprintf(stderr, "duality bench: --variants: %s: %s\n", name,
		reason ? reason : "no such variant (see duality list)");
	return -EINVAL;
}

/* The variants named, in the order of the list. */
static int entries_named(struct run *r, const char *wanted)
{
	char *names = strdup(wanted), *rest = names, *name;
	int status = names ? 0 : -ENOMEM;
	while (status == 0 && (name = strsep(&rest, " \t,"))) {
		const struct variant *v = variants_get(&r->variants, name);
		if (!*name || run_entry(r, name))
			continue;
		if (v)
			entry_add(r, v, false);
		else
			status = entry_unknown(r, name);
	}
	free(names);
	return status;
}

static bool fits_all(const struct run *r, const struct entry *entry)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const struct experiment *e = &r->suite.experiment[i];
		if (!experiment_is_serverless(e) && run_unfit(entry, e))
			return false;
	}
	return true;
}

/* The one to run twice: the suite's choice if it runs, or the first that has a part in
 * every experiment. */
static const struct entry *twin_of(const struct run *r)
{
	const struct entry *wanted = run_entry(r, r->suite.aa);
	for (size_t i = 0; i < r->entries && !wanted; i++) {
		if (fits_all(r, &r->entry[i]))
			wanted = &r->entry[i];
	}
	return wanted ? wanted : &r->entry[0];
}

/* An experiment that names nobody has whom the suite names; whom the user names, all
 * have. */
static void lists_settle(struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		struct experiment *e = &r->suite.experiment[i];
		if (r->named)
			e->variants[0] = '\0';
		else if (!*e->variants)
			strcpy(e->variants, r->suite.variants);
	}
}

/* Other people's servers run where they are asked for. */
static void entries_all(struct run *r, bool references)
{
	for (size_t i = 0; i < r->variants.n; i++) {
		const struct variant *v = &r->variants.list[i];
		bool reference = strcmp(v->family, "reference") == 0;
		if ((references || !reference) && !run_entry(r, v->name))
			entry_add(r, v, false);
	}
	for (size_t i = 0; i < r->variants.absents; i++) {
		const struct absent *gone = &r->variants.absent[i];
		if (gone->refused)
			run_note_once(r, "%s is left out: %s", gone->name,
				      gone->reason);
	}
}

static bool wants_servers(const struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		if (!experiment_is_serverless(&r->suite.experiment[i]))
			return true;
	}
	return false;
}

/* Those on a list that are here; the others are told. */
static void entries_listed(struct run *r, const char *list)
{
	char names[SETTING_TEXT], *rest = names, *name;
	strcpy(names, list);
	while ((name = strsep(&rest, " \t"))) {
		const struct variant *v = variants_get(&r->variants, name);
		const char *reason = variants_reason(&r->variants, name);
		if (!*name || run_entry(r, name))
			continue;
		if (v)
			entry_add(r, v, false);
		else
			run_note_once(r, "%s is not here%s%s", name, reason ? ": " : "",
				      reason ? reason : "");
	}
}

static void entries_by_lists(struct run *r)
{
	for (size_t i = 0; i < r->suite.experiments; i++) {
		const char *list = r->suite.experiment[i].variants;
		if (experiment_is_serverless(&r->suite.experiment[i]))
			continue;
		if (strcmp(list, "all") == 0)
			entries_all(r, true);
		else if (*list)
			entries_listed(r, list);
		else
			entries_all(r, false);
	}
}

int setup_entries(struct run *r, const char *wanted)
{
	int status = 0;
	r->entry = calloc(r->variants.n + 1, sizeof *r->entry);
	if (!r->entry)
		return -ENOMEM;
	lists_settle(r);
	if (wanted)
		status = entries_named(r, wanted);
	else
		entries_by_lists(r);
	if (status == 0 && r->entries == 0 && wants_servers(r)) {
		fprintf(stderr, "duality bench: there is no variant to run\n");
		status = -EINVAL;
	}
	if (status < 0 || r->entries == 0 || strcmp(r->suite.aa, "none") == 0)
		return status;
	entry_add(r, twin_of(r)->variant, true);
	return 0;
}

/* The n highest, the lowest of them first. */
static void cpus_write(char list[RUN_CPUS], const int *highest, int n)
{
	int used = 0;
	for (int i = n - 1; i >= 0 && used < RUN_CPUS - 8; i--)
		used += snprintf(list + used, RUN_CPUS - (size_t)used, "%s%d",
				 used ? "," : "", highest[i]);
}

int setup_cpus(struct run *r)
{
	cpu_set_t allowed;
	int highest[CPU_SETSIZE], n = 0;
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return -errno;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (CPU_ISSET((size_t)cpu, &allowed))
			highest[n++] = cpu;
	}
	r->client_cpu = highest[n - 1];
	r->one_cpu = n == 1;
	int servers = r->suite.server_cpus < n ? r->suite.server_cpus : n - 1;
	if (r->one_cpu)
		servers = 1;
	cpus_write(r->server_cpus, highest, servers);
	cpus_write(r->all_cpus, highest, r->one_cpu ? 1 : n - 1);
	snprintf(r->client_cpus, sizeof r->client_cpus, "%d", r->client_cpu);
	CPU_ZERO(&allowed);
	CPU_SET((size_t)r->client_cpu, &allowed);
	return sched_setaffinity(0, sizeof allowed, &allowed) < 0 ? -errno : 0;
}

static int folder_tell(const char *path)
{
	fprintf(stderr, "duality bench: %s: %s\n", path, strerror(errno));
	return -EINVAL;
}

static int folder_absolute(struct run *r, const char *path)
{
	return realpath(path, r->folder) ? 0 : folder_tell(path);
}

/* results/DATE-HOST-SUITE-COMMIT, with a number behind it if that is taken. */
static int folder_default(struct run *r)
{
	char host[64] = "", date[32], path[PATH_MAX];
	time_t now = time(NULL);
	struct tm local;
	gethostname(host, sizeof host - 1);
	host[strcspn(host, ".")] = '\0';
	strftime(date, sizeof date, "%Y-%m-%dT%H%M", localtime_r(&now, &local));
	if (mkdir("results", 0777) < 0 && errno != EEXIST)
		return folder_tell("results");
	for (int i = 1; i < FOLDERS; i++) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%d", i);
		snprintf(path, sizeof path, "results/%s-%s-%s-%s%s", date, host,
			 r->suite.name, manifest_commit(), number);
		if (mkdir(path, 0777) == 0)
			return folder_absolute(r, path);
		if (errno != EEXIST)
			break;
	}
	return folder_tell(path);
}

int setup_folder(struct run *r, const char *out)
{
	if (!out)
		return folder_default(r);
	/* A run is never written over another: an existing folder must be empty. */
	if (mkdir(out, 0777) < 0 &&
	    (errno != EEXIST || rmdir(out) < 0 || mkdir(out, 0777) < 0))
		return folder_tell(out);
	return folder_absolute(r, out);
}

int setup_resume(struct run *r, const char *folder)
{
	return folder_absolute(r, folder);
}

int setup_inside(struct run *r)
{
	static const char *const folders[] = {"hist", "logs", "figures", "work",
					      "work/root"};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char path[PATH_TEXT];
		snprintf(path, sizeof path, "%s/%s", r->folder, folders[i]);
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			return folder_tell(path);
	}
	return 0;
}

void setup_clean(struct run *r)
{
	static const char *const names[] = {"work/load.json", "work/counters.json",
					    "work/counters.json.live"};
	char path[PATH_TEXT];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", r->folder, names[i]);
		unlink(path);
	}
	root_clean(r);
	snprintf(path, sizeof path, "%s/work", r->folder);
	rmdir(path);
	snprintf(path, sizeof path, "%s/logs", r->folder);
	rmdir(path); /* if no server had anything to say */
}
