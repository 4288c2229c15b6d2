/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest.c - manifest.json: what machine, what build, what was run. */
#include "config.h"

#include "harness/bench/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "harness/bench/build.h"
#include "harness/bench/summary.h"
#include "harness/sample/host.h"
#include "harness/targets/capture.h"

enum { HASH_MS = 10000, LINE = 512 };

const char *manifest_commit(void)
{
	return BUILD_COMMIT;
}

static void put_text(json_t *object, const char *key, const char *text)
{
	/* What the kernel tells need not be UTF-8. */
	json_t *value = json_string(text);
	json_object_set_new(object, key, value ? value : json_null());
}

/* The first line of a file; null where it cannot be read. */
static void put_file(json_t *object, const char *key, const char *path)
{
	char line[LINE] = "";
	FILE *from = fopen(path, "re");
	if (from && fgets(line, sizeof line, from)) {
		line[strcspn(line, "\n")] = '\0';
		put_text(object, key, line);
	} else {
		json_object_set_new(object, key, json_null());
	}
	if (from)
		fclose(from);
}

/* "model name : X" of /proc/cpuinfo, "MemTotal: X" of /proc/meminfo. */
static void put_field(json_t *object, const char *key, const char *path,
		      const char *field)
{
	char line[LINE];
	FILE *from = fopen(path, "re");
	json_object_set_new(object, key, json_null());
	while (from && fgets(line, sizeof line, from)) {
		char *value = strchr(line, ':');
		if (strncmp(line, field, strlen(field)) != 0 || !value)
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		put_text(object, key, value);
		break;
	}
	if (from)
		fclose(from);
}

