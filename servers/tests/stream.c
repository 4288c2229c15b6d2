/* SPDX-License-Identifier: BSD-2-Clause */
/* stream.c - recorded byte streams and the replies they must get. */
#include "config.h"

#include "stream.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

static const char date_token[] = "@DATE@", file_token[] = "@FILE ";
static const char status_line[] = "HTTP/1.1 ", close_line[] = "Connection: close\r\n";

static bool starts(const char *at, const char *end, const char *with)
{
	size_t size = strlen(with);

	return (size_t)(end - at) >= size && memcmp(at, with, size) == 0;
}

/* Room for `more` further bytes of out. */
static int out_grow(struct stream *s, size_t more)
{
	size_t room = s->out_size + more + 1;
	unsigned char *out = realloc(s->out, room);
	bool *date;

	if (!out)
		return -ENOMEM;
	s->out = out;
	date = realloc(s->date, room * sizeof *date);
	if (!date)
		return -ENOMEM;
	s->date = date;
	memset(date + s->out_size, 0, (more + 1) * sizeof *date);
	return 0;
}

static int out_date(struct stream *s)
{
	int error = out_grow(s, STREAM_DATE);

	if (error)
		return error;
	for (size_t i = 0; i < STREAM_DATE; i++) {
		s->out[s->out_size + i] = '?';
		s->date[s->out_size + i] = true;
	}
	s->out_size += STREAM_DATE;
	return 0;
}

/* "@FILE name@": returns the token's length or -errno. */
static ssize_t out_file(struct stream *s, const char *token, const char *end)
{
	const char *name = token + strlen(file_token);
	const char *stop = memchr(name, '@', (size_t)(end - name));
	char path[256];
	ssize_t size;
	int error;

	if (!stop || (size_t)(stop - name) >= sizeof path)
		return -EBADMSG;
	memcpy(path, name, (size_t)(stop - name));
	path[stop - name] = '\0';
	size = tree_size(path);
	if (size < 0)
		return size;
	error = out_grow(s, (size_t)size);
	if (error)
		return error;
	tree_fill(path, s->out + s->out_size, (size_t)size);
	s->out_size += (size_t)size;
	return stop + 1 - token;
}

static int out_byte(struct stream *s, const char *at, const char *end)
{
	int error = out_grow(s, 1);

	if (error)
		return error;
	if (starts(at, end, status_line)) {
		s->replies++;
		s->errors += at + 9 < end && at[9] >= '4';
	}
	s->closes |= starts(at, end, close_line);
	s->out[s->out_size++] = (unsigned char)*at;
	return 0;
}

static int out_expand(struct stream *s, const char *at, const char *end)
{
	ssize_t step;

	while (at < end) {
		if (starts(at, end, date_token))
			step = out_date(s) ? -ENOMEM : (ssize_t)strlen(date_token);
		else if (starts(at, end, file_token))
			step = out_file(s, at, end);
		else
			step = out_byte(s, at, end) ? -ENOMEM : 1;
		if (step < 0)
			return (int)step;
		at += step;
	}
	return 0;
}

int stream_make(struct stream *s, const char *name, const void *in, size_t in_size,
		const char *out, size_t out_size)
{
	int error;

	*s = (struct stream){.in_size = in_size, .half = strncmp(name, "eof-", 4) == 0};
	if (snprintf(s->name, sizeof s->name, "%s", name) >= (int)sizeof s->name)
		return -ENAMETOOLONG;
	s->in = malloc(in_size + 1);
	error = s->in ? out_grow(s, 0) : -ENOMEM;
	if (!error) {
		memcpy(s->in, in, in_size);
		error = out_expand(s, out, out + out_size);
	}
	if (error)
		stream_free(s);
	return error;
}

void stream_free(struct stream *s)
{
	free(s->in);
	free(s->out);
	free(s->date);
	*s = (struct stream){0};
}

/* A whole file in memory.  Returns its size or -errno. */
static ssize_t file_read(int folder, const char *name, const char *suffix, char **out)
{
	char path[256];
	struct stat st;
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "%s%s", name, suffix);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = fstat(fd, &st) < 0 ? -errno : 0;
	*out = got < 0 ? NULL : malloc((size_t)st.st_size + 1);
	if (*out) {
		got = read(fd, *out, (size_t)st.st_size);
		got = got == st.st_size ? got : -EIO;
	}
	close(fd);
	return *out || got < 0 ? got : -ENOMEM;
}

static int stream_read(struct stream *s, int folder, const char *name)
{
	char *in = NULL, *out = NULL;
	ssize_t in_size = file_read(folder, name, ".in", &in);
	ssize_t out_size =
		in_size < 0 ? in_size : file_read(folder, name, ".out", &out);
	int error = (int)out_size;

	if (out_size >= 0)
		error = stream_make(s, name, in, (size_t)in_size, out,
				    (size_t)out_size);
	free(in);
	free(out);
	return error;
}

static int is_stream(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 3 && strcmp(entry->d_name + size - 3, ".in") == 0;
}

int streams_read(struct streams *s, const char *folder, char where[64])
{
	struct dirent **entries;
	int found = scandir(folder, &entries, is_stream, alphasort), error = 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*s = (struct streams){0};
	snprintf(where, 64, "%.63s", folder);
	if (found < 0 || fd < 0)
		return -errno;
	s->list = calloc((size_t)found + 1, sizeof *s->list);
	for (int i = 0; i < found; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - 3] = '\0';
		if (!error && s->list) {
			snprintf(where, 64, "%.63s", name);
			error = stream_read(&s->list[s->count], fd, name);
			s->count += !error;
		}
		free(entries[i]);
	}
	free(entries);
	close(fd);
	return s->list ? error : -ENOMEM;
}

const struct stream *streams_find(const struct streams *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	return NULL;
}

void streams_free(struct streams *s)
{
	for (size_t i = 0; i < s->count; i++)
		stream_free(&s->list[i]);
	free(s->list);
	*s = (struct streams){0};
}
