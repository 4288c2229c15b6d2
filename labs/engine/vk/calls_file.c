/* SPDX-License-Identifier: BSD-2-Clause */
/* calls_file.c - descriptors, devices that take their time, and streams whose bytes
 * arrive as the scenario says.  A read of a device that would not block begins to
 * fetch: the next one has it. */
#include "config.h"

#include "kernel.h"

#include <errno.h>
#include <string.h>

static struct opened *opened_of(struct kernel *k, const struct thread *t)
{
	int fd = t->call.object;
	int at = fd < 0 || fd >= VK_FILES_MAX ? -1 : k->process[t->process].fd[fd];

	if (at < 0)
		return NULL;
	k->opened[at].told = false;
	return &k->opened[at];
}

static int opened_id(const struct kernel *k, const struct opened *o)
{
	return (int)(o - k->opened);
}

static void bad_descriptor(struct kernel *k, struct thread *t)
{
	k->bad_descriptors++;
	kernel_done(k, t, -EBADF);
}

static int file_named(const struct kernel *k, const struct vk_call *call)
{
	for (int i = 0; i < k->scenario->files; i++)
		if (strlen(k->file[i].name) == call->size &&
		    !memcmp(k->file[i].name, call->data, call->size))
			return i;
	return -1;
}

static int64_t open_it(struct kernel *k, struct process *p, const struct vk_call *call)
{
	int file = file_named(k, call), at = 0, fd = 0;

	while (at < KERNEL_OPENED_MAX &&
	       (k->opened[at].refs > 0 || k->opened[at].fetching))
		at++;
	while (fd < VK_FILES_MAX && p->fd[fd] >= 0)
		fd++;
	if (file < 0)
		return -ENOENT;
	if (at == KERNEL_OPENED_MAX || fd == VK_FILES_MAX)
		return at == KERNEL_OPENED_MAX ? -ENFILE : -EMFILE;
	k->opened[at] = (struct opened){.file = file, .refs = 1};
	p->fd[fd] = at;
	return fd;
}

void call_open(struct kernel *k, struct thread *t)
{
	kernel_progress(k);
	kernel_done(k, t, open_it(k, &k->process[t->process], &t->call));
}

void call_close(struct kernel *k, struct thread *t)
{
	struct opened *o = opened_of(k, t);

	if (!o) {
		bad_descriptor(k, t);
		return;
	}
	k->process[t->process].fd[t->call.object] = -1;
	o->refs--;
	kernel_progress(k);
	kernel_done(k, t, 0);
}

void file_close_all(struct kernel *k, struct process *p)
{
	for (int fd = 0; fd < VK_FILES_MAX; fd++)
		if (p->fd[fd] >= 0) {
			k->opened[p->fd[fd]].refs--;
			k->unclosed++;
			p->fd[fd] = -1;
		}
}

/* --- reading -----------------------------------------------------------------------
 */

bool file_ready(const struct kernel *k, const struct opened *o)
{
	const struct file *f = &k->file[o->file];

	if (f->stream)
		return o->offset < f->size || f->finished;
	return !f->takes || o->fetched;
}

static int64_t copy_out(struct kernel *k, struct thread *t, struct opened *o)
{
	const struct file *f = &k->file[o->file];
	size_t n = f->size - o->offset;

	if (n > t->call.size)
		n = t->call.size;
	memcpy(t->turn.data, f->data + o->offset, n);
	t->turn.size = (uint32_t)n;
	o->offset += n;
	return (int64_t)n;
}

void call_read(struct kernel *k, struct thread *t)
{
	struct opened *o = opened_of(k, t);

	if (!o) {
		bad_descriptor(k, t);
	} else if (k->file[o->file].stream && !file_ready(k, o)) {
		kernel_block(k, t, WAIT_STREAM, opened_id(k, o));
	} else if (k->file[o->file].takes && !o->fetched) {
		kernel_block(k, t, WAIT_TIMER, opened_id(k, o));
		kernel_timer(k, k->file[o->file].takes, TIMER_THREAD,
			     kernel_thread_id(k, t));
	} else {
		o->fetched = false;
		kernel_progress(k);
		kernel_done(k, t, copy_out(k, t, o));
	}
}

