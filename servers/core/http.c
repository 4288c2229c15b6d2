/* SPDX-License-Identifier: BSD-2-Clause */
/* http.c - request heads: a strict check of the lines, then http-parser, then the
 * target. Reply heads are in http_reply.c. */
#include "config.h"

#include "http.h"

#include <ctype.h>
#include <http_parser.h>
#include <string.h>

/* RFC 9110 section 5.6.2: the characters of a token. */
static bool is_token(unsigned char c)
{
	static const char other[] = "!#$%&'*+-.^_`|~";

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(other, c));
}

/* No control character but HTAB: a bare CR or a NUL is how heads are smuggled. */
static bool is_clean(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)at[i] < ' ' && at[i] != '\t') || at[i] == 0x7f)
			return false;
	return true;
}

struct span {
	char *at;
	size_t len;
};

/* The length of the head at in, its empty line included; 0 if that has not come yet,
 * -400 if it never can: no need to wait for the rest of what is no head.  Empty lines
 * before the request line belong to the head (RFC 9112 section 2.2). */
static ssize_t head_length(const char *in, size_t len)
{
	size_t limit = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	size_t line = 0;
	bool begun = false;
	const char *lf;

	while ((lf = memchr(in + line, '\n', limit - line))) {
		size_t at = (size_t)(lf - in);

		if (at == line || in[at - 1] != '\r')
			return -400; /* a bare LF */
		if (at > line + 1)
			begun = true;
		else if (begun)
			return (ssize_t)at + 1;
		if (!is_clean(in + line, at - 1 - line))
			return -400;
		line = at + 1;
	}
	if (limit > line &&
	    !is_clean(in + line, limit - line - (in[limit - 1] == '\r')))
		return -400;
	return len >= HTTP_HEAD_MAX ? -431 : 0;
}

/* What the fields say that the parser does not tell, or tells wrong: it takes
 * Proxy-Connection for Connection. */
struct fields {
	int hosts;
	bool close, keep_alive, coded;
};

static bool name_is(const char *name, size_t len, const char *wanted)
{
	return strlen(wanted) == len && strncasecmp(name, wanted, len) == 0;
}

/* RFC 9110 section 7.6.1: a list of options, without regard to case. */
static void connection_options(const char *value, size_t len, struct fields *f)
{
	while (len > 0) {
		size_t option = 0;

		while (option < len && is_token((unsigned char)value[option]))
			option++;
		f->close |= name_is(value, option, "close");
		f->keep_alive |= name_is(value, option, "keep-alive");
		option += option < len; /* the delimiter */
		value += option;
		len -= option;
	}
}

/* uri-host [ ":" port ], by its characters (RFC 9110 section 7.2). */
static bool host_ok(const char *value, size_t len)
{
	static const char other[] = "-._~!$&'()*+,;=:%[]";

	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	while (len > 0 && (*value == ' ' || *value == '\t'))
		value++, len--;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)value[i]) && !strchr(other, value[i]))
			return false;
	return true;
}

/* A field line of len bytes: a token, a colon right behind it, a clean value.  A line
 * that starts with a blank is a folded one and has no token. */
static bool field_ok(const char *line, size_t len, struct fields *f)
{
	const char *value;
	size_t name = 0;

	while (name < len && is_token((unsigned char)line[name]))
		name++;
	if (name == 0 || name == len || line[name] != ':')
		return false;
	value = line + name + 1;
	len -= name + 1;
	if (name_is(line, name, "host")) {
		f->hosts++;
		return host_ok(value, len);
	}
	if (name_is(line, name, "connection"))
		connection_options(value, len, f);
	f->coded |= name_is(line, name, "transfer-encoding");
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The request line: method SP target SP HTTP/d.d, and nothing else.  Returns 10 or 11
 * for the version, or -status. */
static int request_line(const char *line, size_t len)
{
	const char *target = memchr(line, ' ', len);
	const char *version = memrchr(line, ' ', len);

	if (!target || target == line || version <= target + 1 ||
	    memchr(target + 1, ' ', (size_t)(version - target - 1)))
		return -400;
	for (const char *c = line; c < target; c++)
		if (!is_token((unsigned char)*c))
			return -400;
	for (const char *c = target + 1; c < version; c++)
		if (!isgraph((unsigned char)*c)) /* RFC 3986 section 2: ASCII */
			return -400;
	version++;
	if (line + len - version != 8 || memcmp(version, "HTTP/", 5) != 0 ||
	    !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7]))
		return -400;
	if (version[5] != '1')
		return -505;
	return version[7] == '0' ? 10
				 : 11; /* a later 1.x is taken as 1.1 (RFC 9110 2.5) */
}

/* The lines of a whole head, its leading empty lines left out.  Returns 0 or -status.
 */
