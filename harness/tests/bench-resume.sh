#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-resume.sh - a run that was killed goes on where it was; one that was interrupted
# leaves a valid run folder and no process.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady even
suite_equal 2 0.2 "100 200"
rows_are() {
	[ -f "$1/trials.tsv" ] && [ "$(wc -l <"$1/trials.tsv")" -gt "$2" ]
}

# A load generator that does not come back once the run has so many rows: who is to be killed in the
# middle waits there for it.
mkdir held
cat >held/duality-load <<END
#!/bin/sh
read -r run rows <"$here/hold"
[ "\$(wc -l <"$here/\$run/trials.tsv")" -le "\$rows" ] || exec sleep 1000
exec "$DUALITY_BUILD/harness/duality-load" "\$@"
END
chmod +x held/duality-load
# begin_held RUN ROWS: until it has more lines than that.
begin_held() {
	echo "$1 $2" >hold
	DUALITY_LIBEXEC=$here/held
	bench_begin ./tiny.suite --seed 5 --out "$1"
	DUALITY_LIBEXEC=$DUALITY_BUILD/harness
	until_true 30 rows_are "$1" "$2"
}

bench ./tiny.suite --seed 5 --out whole >out 2>err
check "an undisturbed run ends well" [ $? -eq 0 ]
check "it has all its trials" [ "$(where void 0 <whole/trials.tsv)" -eq 8 ]

begin_held killed 3
bench ./tiny.suite --resume killed 2>err2
check "a run that is still at it is not resumed" grep -q 'still at it' err2
kill -9 "$pid"
wait "$pid" 2>/dev/null
check "the killed run's servers end" until_true 10 all_gone
cp killed/trials.tsv before
printf '9\tequal\tequal\t1\tstea' >>killed/trials.tsv
bench ./tiny.suite --resume killed >out 2>err
check "the resumed run ends well" [ $? -eq 0 ]
check "what was measured is kept" [ "$(head -n "$(wc -l <before)" killed/trials.tsv)" = "$(cat before)" ]
cut -f1-7,66 whole/trials.tsv >expected
cut -f1-7,66 killed/trials.tsv >got
check "the trials are those of the undisturbed run" cmp expected got
check "the manifest is finished" grep -q '"finished": true' killed/manifest.json
cp killed/trials.tsv before
bench --resume killed ./tiny.suite >out 2>err
check "resuming a finished run adds nothing" cmp before killed/trials.tsv
check "and prints its table" grep -q '^steady' out

bench ./tiny.suite --seed 6 --resume killed >out 2>err
check "another seed is refused" [ $? -eq 2 ]
suite_equal 2 0.3 "100 200"
bench ./tiny.suite --resume killed >out 2>err
check "a changed suite is refused" [ $? -eq 2 ]
check "in one line" [ "$(wc -l <err)" -eq 1 ]
suite_equal 2 0.2 "100 200"

# A background job of a script ignores SIGINT (sh(1), "Asynchronous lists"); the harness
# takes it all the same.
begin_held stopped 1
kill -INT "$pid"
wait "$pid"
check "an interrupted run ends with 130" [ $? -eq 130 ]
check "no process stays behind" all_gone
check "it says how to go on" grep -q -e '--resume .*stopped' err
check "its last row is whole" [ "$(tail -c 1 stopped/trials.tsv | od -An -c | tr -d ' ')" = '\n' ]
bench ./tiny.suite --resume stopped >out 2>err
check "and it goes on" [ $? -eq 0 ]
cut -f1-7,66 stopped/trials.tsv >got
check "to the same trials" cmp expected got
plan_end
