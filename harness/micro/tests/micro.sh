#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# micro.sh - duality micro: that every program measures what it says it can, what bad
# arguments come to, and that one program's crash is not the others'.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"

micro() {
	"$DUALITY_BUILD/harness/duality-micro" "$@"
}

# case_good PROGRAM CASE MS: a line with a number.
case_good() {
	"$1" --least-ms "$3" "$2" >line && awk -F'\t' -v one="$2" '
		NF == 6 && $1 "@" $3 == one && $5 + 0 > 0 && $6 == "-" { good = 1 }
		END { exit !good }' line
}

# Every line of a program's --list gives a line with a number: with no more threads than any
# machine has room for, and longer where a busy one gave them no turn.
program_whole() {
	"$1" --list >list || return 1
	awk -F'\t' '$2 != "-" { print $1 "@" ($2 > 200 ? 200 : $2) }' list | sort -u >cases
	[ -s cases ] || return 1
	while read -r one; do
		case_good "$1" "$one" 1 || case_good "$1" "$one" 300 || case_good "$1" "$one" 3000 || {
			echo "# $one: $(cat line)"
			return 1
		}
	done <cases
}

for program in "$DUALITY_BUILD"/harness/micro-*; do
	case ${program##*/} in
	*.*) continue ;;
	# The address sanitizer does not know the stacks of these libraries.
	micro-pth | micro-st) ! grep -q __asan_init "$program" || continue ;;
	esac
	check "${program##*/} measures what it lists" program_whole "$program"
	"$program" nonsense >out 2>err
	check "and refuses what it does not" [ $? -eq 2 ]
	check "in one line" [ "$(grep -c . err)" -eq 1 ]
done

fiber=$DUALITY_BUILD/harness/micro-fiber
if [ -x "$fiber" ]; then
	check "fibers switch where caches are cold" \
		sh -c "$fiber switch-cold@2000 | grep -q -E '^switch-cold.fiber.2000.ns.[0-9.]+.-$'"
	check "and beside others that are idle" \
		sh -c "$fiber --least-ms 1 timer@200 | grep -q -E '^timer.fiber.200.ns.[0-9.]+.-$'"
fi

# The experiments: the rows of the same name come from all programs that have them.
micro --rounds 1 --least-ms 1 --runtimes "thread process event" --most 8 --tsv - task8k >out 2>err
check "task8k has a rate for each number, of threads, processes and the loop" \
	[ "$(awk -F'\t' '$2 == "task8k" && $6 > 0 && $5 == "1/s"' out | grep -c .)" -eq 6 ]
check "what is more than --most is left out" grep -q '^n/a event task8k@1000000: left out' err
micro --rounds 1 --least-ms 1 --runtimes thread busywait-cpu@10 >out 2>err
check "busywait has the CPU's time for each" grep -q -E '^busywait-cpu@10 +thread +[0-9.]+ us' out
micro --rounds 1 --least-ms 1 --runtimes thread >out
check "where none is named the experiments are not measured" \
	sh -c "grep -q '^mutex' out && ! grep -q -E 'task8k|busywait' out"
for more in "$DUALITY_BUILD"/harness/micro-thread "$DUALITY_BUILD"/harness/micro-process; do
	"$more" task8k@100000000 >line
	check "${more##*/}: more than there is room for is no value, and why" \
		grep -q -E '^task8k.[a-z]+.100000000.1/s.nan.about [0-9]+ MiB are needed' line
	"$more" task8k@0 2>err
	check "${more##*/}: no threads at all are refused" [ $? -eq 2 ]
done
for runtime in process thread fiber; do
	program=$DUALITY_BUILD/harness/micro-$runtime
	[ -x "$program-relinquish" ] || continue
	# 10 ms: while all wait, who is notified costs nothing, and who tries again all there is.
	"$program" --least-ms 10 busywait-cpu@10 >line
	"$program-relinquish" --least-ms 10 busywait-cpu@10 >>line
	# shellcheck disable=SC2016 # awk's dollars
	check "$runtime: trying again costs more of the CPU than being notified" \
		awk -F'\t' -v runtime=$runtime '{ us[$2] = $5 } END { exit !(us[runtime] > 0 &&
			us[runtime "-relinquish"] > us[runtime]) }' line
done
thread=$DUALITY_BUILD/harness/micro-thread
check "--repeat repeats" [ "$("$thread" --repeat 3 --loops 5 mutex | grep -c mutex)" -eq 3 ]
"$thread" --loops 0 mutex 2>err
check "a number that is none is status 2" [ $? -eq 2 ]
"$thread" 2>err
check "and so is no primitive" [ $? -eq 2 ]

