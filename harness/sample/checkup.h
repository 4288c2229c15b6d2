/* SPDX-License-Identifier: BSD-2-Clause */
/* checkup.h - duality-doctor's examinations: each tries one thing and says what it
 * found. */
#ifndef DUALITY_SAMPLE_CHECKUP_H
#define DUALITY_SAMPLE_CHECKUP_H

enum { FINDING_ROOM = 192 };

enum verdict { VERDICT_OK, VERDICT_LIMITED, VERDICT_MISSING };

struct finding {
	enum verdict verdict;
	char detail[FINDING_ROOM];
	char fix[FINDING_ROOM]; /* the line that would mend it; for other than ok */
};

__attribute__((format(printf, 3, 4))) void
finding_set(struct finding *f, enum verdict verdict, const char *format, ...);
__attribute__((format(printf, 2, 3))) void finding_fix(struct finding *f,
						       const char *format, ...);

/* Run the sampler twice (without and with the split) over a child of known conduct, for
 * the examinations below. */
void checkup_sample(void);

void checkup_cpu(struct finding *f);
void checkup_switches(struct finding *f);
void checkup_split(struct finding *f);
void checkup_faults(struct finding *f);
void checkup_hardware(struct finding *f);
void checkup_memory(struct finding *f);
void checkup_drops(struct finding *f);
void checkup_kill(struct finding *f);

/* The machine. */
void checkup_steal(struct finding *f);
void checkup_cpus(struct finding *f);
void checkup_clock(struct finding *f);
void checkup_governor(struct finding *f);
void checkup_files(struct finding *f);
void checkup_tasks(struct finding *f);
void checkup_maps(struct finding *f);
void checkup_backlog(struct finding *f);
void checkup_uring(struct finding *f);
void checkup_strace(struct finding *f);
void checkup_cachegrind(struct finding *f);
void checkup_gnuplot(struct finding *f);
#endif
