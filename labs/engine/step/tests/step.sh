#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# step.sh - lab-step finds a planted fault of every kind, holds what is right, says it the same
# twice, and its replay breaks again.
set -u
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
step=$build/labs/engine/lab-step
cd "$DUALITY_BUILD/labs/engine/step/tests" || exit 99
out=$work/out

run() { # STATUS TEXT ARGUMENT...: exit status, and what the first two lines must contain
	wanted=$1 text=$2
	shift 2
	"$step" "$@" >"$out" 2>"$work/err"
	status=$?
	[ "$status" -eq "$wanted" ] && head -n 2 "$out" "$work/err" | grep -q -e "$text"
}

breaks() { # TEXT ARGUMENT...: and the replay that is printed breaks again, the same way
	text=$1
	shift
	run 1 "$text" "$@" || return 1
	schedule=$(sed -n 's/^schedule: //p' "$out")
	"$step" --replay "$schedule" "$@" >"$work/again" 2>"$work/err"
	[ $? -eq 1 ] && [ "$(head -n 1 "$out")" = "$(head -n 1 "$work/again")" ]
}

"$step" ./subject locked >"$out" 2>"$work/err"
if [ $? -eq 77 ]; then
	echo "1..0 # SKIP $(tail -n 1 "$work/err")"
	exit 0
fi
echo 1..38

breaks 'expected hits == 2: it is 1' --check 'hits == 2' ./subject unlocked
report $? "a lost update"
grep -q 'reads hits: 0' "$out" && grep -q 'is stopped after' "$out" &&
	grep -q 'subject.c:[0-9]*  hits++;' "$out"
report $? "the story has the value that was read, the switch, and the line"
cp "$out" "$work/again"
run 1 'broken' --check 'hits == 2' ./subject unlocked && cmp "$out" "$work/again"
report $? "two searches say the same to the byte"
replay=$(sed -n 's/^replay:   lab-step//p' "$out")
eval "\"\$step\" $replay" >"$work/again" 2>"$work/err"
[ $? -eq 1 ] && grep -q '^broken: expected hits == 2: it is 1' "$work/again"
report $? "the replay command works as it is printed"

breaks 'balance >= 0: it is -60' --check 'balance >= 0' ./subject withdraw
report $? "a section that is split: both were let through"
breaks 'exit status 0: it is 1' ./subject half-way && grep -q 'by 2 switches' "$out"
report $? "what takes two switches"
run 0 'held: all' --switches 1 ./subject half-way
report $? "and is not found with one"
breaks 'deadlock: thread 0 waits; thread 1 waits in pthread_mutex_lock(second), locked by thread 2' \
	./subject in-order
report $? "a deadlock by order, and who has what"
breaks 'thread 1 unlocks first, which is not locked' ./subject unlock-twice
report $? "a mutex unlocked twice"
breaks 'thread 1 unlocks first, which is not locked' ./subject unlock-wrong
report $? "a mutex that another call locks"
breaks 'thread 2 ended and has first still locked' ./subject keep-locked
report $? "a mutex that is left locked"
breaks 'deadlock.*thread 1 waits in pthread_cond_wait(changed)' ./subject lose-wake-up
report $? "a lost wake-up"
breaks 'signal 11' --every ./subject crash
report $? "a crash"
breaks 'no end after 3000' --steps 3000 ./subject endless
report $? "a loop without end"
breaks 'it made a process' ./subject processes
report $? "another process"
LAB_LIMITS='memory_mib=64' run 1 'more than 64 MiB of memory' --steps 100000000 ./subject memory
report $? "more memory than it may have"
breaks 'hits == 2: it is 0' --check 'hits == 2' ./subject leave
report $? "a constructor that exits with 0: what was to be done is not"
run 1 'signal 6' ./subject
report $? "death before there is a thread"

for case in locked inheriting spins spinlock semaphore condition time-out sleeps; do
	run 0 'held: all' --check 'hits == 2' ./subject $case
	report $? "held: $case"
done
run 0 'held: all' --check 'sum == 2' ./subject one-instruction
report $? "held: an atomic instruction is not cut"
run 0 'held: the first 9 schedules' --schedules 9 --check 'hits == 2' ./subject locked
report $? "it says when there are more schedules"
run 0 'held: all 1 schedules' --code main --check 'hits == 2' ./subject unlocked
report $? "what is not under test is not switched in"
run 1 'broken' --object subject_static-subject.o --check 'hits == 2' ./subject-static unlocked
report $? "a static program, the code named by its object file"

run 0 'held: all' --check 'calls pthread_mutex_lock == 2' ./subject locked &&
	run 1 'calls pthread_mutex_lock < 2: it is 2' --again 'make again OF="%"' \
		--check 'calls pthread_mutex_lock < 2' ./subject locked &&
	grep -q '^replay:   make again OF="0"$' "$out"
report $? "calls are counted; a replay command of one's own"
run 1 'hits == 10: it is 2' --check 'hits == 10' --replay \
	'1:load hits,2:store hits 4,1:store hits,2:load hits,1,2' ./subject unlocked-5
report $? "loads and stores as a schedule: of 10 only 2 are left"

printf '# lost\n1:load hits\n2 # to its end\n1\n' >"$work/turns"
run 1 'hits == 2: it is 1' --replay-file "$work/turns" --check 'hits == 2' ./subject unlocked
report $? "a schedule from a file, by variable"
run 0 'held: exit status 0' --replay '1,2' --check 'hits == 2' ./subject unlocked
report $? "a schedule that does no harm"

run 2 'no such variable' --check 'misses == 2' ./subject locked &&
	run 2 'operator' --check 'hits' ./subject locked &&
	run 2 'no such variable' --check 'all == 2' ./subject locked
report $? "a check that makes no sense"
run 2 'is no turn' --replay '1:x' ./subject locked &&
	run 2 'none of the functions' --code nothing ./subject locked
report $? "a schedule, a function that make no sense"
run 2 'No such file' ./nothing && run 2 'no ELF' "$DUALITY_BUILD/Makefile" && run 2 'no path' subject &&
	run 2 'which program'
report $? "no program"
run 2 'linked statically' ./subject-static locked && run 2 'no number' --switches many ./subject
report $? "a static program wants its code named"
