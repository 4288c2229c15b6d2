/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.c - runs a program on the virtual kernel: takes a call off the wire, asks the
 * kernel, and says who goes on. */
#include "config.h"

#include "judge.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

/* How often to look whether there still is a program: only that takes so long. */
#define LOOK_NS UINT64_C(20000000)

static bool box_ended(const struct box *box)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)box->keeper, &info, WEXITED | WNOHANG | WNOWAIT) <
		       0 ||
	       info.si_pid != 0;
}

/* Waits for a call; false if the program is gone. */
static bool call_await(struct vk_page *page, const struct box *box)
{
	bool ended = false;

	for (;;) {
		int status = wire_await(&page->whose, WIRE_JUDGE, LOOK_NS);

		if (status == 0 || ended)
			return status == 0;
		ended = box_ended(box);
	}
}

/* Until the kernel knows the outcome, or the program has gone or talks nonsense. */
static void serve(struct kernel *k, struct vk_page *page, const struct box *box)
{
	struct vk_turn turn = {.over = 0};
	struct vk_call call;

	while (!turn.over && call_await(page, box)) {
		call = page->call;
		if (kernel_call(k, &call, &turn) < 0) {
			kernel_died(k, "made a call that is none");
			return;
		}
		page->turn = turn;
		wire_give(&page->whose, WIRE_SUBJECT);
	}
}

static int outcome_of(struct kernel *k, const struct box_plan *plan,
		      const struct box_end *end)
{
	char how[128], text[KERNEL_TEXT_MAX];

	if (k->outcome)
		return 0;
	if (end->how == BOX_WALL)
		return -ETIME;
	box_end_describe(end, &plan->limits, how, sizeof(how));
	snprintf(text, sizeof(text), "ended itself: %.30s", how);
	kernel_died(k, text);
	return 0;
}

int judge_run(struct kernel *k, struct box_plan *plan, char *const argv[])
{
	struct wire wire;
	struct box box;
	struct box_end end;
	const char *settings[2] = {NULL, NULL};
	int status = wire_make(&wire, sizeof(struct vk_page));

	if (status < 0)
		return status;
	/* The subject begins: the kernel waits for its first call. */
	wire_give(&((struct vk_page *)wire.page)->whose, WIRE_SUBJECT);
	settings[0] = wire_setting(&wire);
	plan->settings = settings;
	plan->keep = &wire.fd;
	plan->keeps = 1;
	status = box_start(&box, plan, argv);
	if (status == 0) {
		serve(k, wire.page, &box);
		box_kill(&box);
		status = box_wait(&box, &end);
	}
	wire_leave(&wire);
	return status < 0 ? status : outcome_of(k, plan, &end);
}
