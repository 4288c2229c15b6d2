#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# threads.sh - is lab-threads deceived, and is it unjust?  Packages that are right, wrong, or
# only pretend.
set -eu

LAB_ENGINE=$DUALITY_BUILD/labs/engine
LAB_DIR=$DUALITY_SOURCE/labs/05-context-switch
export LAB_ENGINE LAB_DIR
case $(uname -m) in
x86_64) ;;
*)
	echo "1..0 # SKIP counts and switches are judged on x86-64"
	exit 0 ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$scratch"
number=0 failures=0

# ok STATUS DESCRIPTION
ok()
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failures=$((failures + 1))
		sed 's/^/# /' "$scratch/out"
	fi
}

# tree WORDS...: a package, built; the rest happens there.
tree()
{
	cd /
	rm -rf "$scratch/tree"
	"$LAB_ENGINE/lab-tree" "$@" "$scratch/tree"
	cd "$scratch/tree"
}

built()
{
	make subject-x86_64 >"$scratch/out" 2>&1 || { sed 's/^/# /' "$scratch/out"; exit 1; }
}

# judged STATUS ARGUMENTS...: does it end like that, twice, with the same words?
judged()
{
	expected=$1
	shift
	status=0
	"$LAB_ENGINE/lab-threads" "$@" >"$scratch/out" 2>&1 || status=$?
	again=0
	"$LAB_ENGINE/lab-threads" "$@" >"$scratch/again" 2>&1 || again=$?
	[ "$status" -eq "$expected" ] && [ "$again" -eq "$status" ] &&
		cmp -s "$scratch/out" "$scratch/again"
}

says()
{
	grep -q "$1" "$scratch/out"
}

# --- what is right passes
tree reference
built
right=0
judged 0 registers x86_64 && judged 0 floating x86_64 && judged 0 entry x86_64 &&
	judged 0 play x86_64 "$LAB_DIR"/tests/*/*.play && judged 0 random x86_64 1 5 || right=1
ok $right "the reference passes"

# counted STATUS WORDS OPERATION...: where a process may not trace another, nothing is.
counted()
{
	expected=$1 words=$2
	shift 2
	judged "$expected" count "$@" && says "$words" && return 0
	[ "$status" -eq 77 ] && says 'may not trace'
}
counted 0 'thread_join' yield block wake create exit join && right=0 || right=1
ok $right "the reference's operations are counted"

# --- what is no report, or wrong
judged 1 registers aarch64 && says 'There is no subject-aarch64' && right=0 || right=1
ok $right "a program that was not built fails"

printf 'main: create 1\n1: dance\n' >"$scratch/bad.play"
judged 2 play x86_64 "$scratch/bad.play" && says 'bad.play:2: not a script' && right=0 || right=1
ok $right "a play that is none is nobody's fault"

tree mutant lost-register-x86_64
built
judged 1 registers x86_64 && says 'r14 *LOST .* it holds B.s r14' && says 'r13 *kept' &&
	right=0 || right=1
ok $right "a lost register is named, and whose value it holds"

tree mutant scan
built
counted 1 'thread_yield .* more than' yield block && right=0 || right=1
ok $right "a queue that is searched is found out"

tree mutant frees-own-stack
built
judged 1 play x86_64 "$LAB_DIR"/tests/hidden/stacks-1.play &&
	says 'gave back the stack it was running on' && right=0 || right=1
ok $right "a thread that gives back its own stack is told so"

# --- what pretends
tree starter
cat >>thread.c <<'C'
#include <stdio.h>
__attribute__((constructor)) static void pretend(void)
{
	puts("PASS\nend\nok");
	fflush(stdout);
	_Exit(0);
}
C
built
right=0
judged 1 registers x86_64 && judged 1 floating x86_64 && judged 1 entry x86_64 &&
	judged 1 play x86_64 "$LAB_DIR/tests/public/turns-1.play" &&
	judged 1 random x86_64 1 1 && counted 1 'as far as: yield' yield || right=1
ok $right "a constructor that prints PASS and exits with 0 fails everywhere"

tree starter
cat >>thread.c <<'C'
#include <unistd.h>
__attribute__((constructor)) static void echo(void)
{
	char c;

	while (read(0, &c, 1) == 1 && write(1, &c, 1) == 1)
		;
	_exit(0);
}
C
built
right=0
judged 1 registers x86_64 && judged 1 play x86_64 "$LAB_DIR/tests/public/turns-1.play" || right=1
ok $right "one that gives back what it was asked fails"

cd /
echo "1..$number"
[ "$failures" -eq 0 ]
