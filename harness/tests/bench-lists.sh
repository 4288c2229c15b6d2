#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-lists.sh - who takes part: the suite's list, an experiment's own, the user's; who is
# listed and not here; and what is left to another suite.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady even extra
printf 'gone\tno such library\n' >servers/missing.tsv
cat >servers/other <<END
#!/bin/sh
if [ "\$1" = --about ]; then
	echo '[{"name": "other", "args": [], "family": "reference", "style": "event", "summary": "not ours"}]'
	exit
fi
exec $here/servers/steady "\$@"
END
chmod +x servers/other
suite_equal 1 0.1 100
sed 's/^limit_us.*/limit_us = 900000/' equal.conf >second.conf
sed -e 's/^\[equal\]/[second]/' -e '1,/^void_gap/d' tiny.suite >rest
cat rest >>tiny.suite

# listed RUN EXPERIMENT: who was tried.
listed() {
	awk -F'\t' -v e="$2" 'NR > 1 && $2 == e { print $5 }' "$1/trials.tsv" | sort -u | tr '\n' ' '
}
bench ./tiny.suite --out none >out 2>err
check "without a list all but other people's" [ "$(listed none equal)" = "even extra steady " ]
check "these are told" grep -q '^note: 1 other variant is left out (--variants): other$' out

sed -i 's/^aa = none/aa = none\nvariants = steady even gone other nobody\nothers = big/' tiny.suite
echo 'variants = extra steady' >>second.conf
bench ./tiny.suite --out some >out 2>err
check "the suite's list" [ "$(listed some equal)" = "even other steady " ]
check "the experiment's own goes before" [ "$(listed some second)" = "extra steady " ]
check "who is listed and not here is told" grep -q '^note: gone is not here: no such library$' out
check "of whom nobody knows" grep -q '^note: nobody is not here$' out
check "no line of those not listed" [ "$(grep -c 'left out: it' out)" -eq 0 ]

sed -i 's/^variants = extra.*/variants = steady/' second.conf
bench ./tiny.suite --out fewer >out 2>err
check "what is left to another suite is told" \
	grep -q '^note: 1 other variant is left to: duality bench big$' out

bench ./tiny.suite --variants "extra other" --out user >out 2>err
check "the user's list" [ "$(listed user equal)" = "extra other " ]
check "goes before all" [ "$(listed user second)" = "extra other " ]
check "and leaves nobody out" [ "$(grep -c 'left' out)" -eq 0 ]
head -n 2 user/trials.tsv >keep && cp keep user/trials.tsv
bench ./tiny.suite --resume user >out 2>err
check "a resumed run keeps to it" [ "$(listed user second)" = "extra other " ]
head -n 2 fewer/trials.tsv >keep && cp keep fewer/trials.tsv
bench ./tiny.suite --resume fewer >out 2>err
check "and one of lists to them" [ "$(listed fewer second)" = "steady " ]

# Whoever could be measured counts, other people's too; who speaks no http does not.
sed 's/not ours/packets only/; s/"other"/"packets"/; s/"style"/"protocols": ["tftp"], &/' \
	servers/other >servers/packets
chmod +x servers/packets
sed -i 's/^variants = .*/variants = steady even/' tiny.suite
bench ./tiny.suite --out two >out 2>err
check "and all who could be measured count" \
	grep -q '^note: 2 other variants are left to: duality bench big$' out
sed -i '/^others/d' tiny.suite
bench ./tiny.suite --out named >out 2>err
check "where no other suite has them they are named" \
	grep -q '^note: 2 other variants are left out (--variants): extra other$' out

# More names than a note has room for.
for n in 1 2 3 4 5 6; do
	ln -s "$DUALITY_BUILD/harness/tests/fake" servers/of-a-long-name-number-$n
done
bench ./tiny.suite --out long >out 2>err
check "what has no room is left open" grep -q \
	'^note: 8 other variants are left out (--variants): extra .*-1 .*-2 .* \.\.\.$' out
rm servers/of-*

sed -i 's/^variants = .*/variants = all/' tiny.suite
bench ./tiny.suite --out all >out 2>err
check "all: other people's too" [ "$(listed all equal)" = "even extra other steady " ]
plan_end
