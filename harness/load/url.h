/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an `http://HOST[:PORT][/PATH]` or `udp://HOST:PORT` URL, and the address
 * behind it. */
#ifndef LOAD_URL_H
#define LOAD_URL_H

#include <netinet/in.h>
#include <stdbool.h>

enum { URL_HOST_MAX = 256, URL_PATH_MAX = 2048 };

struct url {
	bool udp;
	char host[URL_HOST_MAX];
	char port[8];
	char path[URL_PATH_MAX];
};

union url_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6; /* of a udp:// URL alone */
};

/* Does it begin as one? */
bool url_is_udp(const char *text);

/* NULL, or what is wrong with the text. */
const char *url_parse(struct url *url, const char *text);

/* The same of a `udp://HOST:PORT` URL; HOST may be an IPv6 address in brackets. */
const char *url_parse_udp(struct url *url, const char *text);

/* Checks and copies a path alone: "/..." of visible ASCII.  NULL, or what is wrong. */
const char *url_parse_path(struct url *url, const char *text);

bool url_same_server(const struct url *a, const struct url *b);

/* The first address of the host, of IPv4 unless it is udp://.  NULL, or why there is
 * none. May block (DNS). */
const char *url_resolve(const struct url *url, union url_address *address);

#endif
