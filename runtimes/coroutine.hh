// SPDX-License-Identifier: BSD-2-Clause
// coroutine.hh - what C++20 leaves to a library: a task, its join, and a loop over
// epoll(7) and timers that resumes what waits.  One kernel thread.  A waiting coroutine
// may be destroyed at any time: what its frame holds is called off and given back.
#ifndef DUALITY_COROUTINE_HH
#define DUALITY_COROUTINE_HH

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>
#include <utility>

extern "C" {
#include "timer_heap.h"
}

#include <sys/epoll.h>

// A coroutine; who holds it may destroy it.  Without a frame: there was no memory for
// it.
struct task {
	struct promise_type;
	struct destroy {
		void operator()(promise_type *p);
	};

	std::unique_ptr<promise_type, destroy> frame;
};

// co_await it: until all tasks begun with it have ended, or one has failed.
struct join {
	void begin(const task &t);

	// Returns who is to run now.
	std::coroutine_handle<> ended(int task_result)
	{
		left--;
		result = task_result;
		return await_ready() ? waiter : std::noop_coroutine();
	}

	bool await_ready() const
	{
		return left == 0 || result < 0;
	}

	void await_suspend(std::coroutine_handle<> h)
	{
		waiter = h;
	}

	int await_resume() const
	{
		return result;
	}

	unsigned left = 0;
	int result = 0;
	std::coroutine_handle<> waiter = std::noop_coroutine();
};

// How a task begins and ends, as the compiler asks for it ([dcl.fct.def.coroutine]).
struct task::promise_type {
	using handle = std::coroutine_handle<promise_type>;

	struct end : std::suspend_always {
		std::coroutine_handle<> await_suspend(handle h) noexcept
		{
			promise_type &p = h.promise();

			if (p.all)
				return p.all->ended(p.result);
			h.destroy();
			return std::noop_coroutine();
		}
	};

	task get_return_object()
	{
		return {std::unique_ptr<promise_type, destroy>(this)};
	}

	static task get_return_object_on_allocation_failure()
	{
		return {};
	}

	std::suspend_always initial_suspend()
	{
		return {};
	}

	end final_suspend() noexcept
	{
		return {};
	}

	void return_value(int value)
	{
		result = value;
	}

	void unhandled_exception()
	{
		std::abort();
	}

	join *all = nullptr; // who is told; nobody: it is its own owner
	int result = 0;
};

inline void task::destroy::operator()(promise_type *p)
{
	promise_type::handle::from_promise(*p).destroy();
}

inline void join::begin(const task &t)
{
	left++;
	if (!t.frame) {
		ended(-ENOMEM);
		return;
	}
	t.frame->all = this;
	task::promise_type::handle::from_promise(*t.frame).resume();
}

// A task that is awaited alone.
struct join_one : join {
	explicit join_one(task t) : only(std::move(t))
	{
		begin(only);
	}

	task only;
};

inline join_one operator co_await(task t)
{
	return join_one(std::move(t));
}

// Let it run and end by itself.  Returns false if there was no memory for it.
inline bool task_release(task t)
{
	task::promise_type *p = t.frame.release();

	if (p)
		task::promise_type::handle::from_promise(*p).resume();
	return p;
}

struct loop {
	// Resume, once each, who waits for what is ready now, then whose time has come;
	// who waits for `last` comes after them.  Blocks until something is.
	void turn(struct descriptor *last);

	int epfd;
	struct timer_heap timers;
};

// co_await it: 0 after ns, or -ENOMEM at once.
struct sleep_for : timer {
	sleep_for(loop &on, uint64_t ns) : timer{timer_now() + ns, 0, resume}, l(on)
	{
	}

	~sleep_for()
	{
		timer_cancel(&l.timers, this);
	}

	bool await_ready() const
	{
		return false;
	}

	bool await_suspend(std::coroutine_handle<> h)
	{
		sleeper = h;
		result = timer_arm(&l.timers, this, due_ns);
		return result == 0;
	}

	int await_resume() const
	{
		return result;
	}

	static void resume(struct timer *t)
	{
		static_cast<sleep_for *>(t)->sleeper.resume();
	}

	loop &l;
	std::coroutine_handle<> sleeper;
	int result = 0;
};

// Destroys a coroutine in ns, unless this object is gone by then.
struct deadline : sleep_for {
	deadline(loop &on, uint64_t ns, std::coroutine_handle<> h) : sleep_for(on, ns)
	{
		expired = destroy;
		await_suspend(h);
	}

	static void destroy(struct timer *t)
	{
		static_cast<deadline *>(t)->sleeper.destroy();
	}
};

// What one coroutine waits for; it must be destroyed with that coroutine.
struct descriptor {
	descriptor(loop &on, int what) : l(on), fd(what)
	{
	}

	// Let epoll know of it.  Returns 0 or -errno.
	int add()
	{
		return control(EPOLL_CTL_ADD, EPOLLIN);
	}

	// It allocates nothing, so it does not fail.
	void watch(uint32_t events)
	{
		if (armed != events && control(EPOLL_CTL_MOD, events) < 0)
			std::abort();
	}

	// co_await d.ready(EPOLLIN)
	auto ready(uint32_t events)
	{
		struct readiness : std::suspend_always {
			explicit readiness(descriptor &of) : d(of)
			{
			}

			void await_suspend(std::coroutine_handle<> h)
			{
				d.owner = h;
				d.waiting = true;
			}

			descriptor &d;
		};

		watch(events);
		return readiness(*this);
	}

	void on_ready(uint32_t events)
	{
		if (std::exchange(waiting, false))
			owner.resume();
		else if (events & (EPOLLHUP | EPOLLERR)) // gone, and told so for ever
			owner.destroy();
		else
			watch(0); // more input while it waits for something else
	}

	int control(int operation, uint32_t events)
	{
		struct epoll_event e = {};

		e.events = armed = events;
		e.data.ptr = this;
		return epoll_ctl(l.epfd, operation, fd, &e) < 0 ? -errno : 0;
	}

	loop &l;
	int fd;
	uint32_t armed = 0;            // the events epoll watches for
	bool waiting = false;          // the coroutine waits for this, not for a timer
	std::coroutine_handle<> owner; // since it first waited
};

inline void loop::turn(struct descriptor *last)
{
	enum { EVENTS = 256 };
	struct epoll_event events[EVENTS];
	uint64_t due = timer_next(&timers), now = due == UINT64_MAX ? 0 : timer_now();
	uint64_t left = due > now ? due - now : 0;
	struct timespec timeout = {(time_t)(left / 1000000000),
				   (long)(left % 1000000000)};
	int n = epoll_pwait2(epfd, events, EVENTS,
			     due == UINT64_MAX ? nullptr : &timeout, nullptr);
	uint32_t last_events = 0;
	struct timer *t;

	for (int i = 0; i < n; i++) {
		auto d = static_cast<descriptor *>(events[i].data.ptr);

		if (d == last)
			last_events = events[i].events;
		else
			d->on_ready(events[i].events);
	}
	while (timers.used && (t = timer_expired(&timers, timer_now())))
		t->expired(t);
	if (last_events)
		last->on_ready(last_events);
}
#endif
