/* SPDX-License-Identifier: BSD-2-Clause */
/* program.c - starts the program in a box, and hands its children in and out of lanes.
 * Nothing that stands in the page is believed: it is copied, and then looked at. */
#include "config.h"

#include "program.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_NS = 50000000, CPU_S = 600, WALL_S = 1200 };

/* Is the box gone, and with it all children? */
static bool program_gone(const struct program *p)
{
	siginfo_t is = {0};

	return waitid(P_PID, (id_t)p->box.keeper, &is, WEXITED | WNOHANG | WNOWAIT) <
		       0 ||
	       is.si_pid != 0;
}

/* The judge's turn, or -ECHILD if nobody is left to give it. */
static int turn_await(struct program *p, struct wire_turn *turn)
{
	for (;;) {
		int status = wire_await(turn, WIRE_JUDGE, LOOK_NS);

		if (status == 0 || (status != -ETIMEDOUT && status != -EINTR))
			return status;
		if (program_gone(p))
			return -ECHILD;
	}
}

/* Text of the subject's: ends, and is printable. */
static void text_clean(char text[PAGE_TEXT])
{
	text[PAGE_TEXT - 1] = 0;
	for (char *c = text; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
}

static int header_take(struct program *p)
{
	const struct page *page = p->page;

	p->threads = page->threads;
	p->ranges = page->ranges;
	if (page->magic != PAGE_MAGIC || p->threads < 1 ||
	    p->threads > WEAVE_THREADS_MOST || p->ranges > PAGE_RANGES)
		return -EPROTO;
	p->finishes = page->finishes;
	for (uint32_t i = 0; i < p->threads; i++) {
		p->may_sleep[i] = page->may_sleep[i];
		memcpy(p->name[i], page->name[i], PAGE_TEXT);
		text_clean(p->name[i]);
	}
	strcpy(p->name[p->threads], "finish");
	for (uint32_t i = 0; i < p->ranges; i++) {
		p->range[i] = page->range[i];
		text_clean(p->range[i].name);
	}
	return 0;
}

static int box_open(struct program *p, char *const argv[])
{
	const char *const settings[2] = {wire_setting(&p->wire)};
	struct box_plan plan;

	box_plan_init(&plan);
	plan.limits.cpu_s = CPU_S;
	plan.limits.wall_s = WALL_S;
	plan.limits.processes = 4 * PAGE_LANES;
	p->limits = plan.limits;
	plan.settings = settings;
	plan.keep = &p->wire.fd;
	plan.keeps = 1;
	plan.in = plan.out = -1;
	return box_start(&p->box, &plan, argv);
}

int program_start(struct program *p, char *const argv[], struct box_end *end)
{
	int status = wire_make(&p->wire, sizeof *p->page);

	if (status < 0)
		return status;
	p->page = p->wire.page;
	atomic_store(&p->page->turn.side, WIRE_SUBJECT);
	status = box_open(p, argv);
	if (status < 0)
		return status;
	p->started = true;
	status = turn_await(p, &p->page->turn);
	if (status == 0)
		return header_take(p);
	if (status != -ECHILD)
		return status;
	p->started = false;
	status = box_wait(&p->box, end);
	return status < 0 ? status : -ECHILD;
}

void program_end(struct program *p)
{
	struct box_end end;

	if (p->started) {
		box_kill(&p->box);
		box_wait(&p->box, &end);
	}
	p->started = false;
	wire_leave(&p->wire);
}

static bool op_holds(const struct op *op, bool asked)
{
	if (op->kind == OP_NONE || op->kind >= OP_KINDS ||
	    asked != (op->kind < OP_WRITE) || op->order > 5 || op->order_failed > 5)
		return false;
	switch (op->kind) {
	case OP_FENCE:
	case OP_PAUSE:
	case OP_INPUT:
	case OP_AGAIN:
	case OP_MORE:
	case OP_DONE:
	case OP_DIED:
	case OP_OBSERVE:
	case OP_FAILED:
		return true;
	case OP_READ:
	case OP_WRITE:
		return op->size >= 1 && op->at % 8 + op->size <= 8;
	default:
		return op->size == 1 || op->size == 2 || op->size == 4 || op->size == 8;
	}
}

/* What a child says, once it is the judge's turn. */
static int told_take(struct program *p, struct lane *lane, struct told *told)
{
	int status = turn_await(p, &lane->turn);

	if (status < 0)
		return status;
	told->ops = lane->ops;
	told->trail = lane->trail;
	if (told->ops > PAGE_OPS)
		return -EPROTO;
	memcpy(told->op, lane->op, told->ops * sizeof told->op[0]);
	if (lane->died) {
		told->ops = 1;
		told->op[0] = (struct op){.kind = OP_DIED, .value = lane->died - 1};
	}
	for (uint32_t i = 0; i < told->ops; i++) {
		struct op *op = &told->op[i];

		if (!op_holds(op, i + 1 == told->ops))
			return -EPROTO;
		text_clean(op->text);
	}
	return told->ops ? 0 : -EPROTO;
}

int program_continue(struct program *p, uint32_t node, uint64_t answer,
		     struct told *told, uint32_t *lane)
{
	for (uint32_t i = 0; i < PAGE_LANES; i++) {
		struct lane *l = &p->page->lane[i];

		if (!p->child[i].alive || p->child[i].node != node)
			continue;
		p->child[i].alive = false;
		*lane = i;
		l->answer = answer;
		wire_give(&l->turn, WIRE_SUBJECT);
		return told_take(p, l, told);
	}
	return -ENOENT;
}

/* A lane for a new child: an empty one, or that which has not been used for longest. */
static int lane_free(struct program *p, uint32_t *lane)
{
	struct lane *l;

	*lane = 0;
	for (uint32_t i = 0; i < PAGE_LANES; i++)
		if (p->child[i].used < p->child[*lane].used)
			*lane = i;
	l = &p->page->lane[*lane];
	if (!p->child[*lane].alive)
		return 0;
	p->child[*lane].alive = false;
	l->leave = 1;
	wire_give(&l->turn, WIRE_SUBJECT);
	return turn_await(p, &l->turn);
}

int program_begin(struct program *p, uint32_t thread, const uint64_t *answers,
		  uint32_t n, struct told *told, uint32_t *lane)
{
	int status = lane_free(p, lane);
	struct lane *l = &p->page->lane[*lane];

	if (status < 0)
		return status;
	l->thread = thread;
	l->died = l->ops = 0;
	l->trail = 0;
	l->answers = n;
	memcpy(l->old, answers, n * sizeof *answers);
	atomic_store(&l->turn.side, WIRE_SUBJECT);
	p->page->start = *lane;
	wire_give(&p->page->turn, WIRE_SUBJECT);
	status = turn_await(p, &p->page->turn);
	return status < 0 ? status : told_take(p, l, told);
}

void program_stands(struct program *p, uint32_t lane, uint32_t node)
{
	p->child[lane].alive = true;
	p->child[lane].node = node;
	p->child[lane].used = ++p->uses;
}

const char *program_name_of(const struct program *p, uint64_t at, uint64_t *into)
{
	for (uint32_t i = 0; i < p->ranges; i++) {
		const struct range *range = &p->range[i];

		*into = at - range->at;
		if (*into < range->size && range->name[0])
			return range->name;
	}
	return NULL;
}

bool program_unwritten(const struct program *p, uint64_t at, uint64_t size)
{
	for (uint32_t i = 0; i < p->ranges; i++) {
		const struct range *range = &p->range[i];

		if (!range->name[0] && at < range->at + range->size &&
		    range->at < at + size)
			return true;
	}
	return false;
}
