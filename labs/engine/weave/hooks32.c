/* SPDX-License-Identifier: BSD-2-Clause */
/* hooks32.c - what compilers make of atomic operations on 32 bits under
 * -fsanitize=thread (LLVM, compiler-rt, tsan_interface_atomic.h).  From this file the
 * build makes those for 8, 16 and 64 bits, putting the other number wherever 32 stands.
 */
#include "config.h"

#include "labs/engine/weave/subject.h"

#define CALLER ((uintptr_t)__builtin_return_address(0))

uint32_t __tsan_atomic32_load(const volatile uint32_t *at, int order);
void __tsan_atomic32_store(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_exchange(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_add(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_sub(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_and(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_or(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_xor(volatile uint32_t *at, uint32_t value, int order);
uint32_t __tsan_atomic32_fetch_nand(volatile uint32_t *at, uint32_t value, int order);
int __tsan_atomic32_compare_exchange_strong(volatile uint32_t *at, uint32_t *expect,
					    uint32_t value, int order, int failed);
int __tsan_atomic32_compare_exchange_weak(volatile uint32_t *at, uint32_t *expect,
					  uint32_t value, int order, int failed);
uint32_t __tsan_atomic32_compare_exchange_val(volatile uint32_t *at, uint32_t expect,
					      uint32_t value, int order, int failed);

static uint32_t ask(const volatile uint32_t *at, struct op op)
{
	op.at = (uintptr_t)at;
	op.size = sizeof *at;
	op.was = *at;
	return (uint32_t)subject_ask(&op);
}

/* Alone, or on what nobody else sees: as it is written. */
static uint32_t change(volatile uint32_t *at, enum op_kind kind, uint32_t value)
{
	switch (kind) {
	case OP_ADD:
		return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);
	case OP_SUB:
		return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);
	case OP_AND:
		return __atomic_fetch_and(at, value, __ATOMIC_SEQ_CST);
	case OP_OR:
		return __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);
	case OP_XOR:
		return __atomic_fetch_xor(at, value, __ATOMIC_SEQ_CST);
	case OP_NAND:
		return __atomic_fetch_nand(at, value, __ATOMIC_SEQ_CST);
	default:
		return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
	}
}

static uint32_t update(volatile uint32_t *at, enum op_kind kind, uint32_t value,
		       int order, uintptr_t pc)
{
	if (!subject_shares(at))
		return change(at, kind, value);
	return ask(at, (struct op){.kind = (uint8_t)kind,
				   .order = (uint8_t)order,
				   .value = value,
				   .pc = pc});
}

static uint32_t compare(volatile uint32_t *at, uint32_t expect, uint32_t value,
			int order, int failed, uintptr_t pc)
{
	if (!subject_shares(at)) {
		__atomic_compare_exchange_n(at, &expect, value, 0, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST);
		return expect;
	}
	return ask(at, (struct op){.kind = OP_CAS,
				   .order = (uint8_t)order,
				   .order_failed = (uint8_t)failed,
				   .value = value,
				   .expect = expect,
				   .pc = pc});
}

uint32_t __tsan_atomic32_load(const volatile uint32_t *at, int order)
{
	if (!subject_shares(at))
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);
	return ask(at,
		   (struct op){.kind = OP_LOAD, .order = (uint8_t)order, .pc = CALLER});
}

void __tsan_atomic32_store(volatile uint32_t *at, uint32_t value, int order)
{
	update(at, OP_STORE, value, order, CALLER);
}

uint32_t __tsan_atomic32_exchange(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_SWAP, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_add(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_ADD, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_sub(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_SUB, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_and(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_AND, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_or(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_OR, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_xor(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_XOR, value, order, CALLER);
}

uint32_t __tsan_atomic32_fetch_nand(volatile uint32_t *at, uint32_t value, int order)
{
	return update(at, OP_NAND, value, order, CALLER);
}

int __tsan_atomic32_compare_exchange_strong(volatile uint32_t *at, uint32_t *expect,
					    uint32_t value, int order, int failed)
{
	uint32_t found = compare(at, *expect, value, order, failed, CALLER);
	int done = found == *expect;

	*expect = found;
	return done;
}

/* One that fails for no reason at all is not tried. */
int __tsan_atomic32_compare_exchange_weak(volatile uint32_t *at, uint32_t *expect,
					  uint32_t value, int order, int failed)
{
	uint32_t found = compare(at, *expect, value, order, failed, CALLER);
	int done = found == *expect;

	*expect = found;
	return done;
}

uint32_t __tsan_atomic32_compare_exchange_val(volatile uint32_t *at, uint32_t expect,
					      uint32_t value, int order, int failed)
{
	return compare(at, expect, value, order, failed, CALLER);
}
