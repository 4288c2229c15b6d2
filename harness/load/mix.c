/* SPDX-License-Identifier: BSD-2-Clause */
/* The mix of requests; see mix.h. */
#include "config.h"

#include "harness/load/mix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/load/schedule.h"

static int mix_grow(struct mix *mix)
{
	if (mix->count >= MIX_TARGETS_MAX)
		return -E2BIG;
	/* Grows at powers of two. */
	if (mix->count & (mix->count - 1))
		return 0;
	size_t room = mix->count ? mix->count * 2 : 1;
	struct target *targets = reallocarray(mix->targets, room, sizeof *targets);
	if (targets == NULL)
		return -ENOMEM;
	mix->targets = targets;
	return 0;
}

/* An empty body is told (RFC 9110, section 8.6). */
static int target_open(struct target *target, const struct url *url, bool post)
{
	bool usual = strcmp(url->port, "80") == 0;
	int length =
		asprintf(&target->request, "%s %s HTTP/1.1\r\nHost: %s%s%s\r\n%s\r\n",
			 post ? "POST" : "GET", url->path, url->host, usual ? "" : ":",
			 usual ? "" : url->port, post ? "Content-Length: 0\r\n" : "");
	if (length < 0)
		return -ENOMEM;
	target->request_length = (size_t)length;
	target->path = strdup(url->path);
	if (target->path == NULL) {
		free(target->request);
		return -ENOMEM;
	}
	return 0;
}

/* Reads one URL, or a path on the server that is already known. */
static const char *mix_parse(const struct mix *mix, struct url *url, const char *text)
{
	if (*text != '/')
		return url_parse(url, text);
	if (mix->count == 0 && mix->server.host[0] == '\0')
		return "a path needs a URL before it that names the server";
	*url = mix->server;
	return url_parse_path(url, text);
}

int mix_add(struct mix *mix, const char *path_or_url, uint64_t weight,
	    char message[static MIX_MESSAGE_MAX])
{
	struct url url = {.host = ""};
	struct target target = {.weight_end = weight};
	bool post = strncmp(path_or_url, "POST ", 5) == 0;
	if (post)
		path_or_url += 5 + strspn(path_or_url + 5, " \t");
	const char *wrong = mix_parse(mix, &url, path_or_url);
	if (!wrong && mix->server.host[0] && !url_same_server(&mix->server, &url))
		wrong = "all URLs must name the same host and port";
	if (wrong) {
		snprintf(message, MIX_MESSAGE_MAX, "%.200s: %s", path_or_url, wrong);
		return -EINVAL;
	}
	int error = mix_grow(mix);
	if (error == 0)
		error = target_open(&target, &url, post);
	if (error) {
		snprintf(message, MIX_MESSAGE_MAX, "%.200s: %s", path_or_url,
			 strerror(-error));
		return error;
	}
	if (mix->count > 0)
		target.weight_end += mix->targets[mix->count - 1].weight_end;
	mix->server = url;
	mix->targets[mix->count++] = target;
	return 0;
}

/* One line without its end, comment and outer blanks, which may be empty. */
static int line_add(struct mix *mix, char *line, char message[static MIX_MESSAGE_MAX])
{
	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	if (*line == '\0')
		return 0;
	char *end;
	errno = 0;
	unsigned long long weight = strtoull(line, &end, 10);
	if (*line < '0' || *line > '9' || errno || (*end != ' ' && *end != '\t') ||
	    weight < 1 || weight > MIX_WEIGHT_MAX) {
		snprintf(message, MIX_MESSAGE_MAX,
			 "expected `WEIGHT [POST] PATH-OR-URL` with a weight from 1 to "
			 "%d",
			 MIX_WEIGHT_MAX);
		return -EINVAL;
	}
	char *what = end + strspn(end, " \t");
	size_t length = strlen(what);
	while (length > 0 && (what[length - 1] == ' ' || what[length - 1] == '\t'))
		what[--length] = '\0';
	return mix_add(mix, what, weight, message);
}

int mix_read(struct mix *mix, const char *file, char message[static MIX_MESSAGE_MAX])
{
	char wrong[MIX_MESSAGE_MAX];
	char *line = NULL;
	size_t room = 0;
	unsigned long number = 0;
	size_t before = mix->count;
	int error = 0;
	FILE *in = fopen(file, "r");
	if (in == NULL) {
		error = -errno;
		snprintf(message, MIX_MESSAGE_MAX, "%.200s: %s", file,
			 strerror(-error));
		return error;
	}
	while (error == 0 && getline(&line, &room, in) >= 0) {
		number++;
		error = line_add(mix, line, wrong);
	}
	if (error)
		snprintf(message, MIX_MESSAGE_MAX, "%.200s:%lu: %.280s", file, number,
			 wrong);
	else if (ferror(in) || mix->count == before) {
		error = -EINVAL;
		snprintf(message, MIX_MESSAGE_MAX, "%.200s: no requests in it", file);
	}
	free(line);
	fclose(in);
	return error;
}

struct target *mix_pick(const struct mix *mix, uint64_t seed, uint64_t index)
{
	if (mix->count == 1)
		return mix->targets;
	uint64_t weights = mix->targets[mix->count - 1].weight_end;
	uint64_t drawn = schedule_mix(seed, index) % weights;
	size_t low = 0;
	size_t high = mix->count - 1;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (drawn < mix->targets[middle].weight_end)
			high = middle;
		else
			low = middle + 1;
	}
	return &mix->targets[low];
}

void mix_close(struct mix *mix)
{
	for (size_t i = 0; i < mix->count; i++) {
		free(mix->targets[i].request);
		free(mix->targets[i].path);
	}
	free(mix->targets);
	memset(mix, 0, sizeof *mix);
}
