#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-sweep.sh - experiments of kind sweep: over accounts with a real server, whose transfers
# and lock waits are counted, and over server CPUs with a made-up one.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
for real in epoll pool; do
	[ ! -x "$DUALITY_BUILD/servers/$real" ] || ln -s "$DUALITY_BUILD/servers/$real" servers/
done

# The load generator, which also tells what it was asked for.
mkdir programs
for program in "$DUALITY_BUILD"/harness/duality-*; do
	[ ! -x "$program" ] || ln -s "$program" programs/
done
rm programs/duality-load
cat >programs/duality-load <<-END
	#!/bin/sh
	echo "\$*" >>$here/asked
	exec "$DUALITY_BUILD/harness/duality-load" "\$@"
END
chmod +x programs/duality-load
DUALITY_LIBEXEC=$here/programs

cat >bank.conf <<-END
	[experiment]
	summary = made up
	variants = epoll pool
	kind = sweep
	over = accounts
	points = 1 64
	request = /transfer
	connections = 4
	limit_us = 1000000
	warmup_s = 0.05
	window_s = 0.2
	window_most_s = 0.2
	drain_s = 0.1
	budget_s = 60
	published = someone saw 6 of them
END
sed -e 's/^over.*/over = cores/' -e 's/^points.*/points = 1 2 1000/' -e 's/^request.*/request = \//' \
	-e 's/^variants.*/variants = steady/' bank.conf >many.conf
echo 'spin = yes' >>many.conf
suite_begin 2 epoll >tiny.suite
cat >>tiny.suite <<-END
	[bank]
	[many]
END
bench ./tiny.suite --out run >out 2>err
check "the run ends well" [ $? -eq 0 ]

# cell FILE EXPERIMENT VARIANT POINT COLUMN: not of trials that are void, which are tried again.
cell() {
	awk -F'\t' -v e="$2" -v v="$3" -v p="$4" -v name="$5" '
		NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["experiment"] == e && $c["variant"] == v && $c["point"] == p &&
			!("void" in c && $c["void"] != "0") { print $c[name] }' "$1"
}
rows=run/trials.tsv
table=run/sweep.tsv
check "every variant at every point in every block" [ "$(cell $rows bank epoll 64 good | wc -l)" -eq 2 ]
check "transfers are made" [ "$(cell $rows bank pool 64 good | awk '$1 > 0' | wc -l)" -eq 2 ]
check "and none refused" [ "$(cell $rows bank pool 64 bad | sort -u)" = 0 ]
check "with one account, too" [ "$(cell $rows bank epoll 1 good | awk '$1 > 0' | wc -l)" -eq 2 ]
check "the policy is the variant's own" [ "$(cell $table bank epoll 1 accounts) $(
	cell $table bank pool 1 accounts)" = "free monitor" ]
check "medians are over the blocks" [ "$(cell $table bank pool 1 blocks)" -eq 2 ]
check "who has no lock waits for none" [ "$(cell $table bank epoll 1 lock_waits)" = 0 ]
check "lock waits are told where they are counted" \
	sh -c "[ \"\$1\" != nan ]" - "$(cell $table bank pool 1 lock_waits)"
check "and are nan where they are not" [ "$(cell $table many steady 1 lock_waits)" = nan ]
check "a made-up server has no policy" [ "$(cell $table many steady 1 accounts)" = - ]
check "the client's CPU and the tail are told" [ "$(cell $table bank epoll 1 client_cpu | grep -c '^[01]')$(
	cell $table bank epoll 1 lat_p99 | grep -cE '^([0-9]|inf)')" = 11 ]
check "no more CPUs than there are" [ -z "$(cell $rows many steady 1000 good)" ]
check "which is noted" grep -q '^note: many: .* server CPUs n/a: there ' out
if [ "$(nproc)" -lt 4 ]; then
	check "below four CPUs the server has one" [ -z "$(cell $rows many steady 2 good)" ]
else
	check "with four the server may have two" [ "$(cell $rows many steady 2 good | wc -l)" -eq 2 ]
fi
check "the table tells the lines" grep -q -E '^pool +monitor +[0-9]+' out
check "the client spins where it is to, which says nothing of its CPU" grep -q '^The client spins' out
check "and is asked to, only there" [ "$(grep -c -e --spin asked)" -gt 0 ]
check "not where it may sleep" [ "$(grep -e --spin asked | grep -c /transfer)" -eq 0 ]
check "and only there is that said" [ "$(grep -c '^The client spins' out)$(grep -c '^^: the client used' out)" = 11 ]
if [ "$(nproc)" -lt 4 ]; then
	check "on few CPUs nobody waits for locks" grep -q '^Locks: n/a: below 3 server CPUs' out
fi
check "a twin tells what is settled" grep -q -E \
	'^A/A: good/s differs by up to [0-9.]+ % \(2 blocks, 2 points\): no smaller' out
check "without one nothing is" grep -q '^A/A: n/a; 2 blocks settle no difference' out
check "and what was published" grep -q '^published: someone saw 6' out
cp $rows before
bench ./tiny.suite --resume run >out 2>err
check "a finished run is not repeated" cmp before $rows
check "and told as before" grep -q -E '^pool +monitor +[0-9]+' out
# A run that was interrupted after its first trial goes on with the second.
mkdir torn && cp -r run/manifest.json torn/ && head -n 2 $rows >torn/trials.tsv
bench ./tiny.suite --resume torn >out 2>err
check "an interrupted one goes on" \
	[ "$(where void 0 <torn/trials.tsv)" -eq "$(where void 0 <before)" ]
sed -i 's/^points.*/points =/' bank.conf
bench ./tiny.suite --out none >out 2>err
check "no points: status 2" [ $? -eq 2 ]
check "in one line" grep -q 'points is empty' err
plan_end