micro --rounds 3 --least-ms 1 --runtimes "thread call" --tsv rows.tsv mutex call >out 2>err
check "a small run ends with status 0" [ $? -eq 0 ]
check "the rows have all rounds of both" [ "$(grep -c . rows.tsv)" -eq 7 ]
check "a row a round" [ "$(awk -F'\t' '$2 == "mutex" { print $1 }' rows.tsv | sort -u | grep -c .)" -eq 3 ]
check "the table has a median of three" grep -q -E '^mutex +thread +[0-9.]+ ns .* 3' out
micro --rounds 1 --least-ms 1 --runtimes thread --tsv - mutex >out 2>err
check "--tsv - leaves only rows on standard output" [ "$(grep -c . out)" -eq 2 ]
micro --rounds 1 --least-ms 1 --runtimes thread jump >out
check "what a runtime has not is said with its reason" grep -q '^n/a thread jump: .' out
micro --rounds 1 --least-ms 1 --most 10 --runtimes thread switch >out
check "--most leaves out, and says so" grep -q '^n/a thread switch@1000: left out' out

for wrong in "--rounds 0" "--rounds x" "--least-ms -1" "--cpu 1023" "--runtimes nonesuch" \
	nonsense switch@7 "--nonsense"; do
	# shellcheck disable=SC2086 # option and value
	micro --runtimes thread $wrong >out 2>err
	check "$wrong: status 2" [ $? -eq 2 ]
	check "$wrong: one line" [ "$(grep -c . err)" -eq 1 ]
done
micro --runtimes thread task8k@10 2>err
check "a size that is none is told those there are" \
	grep -q 'task8k@10: .* at these: 1 8 64 512 4096 ' err
micro --runtimes "thread process" task8k@10 2>err
check "each once" [ "$(grep -o ' 512' err | grep -c .)" -eq 1 ]
micro --runtimes thread mutex@3 2>err
check "or that there are none" grep -q 'mutex@3: it has no sizes' err
micro --runtimes thread jump@3 2>err
check "of what is not measured there are none either" grep -q 'jump@3: no runtime here' err
for wrong in create@0 switch@0 create@; do
	micro --runtimes "thread process" $wrong >out 2>err
	check "$wrong: status 2" [ $? -eq 2 ]
	check "$wrong: one line" [ "$(grep -c . err)" -eq 1 ]
done
micro --runtimes event busywait@10 >out 2>err
check "what only others measure: status 2" [ $? -eq 2 ]
check "and one line, with who does" [ "$(grep -c 'busywait@10: .* these would: process .*thread' err)" -eq 1 ]
micro --rounds 1 --least-ms 1 --runtimes "event thread" busywait@10 >out 2>err
check "who does not measure it is told beside who does" \
	[ "$(grep -c -E '^(n/a event busywait@10: .|busywait@10 +thread )' out)" -eq 2 ]
micro --help >out
check "--help has the experiments" [ "$(grep -c 'task8k, busywait, busywait-cpu' out)" -eq 1 ]
micro --runtimes thread --tsv /nonexistent/rows mutex 2>err
check "--tsv where nothing can be written: status 2" [ $? -eq 2 ]
check "and the line names it" grep -q /nonexistent/rows err

# Programs of our own: one crashes, one lacks, one is well.
mkdir programs
ln -s "$thread" programs/micro-thread
cat >programs/micro-st <<'END'
#!/bin/sh
[ "$1" = --list ] && printf 'mutex\t0\tns\n' && exit
kill -SEGV $$
END
printf '#!/bin/sh\nexit 3\n' >programs/micro-go
cat >programs/micro-boost <<'END'
#!/bin/sh
[ "$1" != --list ] || printf 'mutex\t0\tns\n'
END
chmod +x programs/micro-*
DUALITY_LIBEXEC=$here/programs micro --rounds 2 --least-ms 1 mutex >out 2>err
check "a program that crashes is a finding" [ $? -eq 1 ]
check "and is reported" grep -q '^\* st mutex@0: FAILED: died of a signal' out
check "so is one that cannot say what it can" grep -q '^n/a go: FAILED: .*status 3' out
check "and one that prints nothing" grep -q '^\* boost mutex@0: printed no value' out
check "those not built have a reason" grep -q '^n/a pth: not built: .*libpth-dev' out
check "the others go on" grep -q -E '^mutex +thread +[0-9.]+ ns .* 2$' out
plan_end
