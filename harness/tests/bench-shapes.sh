#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-shapes.sh - every experiment of shapes.suite runs, on two real variants, in small.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
cp "$DUALITY_SOURCE"/workloads/*.conf . || exit 99

# section NAME LINE...: an experiment, with what makes it small.
section() {
	printf '[%s]\nbudget_s = 60\nwarmup_s = 0.05\nwindow_s = 0.4\ndrain_s = 0.3\n' "$1"
	printf 'rates_rps = 200\n'
	shift
	printf '%s\n' "$@"
}

# Where the temporary folder has no device below it, nothing can be dropped.
mkdir probe && echo x >probe/file
disk=no
"$DUALITY_BUILD/harness/duality-fileset" probe --drop >out 2>err && disk=yes
{
	printf '[suite]\nblocks = 1\nbudget_s = 600\naa = none\ncanary_every = 0\n'
	printf 'void_steal = 1\nvoid_late = 1\nvoid_stranger = 1\nvoid_gap = 1\n'
	section churn 'split = no'
	section persistent-5
	section fileset 'fileset_bytes = 10e6'
	if [ $disk = yes ]; then section disk 'fileset_bytes = 10e6'; fi
	section idle 'kind = equal' 'shape = pool' 'idle = 50' 'variants ='
	section mixed-spin
	section wait
} >small.suite

"$DUALITY_BUILD/harness/duality-bench" --servers "$DUALITY_BUILD/servers" \
	--variants "epoll amped" ./small.suite --out run >out 2>err
check "the suite runs" [ $? -eq 0 ]
rows=run/trials.tsv

of() {
	awk -F'\t' -v name="$1" 'NR == 1 || $2 == name' $rows
}
# What is compared is what was answered, and not how fast.
all_good() {
	of "$1" | awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ rows++ }
		$column["bad"] > 0 || $column["errors"] > 0 || !($column["good"] > 0) { wrong = 1 }
		END { exit wrong || rows != 2 }'
}
for name in churn persistent-5 fileset disk idle mixed-spin wait; do
	if [ $name = disk ] && [ $disk = no ]; then continue; fi
	check "$name: both variants answer, and answer well" all_good "$name"
done
check "no note of idle connections: all were held" [ "$(of idle | where note '.*idle.*')" -eq 0 ]
if [ $disk = yes ]; then
	check "files were loaded" [ "$(of disk | where loads 0)" -eq 0 ]
	check "no file stayed in memory" [ "$(of disk | where note '.*stayed.*')" -eq 0 ]
fi
check "the mix of file sets and of mixed-spin is gone with the working folder" [ ! -e run/work ]

printf '[mixed-spin]\nfileset_bytes = 1e6\n' >both.suite
"$DUALITY_BUILD/harness/duality-bench" --servers "$DUALITY_BUILD/servers" ./both.suite \
	--out no >out 2>err
check "a mix and a file set are refused" [ $? -eq 2 ]
check "in words" grep -q 'mixed-spin.*exclude each other' err
printf '[cached]\ndrop = yes\n' >drop.suite
"$DUALITY_BUILD/harness/duality-bench" --servers "$DUALITY_BUILD/servers" ./drop.suite \
	--out no >out 2>err
check "dropping without a file set is refused" grep -q 'cached.*drop needs' err

# Room for 35 connections: the 32 active ones come first.
cat >pool.sh <<-END
	#!/bin/sh
	exec "$DUALITY_BUILD/servers/pool" "\$@" --max-connections 35
END
mkdir few && cp pool.sh few/pool && chmod +x few/pool
{
	printf '[suite]\naa = none\ncanary_every = 0\nbudget_s = 60\nvoid_steal = 1\nvoid_late = 1\nvoid_stranger = 1\nvoid_gap = 1\n'
	section idle 'kind = equal' 'shape = pool' 'idle = 50'
	echo 'variants = pool'
} >few.suite
"$DUALITY_BUILD/harness/duality-bench" --servers few ./few.suite --out few.run >out 2>err
check "connections that were not held are told" \
	[ "$(where note '3 of 50 idle connections were held' <few.run/trials.tsv)" -eq 1 ]
plan_end
