#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# vk_test.sh - lab-vk on small programs: each planted bug is found and explained, the same
# in every run, and the repaired program passes; then a worked example for labs 3, 6, 8, 10.
set -u

here=${DUALITY_SOURCE:-.}/labs/engine/vk/tests
built=${DUALITY_BUILD:-.}/labs/engine/vk/tests
vk=${DUALITY_BUILD:-.}/labs/engine/lab-vk
LAB_ENGINE=${DUALITY_BUILD:-.}/labs/engine
export LAB_ENGINE
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
number=0

# tap WHAT: as the command before it ended
tap()
{
	status=$?
	number=$((number + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		cat "$scratch/out" "$scratch/err" | sed 's/^/# /'
	fi
}

# run STATUS PROGRAM.vk PROGRAM [ARGUMENT]: it ends so, with its output in $scratch/out, and
# beside it what is said on standard error, sanitizers' words as well
run()
{
	want=$1
	scenario=$here/$2.vk
	program=$built/$3
	shift 3
	# shellcheck disable=SC2086 # options are words
	"$vk" ${options-} "$scenario" -- "$program" "$@" >"$scratch/out" 2>"$scratch/err"
	got=$?
	[ "$got" -eq "$want" ] && return
	echo "exit status $got" >>"$scratch/out"
	return 1
}

# says TEXT
says()
{
	cat "$scratch/out" "$scratch/err" | grep -q -e "$1"
}

# planted NAME TEXT: the bug is found and explained, twice alike; the repaired one passes
planted()
{
	run 1 "$1" "$1" && says "$2" && cp "$scratch/out" "$scratch/first" &&
		run 1 "$1" "$1" && cmp -s "$scratch/first" "$scratch/out"
	tap "$1: found, explained, and the same again"
	run 0 "$1" "$1" right
	tap "$1: the repaired program passes"
}

planted hang 'thread 1 waits in sem_wait since tick .* (hang.c:1[0-9])'
planted late 'event 2 was due at tick 60, and delivered at .*: [5-9][0-9] ticks'
planted lost 'line could be read, and the program was told; it did not read'
options='--fail open:2:EMFILE'
planted unchecked 'write(fd -1) EBADF (unchecked.c:'
options=
planted closed 'read(fd 0) EBADF (closed.c:'
options='--set TIMES=1'
planted busy 'it is [0-9][0-9]'
options='--set TIMES=0'
run 1 busy busy && says 'hangs, busily'
tap "busy: a busy wait that nothing ends is told from the limit"
options=
planted zombie 'process 2 has ended; nobody joined it'
planted early 'a message to port 7, which is not there'

# A program whose exit status says that all is well, but that never did anything.
"$vk" "$here/hang.vk" -- true >"$scratch/out" 2>"$scratch/err"
[ $? -eq 1 ] && says 'ended itself: exit status 0'
tap "a program that makes no call fails"
LAB_LIMITS=cpu_s=1 "$vk" --again 'make hang' "$here/hang.vk" -- sh -c 'while :; do :; done' \
	>"$scratch/out" 2>"$scratch/err"
[ $? -eq 1 ] && says 'ended itself: more than 1 s of CPU' && says 'call by call: make hang$'
tap "a program that computes for ever, outside of the kernel, fails"
"$vk" "$here/hang.vk" -- "$built/nobody" >"$scratch/out" 2>"$scratch/err"
[ $? -eq 2 ]
tap "a program that is not there is no verdict"
"$vk" "$here/busy.vk" -- "$built/busy" >"$scratch/out" 2>"$scratch/err"
[ $? -eq 2 ] && says 'busy.vk:3: nothing says what .TIMES is'
tap "a scenario that is wrong is no verdict"
"$built/hang" >"$scratch/out" 2>"$scratch/err"
[ $? -eq 2 ] && says 'on the virtual kernel only'
tap "without a judge there is no kernel"

run 1 lab03 lab03 whole && says 'delivered at'
tap "lab 3: a long handler delays the clock"
run 0 lab03 lab03 parts
tap "lab 3: broken up it does not"
run 0 lab03 lab03 process
tap "lab 3: nor does a process of its own"

run 1 nested late right && says 'Expected (line 4): stack <= 400'
tap "lab 3: handlers within handlers grow the stack"
run 0 nested lab03 parts
tap "lab 3: parts do not"

run 0 lab06 lab06
tap "lab 6: user threads sleep while all of them wait"
run 1 lab06 lab06 busy && says 'nb_sem_wait was called'
tap "lab 6: relinquish alone is a busy wait"

for sessions in 1 2; do
	options="--set SESSIONS=$sessions"
	run 0 lab08 lab08 3
	tap "lab 8: $sessions sessions on 3 carriers"
done
options='--set SESSIONS=3'
run 1 lab08 lab08 3 && says 'reader-3 waits for the answer to "open"'
tap "lab 8: 3 sessions on 3 carriers hang"
options='--set SESSIONS=20'
run 0 lab08 lab08
tap "lab 8: 20 sessions on kernel threads"
options=

run 0 lab10 lab10
tap "lab 10: by task and place"
run 1 lab10 lab10 task && says 'mean-response hit'
tap "lab 10: first come, first served"

echo "1..$number"
