/* SPDX-License-Identifier: BSD-2-Clause */
/* duality-agent over loopback: well-behaved clients, and the others.  What is waited
 * for comes, or the test hangs until its alarm; nothing is asserted of how soon. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LIFE_S = 120, CLIENTS = 64, FLOOD = 8 << 20, WINDOW_MS = 60 };

static const char greeting[] = "100 IPBENCH V1.0\n";

struct agent_process {
	pid_t pid;
	uint16_t port;
};

static void agent_start(struct agent_process *agent, const char *silence_s)
{
	char path[4096], line[64] = "";
	int ready[2];
	snprintf(path, sizeof path, "%s/harness/duality-agent",
		 getenv("DUALITY_BUILD") ? getenv("DUALITY_BUILD") : ".");
	assert_int_equal(pipe(ready), 0);
	agent->pid = fork();
	assert_true(agent->pid >= 0);
	if (agent->pid == 0) {
		prctl(PR_SET_PDEATHSIG,
		      SIGKILL); /* where a test fails before its end */
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		execl(path, path, "--port", "0", "--silence", silence_s, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	FILE *in = fdopen(ready[0], "r");
	assert_non_null(fgets(line, sizeof line, in));
	fclose(in);
	assert_int_equal(strncmp(line, "ready 127.0.0.1:", 16), 0);
	agent->port = (uint16_t)strtol(line + 16, NULL, 10);
}

