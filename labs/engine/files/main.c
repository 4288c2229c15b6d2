/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - lab-files [--program FILE] [--again COMMAND] SCRIPT: plays a script against
 * the carriers of lab 7, in a box, and judges by what the kernel says of them.  Exit
 * status: enum verdict of play.h. */
#include "config.h"

#include "play.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void usage(FILE *to)
{
	fprintf(to,
		"usage: lab-files [--program FILE] [--again COMMAND] SCRIPT\n"
		"Plays a script of lab 7 against FILE (./carriers).  0: all was as the "
		"script expects; 1: not;\n"
		"2: not a script; 77: this machine does not let us look.\n");
}

/* A fresh folder, which the carriers may write whatever user they are. */
static int folder_make(struct play *play)
{
	const char *scratch = getenv("LAB_SCRATCH"), *temp = getenv("TMPDIR");

	if (scratch == NULL)
		scratch = temp != NULL ? temp : "/tmp";
	if (snprintf(play->folder, sizeof(play->folder), "%s/files-XXXXXX", scratch) >=
	    (int)sizeof(play->folder))
		return -ENAMETOOLONG;
	if (mkdtemp(play->folder) == NULL)
		return -errno;
	play->folder_fd = open(play->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (play->folder_fd < 0 || fchmod(play->folder_fd, 0777) < 0)
		return -errno;
	return 0;
}

static void folder_remove(struct play *play)
{
	DIR *folder = fdopendir(play->folder_fd);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		unlinkat(play->folder_fd, entry->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	rmdir(play->folder);
}

static enum verdict start_explain(struct play *play, int error)
{
	char how[128];

	if (error == -EDEADLK)
		return play_fail(
			play, NULL,
			"all sleep, and not every carrier said that it is ready");
	if (error == -ECHILD)
		error = subject_end(&play->subject, how, sizeof(how));
	if (error < 0)
		return play_broken(play->program, error);
	return play_fail(play, NULL,
			 "it ended before every carrier said that it is ready (%s)",
			 how);
}

static enum verdict carriers_check(struct play *play)
{
	for (int i = 0; i < CARRIERS; i++) {
		long result = play->subject.answer[i].result;

		if (result < -1)
			return play_fail(play, NULL, "files_start(%d) returned %s", i,
					 strerrorname_np((int)-result));
	}
	return distinct_check(play, NULL);
}

/* How many descriptors each carrier begins with. */
static enum verdict start_note(struct play *play)
{
	int error = -ECHILD;

	if (subject_settle(&play->subject) == SUBJECT_ASLEEP)
		error = tables_read(&play->tables, play->subject.carrier, NULL, 0);
	if (error < 0)
		return error == -ECHILD ? start_explain(play, error)
					: play_broken("the carriers' tables", error);
	memcpy(play->at_start, play->tables.count, sizeof(play->at_start));
	return PASS;
}

static enum verdict play_all(struct play *play)
{
	enum verdict verdict;
	int error = subject_start(&play->subject, play->program, play->folder);

	if (error < 0)
		return start_explain(play, error);
	verdict = carriers_check(play);
	if (verdict == PASS)
		verdict = start_note(play);
	if (verdict == PASS)
		verdict = play_lines(play, 0, play->script.lines);
	if (verdict == PASS)
		verdict = distinct_check(play, NULL);
	return verdict;
}

static enum verdict judge(const char *program, const char *path)
{
	struct play *play = calloc(1, sizeof(*play));
	char why[256], whole[PATH_MAX];
	enum verdict verdict;
	int error;

	if (play == NULL)
		return play_broken("judge", -ENOMEM);
	if (realpath(program, whole) == NULL) {
		fprintf(stderr, "lab-files: %s: %s\n", program, strerror(errno));
		free(play);
		return BAD_SCRIPT;
	}
	play->program = whole;
	error = script_read(&play->script, path, why, sizeof(why));
	if (error == -EINVAL)
		fprintf(stderr, "%s\n", why);
	else if (error < 0)
		fprintf(stderr, "lab-files: %s: %s\n", path, strerror(-error));
	if (error < 0) {
		free(play);
		return BAD_SCRIPT;
	}
	error = folder_make(play);
	verdict = error < 0 ? play_broken(play->folder, error) : play_all(play);
	if (play->subject.running)
		subject_end(&play->subject, why, sizeof(why));
	if (error == 0)
		folder_remove(play);
	script_free(&play->script);
	free(play);
	return verdict;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"program", required_argument, NULL, 'p'},
		{"again", required_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{0}};
	const char *program = "./carriers", *again = NULL;
	enum verdict verdict;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'p') {
			program = optarg;
		} else if (option == 'a') {
			again = optarg;
		} else {
			usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? PASS : BAD_SCRIPT;
		}
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return BAD_SCRIPT;
	}
	verdict = judge(program, argv[optind]);
	if (verdict == FAIL && again != NULL)
		printf("again: %s\n", again);
	else if (verdict == FAIL)
		printf("again: make try SCRIPT=%s\n", argv[optind]);
	if (fflush(stdout) != 0)
		return BROKEN;
	return (int)verdict;
}
