/* SPDX-License-Identifier: BSD-2-Clause */
/* http_reply.c - reply heads, written by hand: printf would cost more than the parser.
 */
#include "config.h"

#include "http.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

const char *http_reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 431:
		return "Request Header Fields Too Large";
	case 501:
		return "Not Implemented";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Internal Server Error";
	}
}

const char *http_type(const char *path)
{
	static const struct {
		const char *extension, *type;
	} types[] = {
		{".html", "text/html"},        {".txt", "text/plain"},
		{".css", "text/css"},          {".js", "text/javascript"},
		{".json", "application/json"}, {".png", "image/png"},
		{".jpg", "image/jpeg"},        {".svg", "image/svg+xml"},
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (strcmp(dot, types[i].extension) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* The date as RFC 9110 section 5.6.7 has it: Sun, 06 Nov 1994 08:49:37 GMT. */
static char *put_new_date(char *to, time_t date)
{
	static const char days[] = "Sun\0Mon\0Tue\0Wed\0Thu\0Fri\0Sat";
	static const char months[] =
		"Jan\0Feb\0Mar\0Apr\0May\0Jun\0Jul\0Aug\0Sep\0Oct\0Nov\0Dec";
	struct tm tm;

	gmtime_r(&date, &tm);
	to = text_put(to, days + tm.tm_wday * 4);
	to = text_put(to, ", ");
	to = text_number(to, (uint64_t)tm.tm_mday, 2);
	to = text_put(to, " ");
	to = text_put(to, months + tm.tm_mon * 4);
	to = text_put(to, " ");
	to = text_number(to, (uint64_t)tm.tm_year + 1900, 4);
	to = text_put(to, " ");
	to = text_number(to, (uint64_t)tm.tm_hour, 2);
	to = text_put(to, ":");
	to = text_number(to, (uint64_t)tm.tm_min, 2);
	to = text_put(to, ":");
	to = text_number(to, (uint64_t)tm.tm_sec, 2);
	return text_put(to, " GMT\r\n");
}

/* It changes once a second: each thread keeps the last one it wrote. */
static char *put_date(char *to, time_t date)
{
	static _Thread_local time_t written = -1;
	static _Thread_local char text[32];

	if (date != written)
		*put_new_date(text, date) = '\0';
	written = date;
	return text_put(to, text);
}

size_t http_head(char *out, const struct reply_head *head)
{
	char *to = text_put(out, "HTTP/1.1 ");

	to = text_number(to, (uint64_t)head->status, 3);
	to = text_put(to, " ");
	to = text_put(to, http_reason(head->status));
	to = put_date(text_put(to, "\r\nDate: "), head->date);
	to = text_put(text_put(to, "Content-Type: "), head->type);
	to = text_number(text_put(to, "\r\nContent-Length: "), head->length, 1);
	if (head->allow)
		to = text_put(text_put(to, "\r\nAllow: "), head->allow);
	if (head->close)
		to = text_put(to, "\r\nConnection: close");
	else if (head->keep_alive_http10)
		to = text_put(to, "\r\nConnection: keep-alive");
	to = text_put(to, "\r\n\r\n");
	return (size_t)(to - out);
}
