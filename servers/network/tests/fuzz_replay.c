/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_replay.c - inputs for fuzz.c without libFuzzer: frames that are right but for
 * some bytes, by a fixed sequence of numbers; or the files that are named. */
#include "config.h"

#include "frames.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUTS = 3000, FRAMES = 12, INPUT_MAX = 1 << 16, PATIENCE_S = 200 };

static uint8_t input[INPUT_MAX];

/* xorshift (G. Marsaglia, 2003). */
static uint32_t random_next(void)
{
	static uint32_t state = 2463534242;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void frame_make(struct script_frame *f)
{
	uint32_t r = random_next();
	uint16_t bytes = (uint16_t)(r >> 8 & 1023);

	if (r % 4 == 0)
		frame_arp(f, (int)(r >> 4 & 3), random_next());
	else if (r % 4 == 1)
		frame_fragment(f, 0, (uint16_t)(r >> 30), (uint16_t)(r >> 20 & 255),
			       r & 16, bytes, (unsigned char)r);
	else
		frame_udp(f, 0, input, bytes);
	for (r = random_next() % 4; r > 0; r--)
		f->bytes[random_next() % f->length] = (unsigned char)random_next();
	if (random_next() % 8 == 0)
		f->length = random_next() % 1800;
}

static size_t input_make(void)
{
	static struct script_frame f;
	size_t at = 0;

	for (uint32_t n = random_next() % FRAMES + 1; n > 0; n--) {
		frame_make(&f);
		input[at++] = (uint8_t)f.length;
		input[at++] = (uint8_t)(f.length >> 8);
		input[at++] = (uint8_t)(random_next() & 9);
		memcpy(input + at, f.bytes, f.length);
		at += f.length;
	}
	return at;
}

static const char *file_play(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file)
		return "cannot be read";
	size = fread(input, 1, sizeof input, file);
	fclose(file);
	return fuzz_check(input, size);
}

int main(int argc, char **argv)
{
	const char *wrong = NULL;
	int done = 0;

	alarm(PATIENCE_S);
	if (fuzz_begin() < 0) {
		fprintf(stderr, "fuzz-replay: %s\n", script_error);
		return 2;
	}
	for (int i = 1; i < argc && !wrong; i++, done++)
		wrong = file_play(argv[i]);
	for (; argc == 1 && done < INPUTS && !wrong; done++)
		wrong = fuzz_check(input, input_make());
	if (wrong)
		printf("# input %d: %s\n", done, wrong);
	printf("%s 1 - %d inputs do no harm\n", wrong ? "not ok" : "ok", done);
	printf("%s 2 - all modules end\n1..2\n", fuzz_end() < 0 ? "not ok" : "ok");
	return wrong ? 1 : 0;
}
