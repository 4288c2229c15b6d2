/* SPDX-License-Identifier: BSD-2-Clause */
/* hooks.c - what compilers call before a plain access under -fsanitize=thread (LLVM,
 * compiler-rt, tsan_interface.h; gcc calls the same), and what libweave has instead of
 * the sanitizer's library.  The access itself happens as written, after the hook. */
#include "config.h"

#include "subject.h"

#define CALLER __builtin_return_address(0)

static void hook_read(const volatile void *at, size_t size, void *pc)
{
	if (subject_shares(at))
		subject_read(at, size, pc);
}

static void hook_write(const volatile void *at, size_t size, void *pc)
{
	if (subject_shares(at))
		subject_write(at, size, pc);
}

/* The compiler's own. */
void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read1(void *at);
void __tsan_read2(void *at);
void __tsan_read4(void *at);
void __tsan_read8(void *at);
void __tsan_read16(void *at);
void __tsan_write1(void *at);
void __tsan_write2(void *at);
void __tsan_write4(void *at);
void __tsan_write8(void *at);
void __tsan_write16(void *at);
void __tsan_unaligned_read2(void *at);
void __tsan_unaligned_read4(void *at);
void __tsan_unaligned_read8(void *at);
void __tsan_unaligned_read16(void *at);
void __tsan_unaligned_write2(void *at);
void __tsan_unaligned_write4(void *at);
void __tsan_unaligned_write8(void *at);
void __tsan_unaligned_write16(void *at);
void __tsan_read_range(void *at, size_t size);
void __tsan_write_range(void *at, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int byte, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);
void *__wrap_memset(void *to, int byte, size_t size);
void *__real_memmove(void *to, const void *from, size_t size);
void *__real_memset(void *to, int byte, size_t size);
void *weave_memcpy(void *to, const void *from, size_t size);
void *weave_memmove(void *to, const void *from, size_t size);
void *weave_memset(void *to, int byte, size_t size);
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
	(void)pc;
}

void __tsan_func_exit(void)
{
}

void __tsan_read1(void *at)
{
	hook_read(at, 1, CALLER);
}

void __tsan_read2(void *at)
{
	hook_read(at, 2, CALLER);
}

void __tsan_read4(void *at)
{
	hook_read(at, 4, CALLER);
}

void __tsan_read8(void *at)
{
	hook_read(at, 8, CALLER);
}

void __tsan_read16(void *at)
{
	hook_read(at, 16, CALLER);
}

void __tsan_write1(void *at)
{
	hook_write(at, 1, CALLER);
}

void __tsan_write2(void *at)
{
	hook_write(at, 2, CALLER);
}

void __tsan_write4(void *at)
{
	hook_write(at, 4, CALLER);
}

void __tsan_write8(void *at)
{
	hook_write(at, 8, CALLER);
}

void __tsan_write16(void *at)
{
	hook_write(at, 16, CALLER);
}

void __tsan_unaligned_read2(void *at)
{
	hook_read(at, 2, CALLER);
}

void __tsan_unaligned_read4(void *at)
{
	hook_read(at, 4, CALLER);
}

void __tsan_unaligned_read8(void *at)
{
	hook_read(at, 8, CALLER);
}

void __tsan_unaligned_read16(void *at)
{
	hook_read(at, 16, CALLER);
}

void __tsan_unaligned_write2(void *at)
{
	hook_write(at, 2, CALLER);
}

void __tsan_unaligned_write4(void *at)
{
	hook_write(at, 4, CALLER);
}

void __tsan_unaligned_write8(void *at)
{
	hook_write(at, 8, CALLER);
}

void __tsan_unaligned_write16(void *at)
{
	hook_write(at, 16, CALLER);
}

void __tsan_read_range(void *at, size_t size)
{
	hook_read(at, size, CALLER);
}

void __tsan_write_range(void *at, size_t size)
{
	hook_write(at, size, CALLER);
}

/* In the place of the C library's, where the source calls them (weave-cc gives them
 * these names) and where compilers do, to copy a structure (by ld's --wrap).  Newer
 * clang has names of its own. */
static void *copy(void *to, const void *from, size_t size, void *pc)
{
	hook_read(from, size, pc);
	hook_write(to, size, pc);
	return __real_memmove(to, from, size);
}

static void *fill(void *to, int byte, size_t size, void *pc)
{
	hook_write(to, size, pc);
	return __real_memset(to, byte, size);
}

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *__tsan_memset(void *to, int byte, size_t size)
{
	return fill(to, byte, size, CALLER);
}

void *__wrap_memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *__wrap_memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *__wrap_memset(void *to, int byte, size_t size)
{
	return fill(to, byte, size, CALLER);
}

void *weave_memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *weave_memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size, CALLER);
}

void *weave_memset(void *to, int byte, size_t size)
{
	return fill(to, byte, size, CALLER);
}

void __tsan_atomic_thread_fence(int order)
{
	struct op op = {
		.kind = OP_FENCE, .order = (uint8_t)order, .pc = (uintptr_t)CALLER};

	if (subject_shares(NULL))
		subject_ask(&op);
}

/* It keeps the compiler from moving accesses, and is nothing to the processor. */
void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}
