/* SPDX-License-Identifier: BSD-2-Clause */
/* host.c - the machine's own counters, by descriptors kept open. */
#include "config.h"

#include "harness/sample/host.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/sample/text.h"

enum { LINE_ROOM = 160, NETSTAT_ROOM = 16384 };

bool host_is_virtual(void)
{
	static char text[1 << 16];
	ssize_t n = text_read(AT_FDCWD, "/proc/cpuinfo", text, sizeof text);

	return n > 0 && strstr(text, " hypervisor") != NULL;
}

int host_open(struct host *h)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	/* Of /proc/stat only the "cpu" lines, which come first; the rest may be long.
	 */
	h->size = (size_t)(cpus < 1 ? 1 : cpus) * LINE_ROOM + NETSTAT_ROOM;
	h->text = malloc(h->size);
	h->stat = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	h->netstat = open("/proc/net/netstat", O_RDONLY | O_CLOEXEC);
	h->snmp = open("/proc/net/snmp", O_RDONLY | O_CLOEXEC);
	if (h->text)
		return 0;
	host_close(h);
	return -ENOMEM;
}

/* "cpuN user nice system idle iowait irq softirq steal ...", in ticks. */
static void add_line(const char *line, double tick_s, const cpu_set_t *set,
		     struct host_cpu *out, int *left)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };
	double field_s[FIELDS];
	char *at;
	unsigned long cpu = strtoul(line, &at, 10);

	if (!CPU_ISSET(cpu, set))
		return;
	for (int i = 0; i < FIELDS; i++) {
		const char *from = at;

		field_s[i] = (double)strtoull(from, &at, 10) * tick_s;
		if (at == from)
			return;
	}
	out->softirq_s += field_s[SOFTIRQ];
	out->idle_s += field_s[IDLE] + field_s[IOWAIT];
	out->steal_s += field_s[STEAL];
	/* With CONFIG_IRQ_TIME_ACCOUNTING interrupts are timed, and each tick is one:
	 * the field grows.  Without it softirqs are seen by ticks and charged to the
	 * task they interrupt; interrupts are never seen (irqtime_account_process_tick
	 * and account_system_time, kernel/sched/cputime.c). */
	bool timed = field_s[IRQ] > 0;
	out->tasks_s += field_s[USER] + field_s[NICE] + field_s[SYSTEM] +
			(timed ? 0 : field_s[SOFTIRQ]);
	out->uncharged_s += timed ? field_s[IRQ] + field_s[SOFTIRQ] : 0;
	(*left)--;
}

static void add_set(const char *text, const cpu_set_t *set, struct host_cpu *out)
{
	double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
	int left = CPU_COUNT(set);

	*out = (struct host_cpu){.softirq_s = 0};
	for (const char *line = text; line && strncmp(line, "cpu", 3) == 0;) {
		if (line[3] != ' ')
			add_line(line + 3, tick_s, set, out, &left);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (left != 0)
		*out = (struct host_cpu){(double)NAN, (double)NAN, (double)NAN,
					 (double)NAN, (double)NAN};
}

void host_cpus(struct host *h, const cpu_set_t *sets, struct host_cpu *out, int n)
{
	if (h->stat < 0 || text_reread(h->stat, h->text, h->size) < 0)
		h->text[0] = '\0';
	for (int i = 0; i < n; i++)
		add_set(h->text, &sets[i], &out[i]);
}

static double column(const char *text, const char *row, const char *name)
{
	uint64_t value;

	return text_column(text, row, name, &value) == 0 ? (double)value : (double)NAN;
}

void host_net(struct host *h, struct host_net *out)
{
	if (h->netstat < 0 || text_reread(h->netstat, h->text, h->size) < 0)
		h->text[0] = '\0';
	out->listen_overflows = column(h->text, "TcpExt:", "ListenOverflows");
	out->listen_drops = column(h->text, "TcpExt:", "ListenDrops");
	if (h->snmp < 0 || text_reread(h->snmp, h->text, h->size) < 0)
		h->text[0] = '\0';
	out->rcvbuf_errors = column(h->text, "Udp:", "RcvbufErrors");
}

void host_close(struct host *h)
{
	const int fd[] = {h->stat, h->netstat, h->snmp};

	for (size_t i = 0; i < sizeof fd / sizeof *fd; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	free(h->text);
}
