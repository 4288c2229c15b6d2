#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-rings.sh - an experiment of kind rings: made-up numbers and what is said of them, a run
# that is resumed, a program that fails; and a real one, short.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
mkdir programs
DUALITY_LIBEXEC=$here/programs

# The peer takes three times as long at 1, as long at 8, and is not there at 32.
cat >programs/duality-rings <<END
#!/bin/sh
echo "\$@" >>$here/asked
while [ \$# -gt 0 ]; do [ "\$1" != --first ] || round=\$2; shift; done
row() { printf "\$round\t%s\t%s\t%s\t%s\tns\t%s\t%s\n" "\$@"; }
echo "round	what	place	ring	batch	unit	value	note"
[ "\$round" != 1 ] || row never-empty smt - 1 nan 'no second thread'
row never-empty cores ring 1 1\$round -
row never-empty cores ck_ring 1 3\$round -
row never-empty cores ring 8 5 -
row never-empty cores ck_ring 8 5 -
row never-empty cores ring 32 5 -
row never-empty cores rte_ring 32 \$((round == 6 ? 4 : 6)) -
row never-empty cores ring-items 1 20 -
row often-full cores ring 1 40 -
row often-full cores ck_ring 1 30 -
row often-empty cores ring 1 10 -
row often-empty cores ck_ring 1 30 -
row ping-pong cores ring 32 4 -
row ping-pong cores rte_ring 32 6 -
row ping-pong cores ring 1 \$((round == 6 ? 90 : 40)) -
row never-empty cores rte_ring 1 nan 'was not found'
row wake cores doorbell 1 15 -
row wake cores futex 1 10 -
row same-thread thread ring 1 9.5 -
row same-thread thread ck_ring 1 6 -
END
chmod +x programs/duality-rings
cat >queues.conf <<-END
	[experiment]
	summary = made up
	kind = rings
	primitives = never-empty wake@1
	rounds = 6
	messages = 77
	published = someone saw 6 of them
	budget_s = 100
END
cat >tiny.suite <<-END
	[suite]
	blocks = 1
	budget_s = 100
	[queues]
END
bench ./tiny.suite --out run >out 2>err
check "a suite of rings ends well" [ $? -eq 0 ]
check "it is asked round by round" [ "$(sed 's/.*--first \([0-9]*\).*/\1/' asked | xargs)" = "1 2 3 4 5 6" ]
check "for what the experiment names" [ "$(grep -c -- '--messages 77 never-empty wake@1$' asked)" -eq 6 ]
check "each round has its rows" [ "$(awk -F'\t' 'NR > 1 { n[$2]++ }
	END { print n[1], n[2], n[6] }' run/rings.tsv)" = "20 19 19" ]
check "medians are over the rounds" grep -q -E '^never-empty +cores +ring +13\.50 +n/a' out
check "who differs by more than twice is marked" grep -q -E '^ping-pong +cores +ring +40\.00\*' out
check "a place that is not there has its reason" \
	grep -q -E '^never-empty +smt +n/a: no second thread$' out
check "ratios are within rounds, and beyond a goal only with their interval" grep -q \
	'^never-empty, slots of 8 .* ck_ring .* batches of 1: 2.48 (2.25-2.82, 95 % of 6 rounds)   at least 2: met' out
check "a goal may be missed" grep -q \
	'by ck_ring .* batches of 8: 1 (1-1, 95 % of 6 rounds) .*: not met' out
check "or not be told" grep -q \
	'by rte_ring .* batches of 32: 1.2 (0.8-1.2, .* at least 1: cannot be told' out
check "items stand beneath without a goal" grep -q \
	'no goal: never-empty, ck_ring (8 bytes) over ring-items (16): 1.67 (1.55-1.8, ' out
check "so does a ring that is often empty" grep -q 'no goal: often-empty, ck_ring over ring: 3 ' out
check "other shapes are judged, too" grep -q \
	'^often-full, slots .* by ck_ring .* batches of 1: 0.75 (0.75-0.75, .* at least 2: not met' out
check "by the same goals" grep -q \
	'^ping-pong, slots .* by rte_ring .* batches of 32: 1.5 (.* at least 1: met' out
check "and only once" [ "$(grep -c 'often-full, .*ck_ring' out)$(grep -c '^ping-pong, .* by rte_ring .* batches of 32' out)" = 31 ]
check "where they were not measured nothing is said of them" grep -q \
	'^ping-pong, slots .* by ck_ring .* batches of 1: n/a$' out
check "a ring that is not there has its reason" \
	grep -q 'by rte_ring .* batches of 1: n/a: was not found' out
check "a goal may be an upper bound" \
	grep -q 'by futex (not private): 1.5 (1.5-1.5, .* at most 1.05: not met' out
check "wake-ups are told in ns, too" grep -q 'doorbell 15 ns (.*futex 10 ns (' out
check "peers stand beside what takes place in a thread" grep -q 'beside it: ring-items n/a, ck_ring 6 ns (' out
check "what others measured is told" grep -q '^elsewhere: someone saw 6' out
bench ./tiny.suite --resume run >out 2>err
check "resumed, nothing is measured again" [ "$(wc -l <asked)" -eq 6 ]
check "and all is told" grep -q -E '^never-empty +cores +ring +13\.50' out

printf '#!/bin/sh\nexit 2\n' >programs/duality-rings
bench ./tiny.suite --out fails >out 2>err
check "without the program it is a finding" [ $? -eq 1 ]
check "and noted" grep -q '^note: queues: duality rings failed (2)' out

rm programs/duality-rings
ln -s "$DUALITY_BUILD/harness/duality-rings" programs/
sed -i -e 's/^messages.*/messages = 500/' -e 's/^rounds.*/rounds = 1/' -e '/^primitives/d' queues.conf
bench ./tiny.suite --out real >out 2>err
check "a real round ends well" [ $? -eq 0 ]
check "with a number for a message within a thread" \
	grep -q -E '^a message within a thread, ns: [0-9.]+ ' out
check "one round tells no goal" grep -q 'within a thread.*cannot be told, too few rounds' out
plan_end
