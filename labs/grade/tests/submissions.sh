# SPDX-License-Identifier: BSD-2-Clause
# submissions.sh - what students hand in for lab 99, and what it is worth.
# shellcheck shell=sh disable=SC2154
: >scores

# submission NAME SCORE: a right one, to be spoilt; its score.
submission()
{
	name=$1
	mkdir -p "in/$name"
	cp "$here/labs/99-sum/src/sum.c" "$here/labs/99-sum/src/check.sh" \
		"$here/labs/99-sum/src/answers.txt" "in/$name"
	echo "$name $2" >>scores
}

# program NAME SCORE: sum.c is standard input.
program()
{
	submission "$1" "$2"
	cat >"in/$1/sum.c"
}

# behaving NAME SCORE: on standard input, what main() does before it sums rightly.
behaving()
{
	submission "$1" "$2"
	{
		cat <<-'END'
			#define _GNU_SOURCE
			#include <fcntl.h>
			#include <pthread.h>
			#include <sched.h>
			#include <signal.h>
			#include <stdlib.h>
			#include <string.h>
			#include <sys/mount.h>
			#include <sys/prctl.h>
			#include <sys/ptrace.h>
			#include <unistd.h>
			#include "given/print.h"
			static int small(char **argv) { return argv[1] && strcmp(argv[1], "1") == 0; }
			static int wrong;
			static void behave(char **argv)
			{
				(void)small(argv);
		END
		cat
		cat <<-'END'
			}
			int main(int argc, char **argv)
			{
				long sum = 0;
				behave(argv);
				while (--argc > 0) sum += atol(argv[argc]);
				sum_print(wrong ? -1 : sum);
				return 0;
			}
		END
	} >"in/$1/sum.c"
}

few_make()
{
	submission right 105
	behaving loop 85 <<-'END'
		while (small(argv)) continue;
	END
	behaving fork-bomb 40 <<-'END'
		for (;;) fork();
	END
	behaving memory-bomb 40 <<-'END'
		for (;;) memset(malloc(1 << 20), 1, 1 << 20);
	END
	program constructor 40 <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		/* += */
		__attribute__((constructor)) static void first(void)
		{
			puts("PASS"); puts("ok 1"); fflush(stdout); _Exit(0);
		}
		int main(void) { return 0; }
	END
	# Of which the given code would be called.
	program library 10 <<-'END'
		#include "given/print.h"
		/* += */
		int printf(const char *format, ...) { return puts(format); }
		int main(void) { sum_print(0); return 0; }
	END
	behaving peeper 40 <<-END
		static const char *const secrets[] = {"../tests/hidden/own.sh",
			"tests/hidden/own.sh", "$here/labs/99-sum/tests/hidden/own.sh",
			"$here/labs/99-sum/lab.json", "$here/in/right/sum.c", "$here/scores"};
		wrong = 1;
		for (int i = 0; i < 6; i++)
			if (open(secrets[i], O_RDONLY) >= 0) wrong = 0;
	END
	submission link 30
	ln -sf "$here/labs/99-sum/src/sum.c" in/link/sum.c
	submission broken 10
	echo 'int main(' >in/broken/sum.c
	mkdir -p in/empty
	echo "empty 0" >>scores
	submission sparse 30
	rm in/sparse/sum.c && truncate -s 1G in/sparse/sum.c
	behaving killer 105 <<-'END'
		kill(-1, SIGKILL);
		kill(getppid(), SIGKILL);
	END
}

