/* SPDX-License-Identifier: BSD-2-Clause */
/* poller.c - epoll with one-shot watches, and an eventfd(2) to be woken by. */
#include "config.h"

#include "poller.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS = BATCH_MAX };

/* The kernel orders epoll_ctl(2) before the readiness it leads to, but says so nowhere.
 * Hence: pairs with the release in poller_watch. */
static struct stage_event *unwatched(struct stage_event *e)
{
	bool watched =
		atomic_exchange_explicit(&e->watched, false, memory_order_acquire);

	assert(watched);
	(void)watched;
	return e;
}

static int poller_poll(struct stage_source *source, struct stage_event **found, int max)
{
	struct poller *p = (struct poller *)source;
	struct epoll_event events[EVENTS];
	int n = epoll_wait(p->epfd, events, max < EVENTS ? max : EVENTS, -1), used = 0;
	uint64_t woken;

	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr)
			found[used++] = unwatched(events[i].data.ptr);
		else if (read(p->wakefd, &woken, sizeof woken) < 0)
			continue; /* an earlier read took it already */
	}
	return used;
}

static void poller_wake(struct stage_source *source)
{
	const struct poller *p = (const struct poller *)source;
	uint64_t one = 1;
	ssize_t n;

	do
		n = write(p->wakefd, &one, sizeof one);
	while (n < 0 && errno == EINTR);
}

int poller_open(struct poller *p)
{
	struct epoll_event e = {.events = EPOLLIN};
	int err;

	*p = (struct poller){
		.source = {poller_poll, poller_wake},
		.epfd = epoll_create1(EPOLL_CLOEXEC),
		.wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	if (p->epfd >= 0 && p->wakefd >= 0 &&
	    epoll_ctl(p->epfd, EPOLL_CTL_ADD, p->wakefd, &e) == 0)
		return 0;
	err = -errno;
	poller_close(p);
	return err;
}

void poller_close(struct poller *p)
{
	if (p->epfd >= 0)
		close(p->epfd);
	if (p->wakefd >= 0)
		close(p->wakefd);
	p->epfd = p->wakefd = -1;
}

int poller_watch(struct poller *p, int fd, uint32_t events, struct stage_event *event,
		 bool again)
{
	struct epoll_event e = {.events = events | EPOLLONESHOT, .data.ptr = event};
	int op = again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	/* Pairs with the acquire in unwatched. */
	atomic_store_explicit(&event->watched, true, memory_order_release);
	return epoll_ctl(p->epfd, op, fd, &e) < 0 ? -errno : 0;
}
