/* SPDX-License-Identifier: BSD-2-Clause */
/* The reply head; see http.h.  The usual head arrives whole and is parsed where it
 * lies; one that was cut is collected first, so that cuts cannot change what it means.
 */
#include "config.h"

#include "harness/load/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void http_begin(struct http_head *head)
{
	head->done = false;
	head->closes = false;
	head->until_eof = false;
	head->status = 0;
	head->length = 0;
	head->carried = 0;
}

void http_release(struct http_head *head)
{
	free(head->carry);
	head->carry = NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9112 section 4: HTTP-version SP status-code SP [ reason-phrase ]. */
static int status_parse(struct http_head *head, const char *line, size_t length)
{
	if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ')
		return -EPROTO;
	if (line[7] != '0' && line[7] != '1')
		return -EPROTO;
	if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]))
		return -EPROTO;
	if (length > 12 && line[12] != ' ')
		return -EPROTO;
	head->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
	/* Nothing was sent that would invite an interim reply. */
	if (head->status < 200)
		return -EPROTO;
	head->closes = line[7] == '0';
	return 0;
}

static int length_parse(struct http_head *head, const char *value, size_t length)
{
	uint64_t number = 0;
	/* Two lengths, even equal ones, or more than 18 digits: no honest server's. */
	if (!head->until_eof || length == 0 || length > 18)
		return -EPROTO;
	for (size_t i = 0; i < length; i++) {
		if (!is_digit(value[i]))
			return -EPROTO;
		number = number * 10 + (uint64_t)(value[i] - '0');
	}
	head->length = number;
	head->until_eof = false;
	return 0;
}

static bool name_is(const char *line, size_t length, const char *name)
{
	return length == strlen(name) && strncasecmp(line, name, length) == 0;
}

/* A list of options (RFC 9110 section 7.6.1); only these two matter here. */
static void connection_parse(struct http_head *head, const char *value, size_t length)
{
	while (length > 0) {
		const char *comma = memchr(value, ',', length);
		size_t item = comma ? (size_t)(comma - value) : length;
		size_t next = comma ? item + 1 : item;
		while (item > 0 && (value[item - 1] == ' ' || value[item - 1] == '\t'))
			item--;
		size_t blank = 0;
		while (blank < item && (value[blank] == ' ' || value[blank] == '\t'))
			blank++;
		if (name_is(value + blank, item - blank, "close"))
			head->closes = true;
		if (name_is(value + blank, item - blank, "keep-alive"))
			head->closes = false;
		value += next;
		length -= next;
	}
}

/* RFC 9112 section 5: no blank before the colon, no folded lines. */
static int field_parse(struct http_head *head, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	if (colon == NULL || colon == line || line[0] == ' ' || line[0] == '\t')
		return -EPROTO;
	if (colon[-1] == ' ' || colon[-1] == '\t')
		return -EPROTO;
	size_t name = (size_t)(colon - line);
	/* Of all names only those with these first letters are read. */
	char first = (char)(line[0] | 0x20);
	if (first != 'c' && first != 't')
		return 0;
	const char *value = colon + 1;
	const char *end = line + length;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (name_is(line, name, "content-length"))
		return length_parse(head, value, (size_t)(end - value));
	if (name_is(line, name, "connection"))
		connection_parse(head, value, (size_t)(end - value));
	/* Transfer codings are not part of the service that is measured. */
	return name_is(line, name, "transfer-encoding") ? -EPROTO : 0;
}

/* A whole head, with its empty last line.  Every LF must end a CR LF, and no other CR
 * or NUL may appear. */
static int head_parse(struct http_head *head, const char *bytes, size_t count)
{
	const char *end = bytes + count - 2;
	bool first = true;
	head->until_eof = true;
	for (const char *line = bytes; line < end;) {
		const char *stop = memchr(line, '\r', (size_t)(end + 2 - line));
		if (stop == NULL || stop[1] != '\n')
			return -EPROTO;
		size_t length = (size_t)(stop - line);
		if (memchr(line, '\n', length) || memchr(line, '\0', length))
			return -EPROTO;
		int error = first ? status_parse(head, line, length)
				  : field_parse(head, line, length);
		if (error)
			return error;
		first = false;
		line = stop + 2;
	}
	/* RFC 9112 section 6.3: these have no body, whatever the fields say. */
	if (head->status == 204 || head->status == 304) {
		head->length = 0;
		head->until_eof = false;
	}
	if (head->until_eof)
		head->closes = true;
	head->done = true;
	return 0;
}

/* What cannot become a status line is refused at once, not after 8 KiB of it. */
static int start_check(const char *bytes, size_t count)
{
	static const char start[] = "HTTP/1.";
	size_t compared = count < sizeof start - 1 ? count : sizeof start - 1;
	return memcmp(bytes, start, compared) == 0 ? 0 : -EPROTO;
}

static ssize_t carry_feed(struct http_head *head, const char *bytes, size_t count)
{
	if (head->carry == NULL && (head->carry = malloc(HTTP_HEAD_MAX)) == NULL)
		return -ENOMEM;
	size_t before = head->carried;
	size_t room = HTTP_HEAD_MAX - before;
	size_t taken = count < room ? count : room;
	memcpy(head->carry + before, bytes, taken);
	head->carried += taken;
	int error = start_check(head->carry, head->carried);
	if (error)
		return error;
	const char *end = memmem(head->carry, head->carried, "\r\n\r\n", 4);
	if (end == NULL)
		return head->carried == HTTP_HEAD_MAX ? -EMSGSIZE : (ssize_t)count;
	size_t length = (size_t)(end - head->carry) + 4;
	error = head_parse(head, head->carry, length);
	return error ? error : (ssize_t)(length - before);
}

ssize_t http_feed(struct http_head *head, const char *bytes, size_t count)
{
	if (head->carried > 0)
		return carry_feed(head, bytes, count);
	size_t searched = count < HTTP_HEAD_MAX ? count : HTTP_HEAD_MAX;
	const char *end = memmem(bytes, searched, "\r\n\r\n", 4);
	if (end == NULL)
		return carry_feed(head, bytes, count);
	size_t length = (size_t)(end - bytes) + 4;
	int error = head_parse(head, bytes, length);
	return error ? error : (ssize_t)length;
}
