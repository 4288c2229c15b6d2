/* SPDX-License-Identifier: BSD-2-Clause */
/* suite.c - reads `.suite` files. */
#include "config.h"

#include "harness/bench/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct setting suite_settings[] = {
	{"summary", TYPE_TEXT, offsetof(struct suite, summary), 0, 0, NULL},
	{"variants", TYPE_TEXT, offsetof(struct suite, variants), 0, 0, NULL},
	{"others", TYPE_TEXT, offsetof(struct suite, others), 0, 0, NULL},
	{"blocks", TYPE_WHOLE, offsetof(struct suite, blocks), 1, 1000, NULL},
	{"server_cpus", TYPE_WHOLE, offsetof(struct suite, server_cpus), 1, 1024, NULL},
	{"budget_s", TYPE_REAL, offsetof(struct suite, budget_s), 0.1, 1e6, NULL},
	{"aa", TYPE_TEXT, offsetof(struct suite, aa), 0, 0, NULL},
	{"canary_every", TYPE_WHOLE, offsetof(struct suite, canary_every), 0, 1e6,
	 NULL},
	{"canary_wait_s", TYPE_REAL, offsetof(struct suite, canary_wait_s), 0, 600,
	 NULL},
	{"canary_steal", TYPE_REAL, offsetof(struct suite, canary_steal), 0, 1, NULL},
	{"void_steal", TYPE_REAL, offsetof(struct suite, void_steal), 0, 1, NULL},
	{"void_late", TYPE_REAL, offsetof(struct suite, void_late), 0, 1, NULL},
	{"void_stranger", TYPE_REAL, offsetof(struct suite, void_stranger), 0, 1, NULL},
	{"void_gap", TYPE_REAL, offsetof(struct suite, void_gap), 0, 1, NULL},
	{"retries", TYPE_WHOLE, offsetof(struct suite, retries), 0, 100, NULL},
	{0},
};

/* Reasons for what voids: docs/decisions/0002 and 0011. */
static const struct suite defaults = {
	.blocks = 1,
	.server_cpus = 1,
	.budget_s = 60,
	.aa = "epoll",
	.canary_every = 1,
	.canary_wait_s = 10,
	.canary_steal = 0.01,
	.void_steal = 0.02,
	.void_late = 0.005,
	.void_stranger = 0.1,
	.void_gap = 0.03,
	.retries = 2,
};

/* The experiment of this name, read from its file when first met; NULL after a message.
 */
static struct experiment *suite_experiment(struct suite *s, const char *name)
{
	for (size_t i = 0; i < s->experiments; i++) {
		if (strcmp(s->experiment[i].name, name) == 0)
			return &s->experiment[i];
	}
	if (s->experiments == SUITE_EXPERIMENTS ||
	    experiment_read(&s->experiment[s->experiments], s->folder, name) < 0)
		return NULL;
	return &s->experiment[s->experiments++];
}

static const char *suite_take(void *to, const char *section, const char *key,
			      const char *value)
{
	struct suite *s = to;
	if (strcmp(section, "suite") == 0)
		return !key ? NULL : setting_store(suite_settings, s, key, value);
	if (!*section)
		return "stands outside a section";
	struct experiment *e = suite_experiment(s, section);
	if (!e || !key)
		return e ? NULL : "";
	return experiment_override(e, key, value);
}

static int suite_check(const struct suite *s, const char *path)
{
	const char *wrong = s->experiments ? NULL : "names no experiment";
	const char *where = "suite";
	for (size_t i = 0; i < s->experiments && !wrong; i++) {
		where = s->experiment[i].name;
		wrong = experiment_check(&s->experiment[i]);
	}
	if (!wrong)
		return 0;
	fprintf(stderr, "duality bench: %s: [%s]: %s\n", path, where, wrong);
	return -EINVAL;
}

int suite_read(struct suite *s, const char *folder, const char *name)
{
	char path[PATH_MAX + EXPERIMENT_NAME + 16];
	const struct settings_taker taker = {suite_take, s};
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	size_t length = slash ? strcspn(base, ".") : strlen(base);
	*s = defaults;
	if (length == 0 || length >= sizeof s->name) {
		fprintf(stderr, "duality bench: %s: not the name of a suite\n", name);
		return -EINVAL;
	}
	snprintf(s->name, sizeof s->name, "%.*s", (int)length, base);
	if (slash) {
		snprintf(s->folder, sizeof s->folder, "%.*s", (int)(slash - name),
			 name);
		snprintf(path, sizeof path, "%s", name);
	} else {
		snprintf(s->folder, sizeof s->folder, "%s", folder);
		snprintf(path, sizeof path, "%s/%s.suite", folder, name);
	}
	int status = settings_read(path, &taker);
	return status < 0 ? status : suite_check(s, path);
}

json_t *suite_json(const struct suite *s)
{
	json_t *object = settings_json(suite_settings, s);
	json_t *experiments = json_array();
	json_object_set_new(object, "name", json_string(s->name));
	for (size_t i = 0; i < s->experiments; i++) {
		json_t *one = settings_json(experiment_settings, &s->experiment[i]);
		json_object_set_new(one, "name", json_string(s->experiment[i].name));
		json_array_append_new(experiments, one);
	}
	json_object_set_new(object, "experiments", experiments);
	return object;
}
