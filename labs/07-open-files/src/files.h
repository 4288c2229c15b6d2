/* SPDX-License-Identifier: BSD-2-Clause */
/* files.h - the open files of all user threads, whichever carrier runs them.  A handle
 * means the same open file on every carrier, as a descriptor does on every thread of a
 * process. */
#ifndef FILES_H
#define FILES_H

#include <sys/types.h>

enum { FILES_MAX = 64 }; /* handles open at once */

/* Once, before the carriers are forked.  0 or -errno. */
int files_init(void);

/* First thing in each carrier.  Whatever it needs for itself (sockets, ...) is open
 * when this returns.  Returns a descriptor that is readable when there is news for this
 * carrier, on which its loop calls files_serve() even if no thread is to run; -1 if
 * there is no such descriptor. */
int files_start(int carrier);

/* Takes notice of what other carriers did; does not wait.  Called by the carrier's loop
 * before it resumes a thread, and when the descriptor above is readable. */
void files_serve(void);

/* Opens as open(2) does.  A handle from 0 to FILES_MAX - 1, or -errno; -EMFILE: all are
 * taken, and the file was not touched.  Nothing stays open or taken if it fails. */
int files_open(const char *path, int flags, mode_t mode);

/* The descriptor that this carrier has for the handle: good until the thread
 * relinquishes.  -EBADF: no such file is open. */
int files_local(int file);

/* Closes the file for all threads.  From now on the handle is -EBADF on every carrier,
 * and each lets go of its descriptor as soon as it is back in its loop.  0 or
 * -EBADF. */
int files_close(int file);

#endif
