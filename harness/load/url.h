/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an `http://HOST[:PORT][/PATH]` URL, and the address behind it. */
#ifndef LOAD_URL_H
#define LOAD_URL_H

#include <netinet/in.h>
#include <stdbool.h>

enum { URL_HOST_MAX = 256, URL_PATH_MAX = 2048 };

struct url {
	char host[URL_HOST_MAX];
	char port[8];
	char path[URL_PATH_MAX];
};

/* NULL, or what is wrong with the text. */
const char *url_parse(struct url *url, const char *text);

/* Checks and copies a path alone: "/..." of visible ASCII.  NULL, or what is wrong. */
const char *url_parse_path(struct url *url, const char *text);

bool url_same_server(const struct url *a, const struct url *b);

/* The first IPv4 address of the host.  NULL, or why there is none.  May block (DNS). */
const char *url_resolve(const struct url *url, struct sockaddr_in *address);

#endif
