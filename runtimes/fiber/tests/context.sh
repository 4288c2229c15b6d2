#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The switch under other compilers and flags than those of this build, and for 64-bit Arm
# in an emulator; what the entry promises about indirect branches and shadow stacks.
# No sanitizer: it would have to be told of each switch.
set -u
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
shown=log
source=$DUALITY_SOURCE/runtimes/fiber
case $(uname -m) in
aarch64) host=aarch64 ;;
*) host=x86_64 ;;
esac
cd "$work" || exit 99 # an emulator that dies may leave a core

# build MACHINE COMPILER FLAG...
build()
{
	machine=$1
	shift
	"$@" -std=c11 -D_GNU_SOURCE -I"$source" \
		-o "$work/context" "$source/tests/context_test.c" \
		"$source/tests/registers-$machine.S" "$source/entry-$machine.S" >"$work/log" 2>&1
}

# All of its seven checks, to the end.
run()
{
	timeout 120 "$@" "$work/context" >"$work/log" 2>&1 &&
		[ "$(grep -c '^ok ' "$work/log")" -eq 7 ]
}

native() # COMPILER FLAG...
{
	if ! command -v "$1" >/dev/null; then
		skip "$*" "no $1 here"
		return
	fi
	build "$host" "$@" && run
	report $? "$*"
}

# The machine's own vectors and masks: with AVX-512 there are more registers to lose.
for compiler in gcc clang; do
	native "$compiler" -O0
	native "$compiler" -O2
	native "$compiler" -O3 -funroll-loops -fPIE -pie
	native "$compiler" -Os -fno-omit-frame-pointer -fno-inline
	native "$compiler" -O2 -march=native
done

# --- 64-bit Arm in an emulator ------------------------------------------------------------

cross=aarch64-linux-gnu-gcc
missing=
for tool in "$cross" qemu-aarch64; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done

arm() # FLAG...
{
	if [ -n "$missing" ]; then
		skip "$cross $*" "not here:$missing"
		return
	fi
	build aarch64 $cross -static "$@" && run qemu-aarch64
	report $? "$cross $*"
}

arm -O0
arm -O2
arm -O3 -fomit-frame-pointer -mbranch-protection=standard

# arm_bti TEXT: of $work/bti, where branches land on nothing but bti; the status.
arm_bti()
{
	$cross -std=c11 -O2 -nostdlib -static -ffreestanding -mbranch-protection=standard \
		-Wl,-z,force-bti -I"$work/bti" -o "$work/context" "$source/tests/bti-aarch64.c" \
		"$work/bti/entry-aarch64.S" >"$work/log" 2>&1 &&
		timeout 60 qemu-aarch64 -cpu max "$work/context" >>"$work/log" 2>&1
}

# The emulator has to enforce it, or the first says nothing: so without the landings it
# must be an illegal instruction (128 + SIGILL).
if [ -z "$missing" ]; then
	mkdir "$work/bti"
	cp "$source"/context*.h "$source/entry-aarch64.S" "$work/bti"
	arm_bti
	report $? "64-bit Arm lands on bti"
	for part in context-aarch64.h entry-aarch64.S; do
		sed 's/hint\([[:space:]]\)#36/nop\1/' "$source/$part" >"$work/bti/$part"
		arm_bti
		[ $? -eq 132 ]
		report $? "without the bti of $part it dies"
		cp "$source/$part" "$work/bti"
	done
else
	skip "64-bit Arm lands on bti" "not here:$missing"
fi

# --- what the linker is told --------------------------------------------------------------

# properties COMPILER FLAG...: of a whole linked from C that promises all and the entry.
properties()
{
	machine=$1
	shift
	echo 'int all(void); int all(void) { return 0; }' >"$work/all.c"
	"$@" -c -o "$work/all.o" "$work/all.c" >"$work/log" 2>&1 &&
		"$1" -c -o "$work/entry.o" "$source/entry-$machine.S" >>"$work/log" 2>&1 &&
		"$1" -r -nostdlib -o "$work/whole.o" "$work/all.o" "$work/entry.o" \
			>>"$work/log" 2>&1 &&
		LC_ALL=C readelf -n "$work/whole.o" >>"$work/log" 2>&1 &&
		sed -n 's/.*feature: \([A-Z, ]*\).*/\1/p' "$work/log"
}

if ! command -v gcc >/dev/null || ! command -v readelf >/dev/null; then
	skip "properties" "no gcc or no readelf here"
elif [ "$host" = x86_64 ]; then
	[ "$(properties x86_64 gcc -fcf-protection=full)" = IBT ]
	report $? "x86-64: indirect branch tracking, and no shadow stack"
fi
if [ -z "$missing" ]; then
	[ "$(properties aarch64 $cross -mbranch-protection=bti)" = BTI ]
	report $? "64-bit Arm: bti"
fi
echo "1..$count"
