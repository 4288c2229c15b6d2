#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-micro.sh - an experiment of kind micro, on made-up programs: its rows, its table, a
# program that fails, too little time, and a run that is resumed.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
mkdir programs
ln -s "$DUALITY_BUILD/harness/duality-micro" "$DUALITY_BUILD"/harness/duality-load programs/
DUALITY_LIBEXEC=$here/programs

# program NAME VALUE: measures lock and many@7, always VALUE.
program() {
	cat >"programs/micro-$1" <<END
#!/bin/sh
echo "\$@" >>$here/asked
[ "\$1" != --list ] || { printf 'lock\t0\tns\nmany\t7\tKiB\nmany\t5000\tKiB\n'; exit; }
name=\${3%@*}
printf '%s\t$1\t%s\tns\t$2\t-\n' "\$name" "\${3#*@}"
END
	chmod +x "programs/micro-$1"
}
program thread 20
program st 10

cat >threads.conf <<-END
	[experiment]
	summary = made up
	kind = micro
	primitives = lock many
	runtimes = thread st
	most = 1000
	rounds = 3
	published = lock 5 ns elsewhere
	budget_s = 100
END
cat >tiny.suite <<-END
	[suite]
	blocks = 1
	budget_s = 100
	[threads]
END
bench ./tiny.suite --out run >out 2>err
check "a suite without servers ends well" [ $? -eq 0 ]
check "each round has each primitive of each runtime once" [ "$(
	awk -F'\t' 'NR > 1 && $1 == "threads" { n[$2, $3, $4]++ } END { for (i in n) {
		all++; if (n[i] != 1) bad++ } print all, bad + 0 }' run/micro.tsv
)" = "12 0" ]
check "no more threads than the experiment says" sh -c "! grep -q 5000 asked"
check "the table has medians" grep -q -E '^lock +thread +20.0 ns .* 3$' out
check "and what was published" grep -q '^published: lock 5 ns elsewhere' out
check "no server was tried" [ "$(grep -c . run/trials.tsv)" -eq 1 ]
bench ./tiny.suite --resume run >out 2>err
check "resumed, what was done is not done again" [ "$(grep -c . run/micro.tsv)" -eq 13 ]
check "and still told" grep -q -E '^lock +st +10.0 ns .* 3$' out

sed -i 's/^budget_s.*/budget_s = 0.1/' threads.conf
printf '#!/bin/sh\nsleep 0.2\nexec %s "$@"\n' "$DUALITY_BUILD/harness/duality-micro" \
	>programs/slow
chmod +x programs/slow
mv programs/slow programs/duality-micro
bench ./tiny.suite --out short >out 2>err
check "too little time: one round, and a note" \
	grep -q '^note: threads: 1 rounds instead of 3, to fit 0 s' out
check "whose rows are there" [ "$(grep -c . short/micro.tsv)" -eq 5 ]

sed -i 's/^budget_s.*/budget_s = 100/' threads.conf
rm programs/duality-micro
ln -s "$DUALITY_BUILD/harness/duality-micro" programs/
printf '#!/bin/sh\nexit 3\n' >programs/micro-st
bench ./tiny.suite --out fails >out 2>err
check "a program that fails is noted" grep -q '^note: threads: a program .* failed' out
check "the others have their rows" [ "$(grep -c . fails/micro.tsv)" -eq 7 ]
printf '#!/bin/sh\nexit 2\n' >programs/broken
chmod +x programs/broken
mv programs/broken programs/duality-micro
bench ./tiny.suite --out nothing >out 2>err
check "without duality micro it is a finding" [ $? -eq 1 ]
check "and noted" grep -q '^note: threads: duality micro failed (2)' out

sed -i 's/^rounds.*/rounds = 0/' threads.conf
bench ./tiny.suite --out none >out 2>err
check "no rounds: status 2" [ $? -eq 2 ]
plan_end
