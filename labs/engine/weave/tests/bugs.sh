#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each kind of bug that lab-weave can find is found, said, and shown again by the command that
# it prints; and where there is none it finds none.
set -u
# shellcheck source=head.sh
. "$DUALITY_SOURCE/labs/engine/weave/tests/head.sh"
program_make bugs

weave()
{
	"$engine/lab-weave" "$@" >"$work/out" 2>&1
}

# found STATUS TEXT NAME [OPTION]...: that exit status, and that text.
found()
{
	expect=$1
	text=$2
	name=$3
	shift 3
	weave "$@" "$program" "$name"
	[ $? -eq "$expect" ] && grep -qe "$text" "$work/out"
	report $? "$name $*: $text"
}

echo 1..42
found 0 '^ra: nothing found in all there is' clean
found 0 '^tso: nothing found in all there is' semaphore
found 0 'nothing found' sleeps
found 0 '^  sum=11$' input --input 5,6 --outcomes
found 0 'nothing found' input --input 5,6 --expect sum=11
found 1 '^  sum=11$' input --input 5,6 --expect sum=12
found 0 '^  signals=1$' semaphore --outcomes --signals
found 0 'nothing found' many
found 1 'data race on item+8: right reads it (bugs.c:[0-9]*)' race
found 1 'left wrote it before (bugs.c:[0-9]*)' race --model ra
found 1 'reads plain, which nobody has written' unwritten
found 1 'check failed in finish (bugs.c:[0-9]*): both were counted' lost
found 1 'left sleeps for ever: it waits for bell (bugs.c:[0-9]*)' wakeup
found 1 'check failed in finish .*: it sleeps though there is something' asleep
found 1 'right *$' deadlock
found 1 'sleeps for ever, on back' deadlock
found 1 'left goes round and round for ever' pause
found 2 'more steps than --steps allows' spin --steps 50
found 2 'but there are more: no verdict' asleep --states 2 --model sc
found 1 'data race on plain: right reads it' fence --model ra
found 0 'tso: nothing found' fence --model sc,tso
found 0 '^ra: nothing found' turns --states 5000
found 1 'accesses flag, which elsewhere is accessed in another way' mixed
found 1 'right was ended by signal 11' crash
found 1 'left ended the program, with status 0' quit
found 1 'left computes for ever' compute --model sc
found 1 'does it use time or chance' chance
found 1 'ended before its threads began: signal 6' prepare
found 1 'ended before its threads began: exit status 0' begin
found 1 'ended before its threads began: exit status 0' nothing-of-that-name
found 1 'ended before its threads began: more than 512 MiB of memory' begin-memory
found 1 'ended before its threads began: more than [0-9]* processes' begin-processes
found 1 'ended before its time: more than 512 MiB of memory' fills-memory
found 1 'ended before its time: more than [0-9]* processes' fills-processes
found 2 'input: 1,x: not understood' clean --input 1,x
found 2 'model: sc,arm: not understood' clean --model sc,arm
found 2 'of which --model' clean --replay 0x2
found 2 'a step that cannot be done' clean --model sc --replay 1x5

# The command that it prints shows the same.
weave "$program" lost
cp "$work/out" "$work/first"
weave "$program" lost
cmp -s "$work/out" "$work/first"
report $? "two runs say the same"
replay=$(sed -n 's/^replay: lab-weave//p' "$work/first")
# shellcheck disable=SC2086 # a list of words
weave $replay
status=$?
sed '/^replay:/d' "$work/first" | cmp -s - "$work/out"
report $? "the replay is the same picture"
[ $status -eq 1 ]
report $? "and the same verdict"
half=$(echo "$replay" | sed 's/--replay [^ ]*/--replay 0,1/')
# shellcheck disable=SC2086
weave $half && grep -q 'nothing is wrong so far' "$work/out"
report $? "half of it has nothing wrong yet"
