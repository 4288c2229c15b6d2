/* SPDX-License-Identifier: BSD-2-Clause */
/* client.h - one plain blocking HTTP client connection, for checks that are not about
 * bytes. */
#ifndef DUALITY_CLIENT_H
#define DUALITY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { CLIENT_PATIENCE_S = 30 };

/* Connect to this port of subject_address.  Returns a descriptor or -errno. */
int client_open(uint16_t port);

/* Send a request for this path; `fields` are further header lines ("" for none). */
bool client_ask(int fd, const char *path, const char *fields);

/* Read one reply: its body goes to body (NUL-terminated, cut to size).  Returns the
 * status, 0 at the end of the stream, or -errno (-EAGAIN: nothing within the client's
 * patience). */
int client_reply(int fd, char *body, size_t size);

/* The same; *closes: the reply says that the connection ends with it. */
int client_reply_last(int fd, char *body, size_t size, bool *closes);

/* Open, ask, read, close: the status, or as client_reply and client_open. */
int client_get(uint16_t port, const char *path, char *body, size_t size);

/* Wait at most this long for something to read (or the end). */
bool client_wait(int fd, int milliseconds);

/* Close with a reset instead of a FIN. */
void client_reset(int fd);
#endif
