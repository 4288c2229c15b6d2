#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-full-disk.sh - the disk fills in the middle of a run: the trials it spoils are void,
# the run stops with one line, what was written is valid, and with room it goes on.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
servers steady
mkdir small
if ! mount -t tmpfs -o size=56k duality-test small 2>err; then
	check "not tried: no small file system here ($(head -n 1 err))" true
	plan_end
	exit 0
fi
trap 'umount "$here/small" 2>/dev/null; rm -rf "$here"' EXIT
run=small/run

# Every line has as many columns as the header and ends as a line does.
table_whole() {
	[ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] &&
		awk -F'\t' 'NR == 1 { columns = NF } NF != columns { exit 1 }' "$1"
}

# More trials than there is room for: each has a row, and a histogram of a page.
suite_equal 40 0.05 300
bench ./tiny.suite --seed 5 --out $run >out 2>err
check "a full disk is status 2" [ $? -eq 2 ]
check "told in one line" [ "$(grep -c 'No space left on device' err)" -eq 1 ]
check "which names the folder" grep -q "^duality bench: .*/$run: No space left" err
check "no line but that and the trials'" \
	[ "$(grep -c -v -e ' at 300/s' -e 'one CPU only' err)" -eq 1 ]
check "it stopped: not all trials were tried" [ "$(grep -c ' at 300/s' err)" -lt 40 ]
check "nothing pretends to be a result" [ ! -s out ]
rows=$run/trials.tsv
check "trials from before count" [ "$(where void 0 <$rows)" -ge 1 ]
check "those it spoiled are void with a reason" \
	[ "$(where note 'duality-load could not write its results' <$rows)" -ge 1 ]
check "every void row is of these" \
	[ "$(where void load <$rows)" -eq "$(where note 'duality-load could.*' <$rows)" ]
check "the table is whole" table_whole $rows
check "the manifest is whole" grep -q '^}' $run/manifest.json
check "it does not say that the run is finished" grep -q '"finished": false' $run/manifest.json
check "no process stayed behind" all_gone

cp $rows before
mount -o remount,size=2m small
bench ./tiny.suite --resume $run >out 2>err
check "with room again the run goes on to its end" [ $? -eq 0 ]
check "what was measured is kept" \
	[ "$(head -n "$(wc -l <before)" $rows)" = "$(cat before)" ]
check "the table is whole to the end" table_whole $rows
check "every block has its trial" \
	[ "$(column block <$rows | sort -u | wc -l)" -eq 40 ]
check "the table on screen names the cause" grep -q -E ' void: (.*, )?load ' out
check "the run is finished" grep -q '"finished": true' $run/manifest.json

# Not even room for the first page.
rm -rf $run
dd if=/dev/zero of=small/full bs=4k 2>err
bench ./tiny.suite --out $run >out 2>err
check "a disk that is full from the start is status 2" [ $? -eq 2 ]
check "one line says that it is" [ "$(grep -c 'No space left on device' err)" -eq 1 ]
plan_end