static void would_block(struct kernel *k, struct thread *t, struct opened *o)
{
	const struct file *f = &k->file[o->file];

	notes_want(k, t->process, VK_READABLE, opened_id(k, o));
	if (!f->stream && !o->fetching) {
		o->fetching = true;
		kernel_timer(k, f->takes, TIMER_FETCH, opened_id(k, o));
		kernel_progress(k);
	}
	kernel_done(k, t, -EWOULDBLOCK);
}

void call_nb_read(struct kernel *k, struct thread *t)
{
	struct opened *o = opened_of(k, t);

	if (!o) {
		bad_descriptor(k, t);
		return;
	}
	if (!file_ready(k, o)) {
		would_block(k, t, o);
		return;
	}
	o->fetched = false;
	kernel_progress(k);
	kernel_done(k, t, copy_out(k, t, o));
}

void file_fetched(struct kernel *k, int opened)
{
	k->opened[opened].fetching = false;
	if (k->opened[opened].refs == 0)
		return;
	k->opened[opened].fetched = true;
	kernel_say(k, "%s has been read", k->file[k->opened[opened].file].name);
	notes_tell(k, VK_READABLE, opened, true);
}

/* --- streams -----------------------------------------------------------------------
 */

static void stream_changed(struct kernel *k, int file)
{
	for (int at = 0; at < KERNEL_OPENED_MAX; at++) {
		struct opened *o = &k->opened[at];
		struct thread *t;

		if (o->refs == 0 || o->file != file)
			continue;
		while (file_ready(k, o) && (t = kernel_waiter(k, WAIT_STREAM, at)))
			kernel_wake(k, t, copy_out(k, t, o));
		if (file_ready(k, o))
			notes_tell(k, VK_READABLE, at, true);
	}
}

void file_arrive(struct kernel *k, int file, const char *text)
{
	struct file *f = &k->file[file];
	size_t n = strlen(text);

	if (n > sizeof(f->data) - f->size)
		n = sizeof(f->data) - f->size;
	memcpy(f->data + f->size, text, n);
	f->size += n;
	kernel_say(k, "%zu bytes arrive on %s", n, f->name);
	stream_changed(k, file);
}

void file_finish(struct kernel *k, int file)
{
	k->file[file].finished = true;
	kernel_say(k, "%s ends", k->file[file].name);
	stream_changed(k, file);
}

/* --- writing -----------------------------------------------------------------------
 */

/* Appends: what several write comes in the order in which the device gets done. */
static int64_t append(struct kernel *k, struct thread *t, int file)
{
	struct file *f = &k->file[file];
	size_t n = t->call.size;

	if (n > sizeof(f->data) - f->size)
		return -ENOSPC;
	memcpy(f->data + f->size, t->call.data, n);
	f->size += n;
	return (int64_t)n;
}

void call_write(struct kernel *k, struct thread *t)
{
	struct opened *o = opened_of(k, t);

	if (!o) {
		bad_descriptor(k, t);
	} else if (k->file[o->file].stream) {
		kernel_done(k, t, -EINVAL);
	} else if (k->file[o->file].takes) {
		kernel_block(k, t, WAIT_TIMER, opened_id(k, o));
		kernel_timer(k, k->file[o->file].takes, TIMER_THREAD,
			     kernel_thread_id(k, t));
	} else {
		kernel_progress(k);
		kernel_done(k, t, append(k, t, o->file));
	}
}

void file_io_done(struct kernel *k, struct thread *t)
{
	struct opened *o = &k->opened[t->object < 0 ? 0 : t->object];

	if (t->call.op == VK_OP_SLEEP) {
		kernel_wake(k, t, 0);
		return;
	}
	kernel_wake(k, t,
		    t->call.op == VK_OP_WRITE ? append(k, t, o->file)
					      : copy_out(k, t, o));
}