# Mutants and more mischief.
many_make()
{
	few_make
	submission alternative 105
	cp "$here/labs/99-sum/alternative/sum.c" in/alternative
	submission starter 0
	LAB_DIR=$here/labs/99-sum engine/lab-tree starter in/starter
	for mutant in off:40 abs:95 three:65 first:45 loud:40; do
		submission "mutant-${mutant%:*}" "${mutant#*:}"
		patch -s -p1 -d "in/mutant-${mutant%:*}" <"labs/99-sum/mutants/${mutant%:*}.patch"
	done
	behaving sleeper 85 <<-'END'
		while (small(argv)) pause();
	END
	behaving threads-bomb 40 <<-'END'
		pthread_t thread;
		for (;;) pthread_create(&thread, NULL, (void *(*)(void *))pause, NULL);
	END
	behaving crash 40 <<-'END'
		raise(SIGSEGV);
	END
	behaving status 40 <<-'END'
		printf("3\n"); exit(1);
	END
	behaving noise 40 <<-'END'
		for (;;) write(1, "\377\0\033[31m", 8);
	END
	behaving daemon 105 <<-'END'
		if (fork() == 0) {
			setsid();
			prctl(PR_SET_NAME, "lab99-daemon");
			if (fork() == 0) for (;;) pause();
			for (;;) pause();
		}
	END
	behaving writer 105 <<-END
		static const char *const names[] = {"escaped", "../escaped", "$here/escaped",
			"$here/in/right/escaped", "$here/labs/99-sum/escaped", "$HOME/escaped",
			"/tmp/lab99-escaped", "/var/tmp/lab99-escaped", "/dev/shm/lab99-escaped"};
		for (int i = 0; i < 9; i++) close(open(names[i], O_WRONLY | O_CREAT, 0666));
	END
	behaving climber 105 <<-'END'
		unshare(CLONE_NEWUSER | CLONE_NEWNS);
		mount("none", "/etc", "tmpfs", 0, NULL);
		chroot("..");
		ptrace(PTRACE_SEIZE, 1, NULL, NULL);
		setuid(0);
		sethostname("lab99", 5);
	END
	behaving file-bomb 40 <<-'END'
		static char much[1 << 20];
		int fd = open("/tmp/much", O_WRONLY | O_CREAT, 0666);
		for (;;) write(fd, much, sizeof(much));
	END
	program compile-bomb 10 <<-'END'
		char much[1 << 30] = {1};
		int main(int n, char **argv) { return argv[0][0] + much[n]; }
	END
	program include-hidden 10 <<-END
		#include "$here/labs/99-sum/tests/hidden/challenge.c"
	END
	submission fifo 30
	rm in/fifo/sum.c && mkfifo in/fifo/sum.c
	submission folder 30
	rm in/folder/sum.c && mkdir in/folder/sum.c
	submission link-folder 105
	ln -s /etc in/link-folder/extra
	submission link-answers 95
	ln -sf "$here/labs/99-sum/src/answers.txt" in/link-answers/answers.txt
	submission evil-makefile 105
	printf 'sum:\n\ttouch %s/escaped\n' "$here" >in/evil-makefile/Makefile
	submission huge-extra 105
	mkdir in/huge-extra/extra && truncate -s 1G in/huge-extra/extra/huge
	submission check-loop 85
	echo 'while :; do :; done' >in/check-loop/check.sh
	submission check-never 85
	echo 'exit 1' >in/check-never/check.sh
	submission check-always 95
	echo 'exit 0' >in/check-always/check.sh
	submission answers 95
	echo 'six = 43' >in/answers/answers.txt
	submission "odd, name" 105
	mkdir -p in/below/lab-99
	cp in/right/* in/below/lab-99
	echo "below 105" >>scores
	ln -s right in/a-link
	echo text >in/a-file
}

# wanted_table: as grades.csv has the names and scores.
wanted_table()
{
	sed 's/^\(.*\) \([0-9]*\)$/\1\t\2/' scores | LC_ALL=C sort
}

# table_made OUT: names and scores of its grades.csv, parted by a tab.
table_made()
{
	sed 1d "$1/grades.csv" | sed 's/^"\(.*\)",\([^,]*\),.*/\1\t\2/; s/^\([^"\t,]*\),\([^,]*\),.*/\1\t\2/' |
		LC_ALL=C sort
}
