/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - the kernel's small text files.  Those of /proc and cgroupfs may return less
 * than asked long before their end, hence the loop until 0. */
#include "config.h"

#include "harness/sample/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t text_reread(int fd, char *text, size_t size)
{
	size_t have = 0;

	while (have < size - 1) {
		ssize_t n = pread(fd, text + have, size - 1 - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	text[have] = '\0';
	return (ssize_t)have;
}

ssize_t text_read(int dir, const char *path, char *text, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t n = text_reread(fd, text, size);
	close(fd);
	return n;
}

static const char *line_after(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

static const char *line_with(const char *text, const char *start)
{
	size_t length = strlen(start);

	while (text && strncmp(text, start, length) != 0)
		text = line_after(text);
	return text;
}

static int number_at(const char *from, uint64_t *out)
{
	char *end;

	*out = strtoull(from, &end, 10);
	return end == from ? -ENODATA : 0;
}

int text_number(const char *text, const char *key, uint64_t *out)
{
	size_t length = strlen(key);
	const char *line = line_with(text, key);

	while (line && length > 0 && !strchr(" :\t", line[length]))
		line = line_with(line_after(line), key);
	return line ? number_at(line + length + strspn(line + length, " :\t"), out)
		    : -ENODATA;
}

int text_column(const char *text, const char *row, const char *name, uint64_t *out)
{
	const char *head = line_with(text, row);
	const char *body = head ? line_with(line_after(head), row) : NULL;
	size_t length = strlen(name);

	if (!body)
		return -ENODATA;
	for (;;) {
		head += strcspn(head, " \n");
		body += strcspn(body, " \n");
		if (*head != ' ' || *body != ' ')
			return -ENODATA;
		head++;
		body++;
		if (strncmp(head, name, length) == 0 && strchr(" \n", head[length]))
			return number_at(body, out);
	}
}
