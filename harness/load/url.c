/* SPDX-License-Identifier: BSD-2-Clause */
/* URLs; see url.h. */
#include "config.h"

#include "harness/load/url.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static const char *port_parse(struct url *url, const char *text, size_t length)
{
	if (length == 0 || length > 5 || strspn(text, "0123456789") < length)
		return "the port is not a number from 1 to 65535";
	memcpy(url->port, text, length);
	url->port[length] = '\0';
	long port = strtol(url->port, NULL, 10);
	if (port < 1 || port > 65535)
		return "the port is not a number from 1 to 65535";
	return NULL;
}

const char *url_parse_path(struct url *url, const char *text)
{
	if (*text != '/')
		return "a path starts with /";
	if (strlen(text) >= sizeof url->path)
		return "the path is too long";
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == '#')
			return "a path has visible ASCII only, and no #";
	snprintf(url->path, sizeof url->path, "%s", text);
	return NULL;
}

static const char udp_scheme[] = "udp://";

bool url_is_udp(const char *text)
{
	return strncasecmp(text, udp_scheme, sizeof udp_scheme - 1) == 0;
}

const char *url_parse_udp(struct url *url, const char *text)
{
	if (!url_is_udp(text))
		return "udp:// URLs stand alone";
	text += sizeof udp_scheme - 1;
	bool ipv6 = *text == '[';
	size_t host = ipv6 ? strcspn(++text, "]") : strcspn(text, ":/?#@");
	const char *end = text + host;
	if (host == 0 || host >= sizeof url->host)
		return "the host is missing or too long";
	if (ipv6 && *end++ != ']')
		return "the address has no closing bracket";
	if (*end++ != ':')
		return "the port is missing";
	*url = (struct url){.udp = true};
	memcpy(url->host, text, host);
	size_t port = strcspn(end, "/");
	const char *wrong = port_parse(url, end, port);
	if (wrong)
		return wrong;
	return strlen(end + port) > 1 ? "a udp:// URL has no path" : NULL;
}

const char *url_parse(struct url *url, const char *text)
{
	static const char scheme[] = "http://";
	if (strncasecmp(text, scheme, sizeof scheme - 1) != 0)
		return url_is_udp(text) ? "a udp:// URL stands alone"
					: "only http:// and udp:// URLs can be loaded";
	text += sizeof scheme - 1;
	size_t authority = strcspn(text, "/?#");
	if (memchr(text, '@', authority) || memchr(text, '[', authority))
		return "user names and IPv6 addresses are not supported";
	size_t host = strcspn(text, ":/?#");
	if (host == 0 || host >= sizeof url->host)
		return "the host is missing or too long";
	for (size_t i = 0; i < host; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return "the host has visible ASCII only";
	memcpy(url->host, text, host);
	url->host[host] = '\0';
	strcpy(url->port, "80");
	if (text[host] == ':') {
		const char *wrong =
			port_parse(url, text + host + 1, authority - host - 1);
		if (wrong)
			return wrong;
	}
	text += authority;
	return url_parse_path(url, *text ? text : "/");
}

bool url_same_server(const struct url *a, const struct url *b)
{
	return strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

const char *url_resolve(const struct url *url, union url_address *address)
{
	struct addrinfo hints = {
		.ai_family = url->udp ? AF_UNSPEC : AF_INET,
		.ai_socktype = url->udp ? SOCK_DGRAM : SOCK_STREAM,
	};
	struct addrinfo *found;
	int error = getaddrinfo(url->host, url->port, &hints, &found);
	if (error)
		return gai_strerror(error);
	memset(address, 0, sizeof *address);
	if (found->ai_addrlen <= sizeof *address)
		memcpy(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return NULL;
}