static json_t *mitigations_json(void)
{
	const char *folder = "/sys/devices/system/cpu/vulnerabilities";
	json_t *object = json_object();
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			put_file(object, names[i]->d_name, path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return object;
}

static json_t *machine_json(const struct run *r)
{
	json_t *machine = json_object();
	struct utsname name;
	char governor[PATH_MAX];
	uname(&name);
	snprintf(governor, sizeof governor,
		 "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
		 r->client_cpu);
	put_text(machine, "host", name.nodename);
	put_text(machine, "architecture", name.machine);
	put_text(machine, "kernel", name.release);
	put_text(machine, "kernel_version", name.version);
	put_field(machine, "cpu", "/proc/cpuinfo", "model name");
	put_field(machine, "memory", "/proc/meminfo", "MemTotal");
	json_object_set_new(machine, "cpus_online",
			    json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	put_file(machine, "governor", governor);
	put_file(machine, "clocksource",
		 "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	put_file(machine, "hypervisor", "/sys/hypervisor/type");
	json_object_set_new(machine, "virtual",
			    host_is_virtual() ? json_true() : json_null());
	json_object_set_new(machine, "mitigations", mitigations_json());
	return machine;
}

static json_t *build_json(void)
{
	json_t *build = json_object();
	put_text(build, "version", PACKAGE_VERSION);
	put_text(build, "commit", BUILD_COMMIT);
	json_object_set_new(build, "dirty",
			    BUILD_DIRTY < 0 ? json_null() : json_boolean(BUILD_DIRTY));
	put_text(build, "compiler", BUILD_COMPILER);
	put_text(build, "flags", BUILD_FLAGS);
	return build;
}

static void put_hash(json_t *object, const char *program)
{
	char *argv[] = {"sha256sum", "--", (char *)(uintptr_t)program, NULL};
	char *text = NULL;
	json_object_set_new(object, "sha256", json_null());
	if (capture_run(argv, HASH_MS, &text) == 0) {
		/* A name with odd characters makes it begin with a backslash. */
		char *hash = text + (*text == '\\');
		hash[strcspn(hash, " \n")] = '\0';
		put_text(object, "sha256", hash);
	}
	free(text);
}

static json_t *variants_json(const struct run *r)
{
	json_t *array = json_array();
	for (size_t i = 0; i < r->entries; i++) {
		const struct entry *entry = &r->entry[i];
		json_t *one = json_object();
		put_text(one, "name", entry->name);
		json_object_set_new(one, "twin", json_boolean(entry->twin));
		json_object_set(one, "about", entry->variant->about);
		put_hash(one, entry->variant->program);
		json_array_append_new(array, one);
	}
	return array;
}

json_t *manifest_new(const struct run *r)
{
	json_t *manifest = json_object();
	char seed[32], started[64];
	time_t now = time(NULL);
	struct tm utc;
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
	json_object_set_new(manifest, "format", json_integer(1));
	put_text(manifest, "started", started);
	json_object_set_new(manifest, "finished", json_false());
	json_object_set_new(manifest, "suite", suite_json(&r->suite));
	put_text(manifest, "seed", seed); /* text: JSON numbers may lose digits */
	put_text(manifest, "order",
		 "random per round, drawn from the seed; as in trials.tsv");
	put_text(manifest, "target", r->target->name);
	put_text(manifest, "server_cpus", r->server_cpus);
	put_text(manifest, "client_cpus", r->client_cpus);
	json_object_set_new(manifest, "named", json_boolean(r->named));
	json_object_set_new(manifest, "one_cpu", json_boolean(r->one_cpu));
	json_object_set_new(manifest, "machine", machine_json(r));
	json_object_set_new(manifest, "build", build_json());
	json_object_set_new(manifest, "variants", variants_json(r));
	return manifest;
}

/* How often each variant's trials were void, and why. */
static json_t *voids_json(const struct run *r)
{
	json_t *voids = json_object();
	for (size_t i = 0; i < journal_known(&r->journal); i++) {
		const struct row *row = &r->journal.rows[i];
		const char *why = row->text[COLUMN_VOID];
		if (!row_is_void(row))
			continue;
		json_t *one = json_object_get(voids, row->text[COLUMN_VARIANT]);
		if (!one) {
			one = json_object();
			json_object_set_new(voids, row->text[COLUMN_VARIANT], one);
		}
		json_int_t n = json_integer_value(json_object_get(one, why));
		json_object_set_new(one, why, json_integer(n + 1));
	}
	return voids;
}

static json_t *certificates_json(const struct summary *s)
{
	json_t *all = json_object();
	for (size_t i = 0; i < s->lines; i++) {
		const struct summary_line *line = &s->line[i];
		json_t *one = json_object();
		for (enum certificate_test t = 0; t < CERTIFICATE_TESTS; t++)
			put_text(one, certificate_name(t),
				 certificate_word(line->certificate.verdict[t]));
		json_object_set_new(all, line->entry->name, one);
	}
	return all;
}

void manifest_finish(json_t *manifest, const struct run *r, const struct summary *s)
{
	json_t *sources = json_object(), *notes = json_array();
	for (enum metric m = 0; m < METRICS; m++) {
		if (*r->source[m])
			put_text(sources, metric_name(m), r->source[m]);
	}
	for (size_t i = 0; i < r->notes; i++)
		json_array_append_new(notes, json_string(r->note[i]));
	if (json_object_size(sources) > 0) /* a run that was only replayed has none */
		json_object_set(manifest, "sources", sources);
	json_decref(sources);
	json_object_set_new(manifest, "notes", notes);
	json_object_set_new(manifest, "voids", voids_json(r));
	if (!s)
		return;
	json_object_set_new(manifest, "certificate", certificates_json(s));
	json_object_set_new(manifest, "finished", json_true());
}

int manifest_write(const struct run *r, const json_t *manifest)
{
	char path[PATH_MAX + 32], fresh[PATH_MAX + 32];
	snprintf(path, sizeof path, "%s/manifest.json", r->folder);
	snprintf(fresh, sizeof fresh, "%s/manifest.json.new", r->folder);
	errno = 0;
	if (json_dump_file(manifest, fresh, JSON_INDENT(2)) < 0)
		return errno ? -errno : -EIO;
	return rename(fresh, path) < 0 ? -errno : 0;
}

json_t *manifest_read(const char *folder)
{
	char path[PATH_MAX + 32];
	json_error_t error;
	snprintf(path, sizeof path, "%s/manifest.json", folder);
	json_t *manifest = json_load_file(path, 0, &error);
	if (!manifest)
		fprintf(stderr, "duality bench: %s: %s\n", path, error.text);
	return manifest;
}

const char *manifest_differs(const json_t *old, const json_t *new)
{
	static const char *const keys[] = {"suite",       "seed",        "target",
					   "server_cpus", "client_cpus", "variants"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (!json_equal(json_object_get(old, keys[i]),
				json_object_get(new, keys[i])))
			return keys[i];
	}
	return NULL;
}