static int lines_check(const char *head, size_t len, struct fields *f)
{
	const char *end = head + len - 2; /* where the empty line starts */
	const char *cr = memchr(head, '\r', len);
	int version;

	if (!cr || cr[1] != '\n')
		return -400;
	version = request_line(head, (size_t)(cr - head));
	if (version < 0)
		return version;
	for (const char *line = cr + 2; line < end; line = cr + 2) {
		cr = memchr(line, '\n', (size_t)(end - line));
		cr--;
		if (!field_ok(line, (size_t)(cr - line), f))
			return -400;
	}
	return f->hosts > 1 || (version == 11 && f->hosts == 0) ? -400 : 0;
}

static int on_url(http_parser *p, const char *at, size_t len)
{
	struct span *url = p->data;

	url->at = (char *)(uintptr_t)at; /* our own input, which may be written */
	url->len = len;
	return 0;
}

static const http_parser_settings settings = {.on_url = on_url};

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode percent escapes in place (RFC 3986 section 2.1).  Returns 0 or 400. */
static int path_decode(char *path)
{
	char *to = path;

	for (const char *from = path; *from; from++) {
		if (*from == '%') {
			int high = hex(from[1]);
			int low = high < 0 ? -1 : hex(from[2]);

			if (low < 0 || high + low == 0)
				return 400;
			*to++ = (char)(high * 16 + low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return 0;
}

/* Remove "." and ".." segments and doubled slashes in place (RFC 3986 section 5.2.4,
 * but leading out of the root is an error).  Returns 0 or 400. */
static int path_normalise(char *path)
{
	char *to = path, *from = path;

	while (*from) {
		size_t len = strcspn(from + 1, "/"); /* *from is a slash */
		char *segment = from + 1;

		from = segment + len;
		if (len == 2 && segment[0] == '.' && segment[1] == '.') {
			if (to == path)
				return 400;
			while (*--to != '/')
				continue;
		} else if (len > 0 && !(len == 1 && segment[0] == '.')) {
			*to++ = '/';
			memmove(to, segment, len);
			to += len;
			continue;
		}
		if (!*from)
			*to++ = '/'; /* it named a directory */
	}
	*to = '\0';
	return 0;
}

/* Split, decode and normalise the target.  Absolute form (RFC 9112 section 3.2.2) loses
 * its scheme and authority. */
static int target_parse(char *url, size_t len, struct request *out)
{
	static char root[] = "/";
	char *path = url;

	url[len] = '\0'; /* the blank before the version */
	if (strncasecmp(url, "http://", 7) == 0)
		path = url + 7 + strcspn(url + 7, "/?#");
	out->query = strchr(path, '?');
	if (out->query)
		*out->query++ = '\0';
	if (strchr(path, '#') || (out->query && strchr(out->query, '#')))
		return 400; /* a fragment is never sent (RFC 9110 section 7.1) */
	out->path = *path || path == url ? path : root;
	if (out->path == root)
		return 0;
	if (*path != '/')
		return 400;
	return path_decode(path) || path_normalise(path) ? 400 : 0;
}

/* Past whole empty lines only: a bare CR or LF before the method is refused at once,
 * and what then is known of the method must not depend on how much has come. */
static bool is_head(const char *in, size_t len)
{
	while (len >= 2 && in[0] == '\r' && in[1] == '\n')
		in += 2, len -= 2;
	return len >= 5 && memcmp(in, "HEAD ", 5) == 0;
}

static bool persists(const struct fields *f, bool http10)
{
	return !f->close && (!http10 || f->keep_alive);
}

ssize_t http_parse(char *in, size_t len, struct request *out)
{
	ssize_t taken = head_length(in, len);
	struct fields fields = {.hosts = 0};
	struct span url = {.at = NULL};
	http_parser parser;
	int status;

	/* Known even of a head that is refused: no reply to a HEAD has a body. */
	*out = (struct request){.method =
					is_head(in, len) ? METHOD_HEAD : METHOD_OTHER};
	if (taken <= 0)
		return taken;
	for (len = (size_t)taken; *in == '\r'; in += 2)
		len -= 2;
	status = lines_check(in, len, &fields);
	if (status < 0)
		return status;

	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = &url;
	http_parser_execute(&parser, &settings, in, len);
	if (HTTP_PARSER_ERRNO(&parser) == HPE_INVALID_METHOD)
		return -501;
	if (HTTP_PARSER_ERRNO(&parser) != HPE_OK || !url.at)
		return -400;
	if (fields.coded)
		return -501;

	if (parser.method == HTTP_GET)
		out->method = METHOD_GET;
	else if (parser.method == HTTP_POST)
		out->method = METHOD_POST;
	out->http10 = parser.http_minor == 0;
	out->has_body =
		parser.content_length != 0 && parser.content_length != UINT64_MAX;
	if (out->has_body && (out->method == METHOD_GET || out->method == METHOD_HEAD))
		return -400;
	out->keep_alive = !out->has_body && persists(&fields, out->http10);
	out->path_status = target_parse(url.at, url.len, out);
	return taken;
}