/* SIGTERM, whatever goes on, ends it with status 0. */
static void agent_end(const struct agent_process *agent)
{
	int status;
	assert_int_equal(kill(agent->pid, SIGTERM), 0);
	assert_int_equal(waitpid(agent->pid, &status, 0), agent->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int client_open(const struct agent_process *agent)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(agent->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	ssize_t sent = send(fd, text, strlen(text), MSG_NOSIGNAL);
	assert_int_equal(sent, (ssize_t)strlen(text));
}

static void hear(int fd, const char *expected)
{
	char text[256];
	size_t length = strlen(expected);
	assert_int_equal(recv(fd, text, length, MSG_WAITALL), (ssize_t)length);
	assert_memory_equal(text, expected, length);
}

/* Nothing more, and the agent's side is shut. */
static void hear_end(int fd)
{
	char byte;
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static void sleep_ms(long wait_ms)
{
	struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
	while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
		continue;
}

static void prepare(int fd)
{
	hear(fd, greeting);
	say(fd, "HELLO\n");
	hear(fd, "200 OK (Ready to go)\n");
	say(fd, "LOAD cpu_target_lukem\n");
	hear(fd, "200 OK\n");
	say(fd, "SETUP args::\"\"\n");
	hear(fd, "200 OK\n");
}

/* START has no answer, but what comes after it has: an agent that is kept from its CPU
 * begins late. */
static void window_open(int fd)
{
	say(fd, "START\nHELLO\n");
	hear(fd, "200 OK (Ready to go)\n");
}

/* The data come in one piece, as ipbench takes them: head, numbers, NUL; then nothing.
 */
static void data_hear(int fd)
{
	static const char head[] = "220 VALID DATA (Data to follow)\nContent-length: ";
	char text[256];
	unsigned long long idle, total;
	int data, numbers;
	ssize_t length = recv(fd, text, sizeof text - 1, 0);
	assert_true(length > (ssize_t)sizeof head);
	text[length] = '\0';
	assert_memory_equal(text, head, sizeof head - 1);
	assert_int_equal(sscanf(text + sizeof head - 1, "%d%n", &data, &numbers), 1);
	const char *content = text + sizeof head - 1 + numbers + 1;
	assert_int_equal(text + length - content, data);
	assert_int_equal(strlen(content) + 1, data);
	assert_int_equal(sscanf(content, ",%llu,%llu%n", &idle, &total, &numbers), 2);
	assert_int_equal(numbers + 1, data);
	assert_true(total >= WINDOW_MS * UINT64_C(1000000));
	assert_true(idle <= total);
	hear_end(fd);
}

static void test_dialogue(void **unused)
{
	struct agent_process agent;
	(void)unused;
	agent_start(&agent, "60");
	int fd = client_open(&agent);
	prepare(fd);
	window_open(fd);
	sleep_ms(WINDOW_MS);
	say(fd, "STOP\n");
	data_hear(fd);
	say(fd, "QUIT\n"); /* as ipbench does, and not a reset */
	close(fd);
	agent_end(&agent);
}

/* A byte at a time, while another client is served whole. */
static void test_slow(void **unused)
{
	static const char words[] = "HELLO\nLOAD cpu_target_lukem\nSETUP args::\"\"\n";
	struct agent_process agent;
	(void)unused;
	agent_start(&agent, "60");
	int slow = client_open(&agent);
	int other = client_open(&agent);
	hear(other, greeting);
	for (size_t i = 0; i < sizeof words - 1; i++) {
		char byte[2] = {words[i], '\0'};
		say(slow, byte);
		say(other, "HELLO\n");
		hear(other, "200 OK (Ready to go)\n");
	}
	hear(slow, greeting);
	hear(slow, "200 OK (Ready to go)\n200 OK\n200 OK\n");
	close(slow);
	close(other);
	agent_end(&agent);
}

/* Two windows at once, and a third whose client is gone before its end. */
static void test_windows_apart(void **unused)
{
	struct agent_process agent;
	struct linger reset = {1, 0};
	int fd[3];
	(void)unused;
	agent_start(&agent, "60");
	for (int i = 0; i < 3; i++) {
		fd[i] = client_open(&agent);
		prepare(fd[i]);
		window_open(fd[i]);
	}
	setsockopt(fd[2], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd[2]);
	sleep_ms(WINDOW_MS);
	say(fd[0], "STOP\n");
	data_hear(fd[0]);
	say(fd[1], "STOP\n");
	data_hear(fd[1]);
	close(fd[0]);
	close(fd[1]);
	agent_end(&agent);
}

static void test_garbage(void **unused)
{
	struct agent_process agent;
	char text[300];
	(void)unused;
	agent_start(&agent, "60");
	int fd = client_open(&agent);
	hear(fd, greeting);
	say(fd, "STOP\n");
	hear(fd, "400 ERROR\n");
	say(fd, "\xff\xfe\r\n");
	hear(fd, "400 ERROR\n");
	memset(text, 'A', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	say(fd, text);
	hear(fd, "400 ERROR\n");
	hear_end(fd);
	close(fd);
	agent_end(&agent);
}

/* What came before the client's end is answered. */
static void test_half_closed(void **unused)
{
	struct agent_process agent;
	(void)unused;
	agent_start(&agent, "60");
	int fd = client_open(&agent);
	say(fd, "HELLO\nHEL");
	shutdown(fd, SHUT_WR);
	hear(fd, greeting);
	hear(fd, "200 OK (Ready to go)\n");
	hear_end(fd);
	close(fd);
	agent_end(&agent);
}

/* ipbench --reset: the connection ends, and the next one is welcome. */
static void test_abort(void **unused)
{
	struct agent_process agent;
	(void)unused;
	agent_start(&agent, "60");
	int fd = client_open(&agent);
	hear(fd, greeting);
	say(fd, "ABORT\n");
	hear_end(fd);
	close(fd);
	fd = client_open(&agent);
	prepare(fd);
	close(fd);
	agent_end(&agent);
}

static void test_too_many(void **unused)
{
	struct agent_process agent;
	int fd[CLIENTS];
	(void)unused;
	agent_start(&agent, "60");
	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = client_open(&agent);
		hear(fd[i], greeting);
	}
	int more = client_open(&agent);
	hear(more, "421 SERVICE NOT AVAILABLE (Already Running)\n");
	hear_end(more);
	close(more);
	say(fd[0], "QUIT\n");
	hear_end(fd[0]);
	close(fd[0]);
	/* The agent may learn of the end a moment after us. */
	for (bool welcome = false; !welcome; close(more)) {
		char first;
		more = client_open(&agent);
		assert_int_equal(recv(more, &first, 1, 0), 1);
		welcome = first == '1';
	}
	for (int i = 1; i < CLIENTS; i++)
		close(fd[i]);
	agent_end(&agent);
}

/* Silence before START ends a dialogue; after it, it does not. */
static void test_silence(void **unused)
{
	struct agent_process agent;
	(void)unused;
	agent_start(&agent, "3");
	int measuring = client_open(&agent);
	hear(measuring, greeting);
	say(measuring, "START\n");
	int silent = client_open(&agent);
	hear(silent, greeting);
	int endless = client_open(&agent);
	hear(endless, greeting);
	say(endless, "HEL");
	hear_end(silent);
	hear_end(endless);
	say(measuring, "HELLO\n");
	hear(measuring, "200 OK (Ready to go)\n");
	close(measuring);
	close(silent);
	close(endless);
	agent_end(&agent);
}

/* Who asks without end and reads nothing is closed, by a reset as he has not read. */
static void test_does_not_read(void **unused)
{
	static char text[1 << 16];
	struct agent_process agent;
	ssize_t sent = 1;
	(void)unused;
	agent_start(&agent, "60");
	int fd = client_open(&agent);
	memset(text, '\n', sizeof text);
	for (size_t i = 0; i < FLOOD / sizeof text && sent > 0; i++)
		sent = send(fd, text, sizeof text, MSG_NOSIGNAL);
	assert_true(sent < 0);
	assert_true(errno == ECONNRESET || errno == EPIPE);
	close(fd);
	fd = client_open(&agent);
	prepare(fd);
	say(fd, "START\n"); /* and SIGTERM finds it measuring */
	agent_end(&agent);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogue),      cmocka_unit_test(test_slow),
		cmocka_unit_test(test_windows_apart), cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_half_closed),   cmocka_unit_test(test_abort),
		cmocka_unit_test(test_too_many),      cmocka_unit_test(test_silence),
		cmocka_unit_test(test_does_not_read),
	};
	alarm(LIFE_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
