#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality fileset: the same files from the same seed, their sizes, the shares of the mix, and
# that dropped files are read from the device again.
set -u
fileset=$DUALITY_BUILD/harness/duality-fileset
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:?}/harness/tests/tap.sh"
cd "$work" || exit 99

# status WANTED ARGUMENT...: the exit status, and then one line on standard error.
status()
{
	want=$1
	shift
	"$fileset" "$@" >out 2>err
	[ $? -eq "$want" ] && { [ "$want" -ne 2 ] || [ "$(wc -l <err)" -eq 1 ]; }
}

sums()
{
	(cd "$1" && find . -type f | sort | xargs sha256sum)
}

: >out
: >err
check 'two directories for 10 MB' status 0 a --bytes 10M --seed 7 --mix a.mix
check '72 files' [ "$(find a -type f | wc -l)" -eq 72 ]
check 'of 10,238,968 bytes' [ "$(find a -type f -exec cat {} + | wc -c)" -eq 10238968 ]
check 'class 0 begins at 102 bytes' [ "$(wc -c <a/dir00000/class0_1)" -eq 102 ]
check 'class 3 ends at 921,600' [ "$(wc -c <a/dir00001/class3_9)" -eq 921600 ]
check 'again' status 0 b --bytes 10M --seed 7 --mix b.mix
check 'the same seed gives the same files' [ "$(sums a)" = "$(sums b)" ]
check 'and the same mix' cmp a.mix b.mix
check 'with another seed' status 0 c --bytes 10M --seed 8
check 'all files are different' [ "$(
	{ sums a && sums c; } | sort -u | cut -d' ' -f1 | sort | uniq -d | wc -l
)" -eq 0 ]

check 'every file is in the mix' [ "$(cut -d' ' -f2 a.mix | sort -u | sed 's|^/||' |
	while read -r path; do [ -s "a/$path" ] && echo; done | wc -l)" -eq 72 ]
awk '
{
	split($2, part, /[\/_]/) # "", directory, class, index
	all += $1; class[part[3]] += $1; directory[part[2]] += $1
	if (part[3] == "class1") of_class[part[4]] += $1
}
function near(what, share, wanted)
{
	if (share < wanted * 0.99 || share > wanted * 1.01) {
		print what ": " share ", not " wanted
		bad = 1
	}
}
END {
	near("class 0", class["class0"] / all, 0.35)
	near("class 1", class["class1"] / all, 0.50)
	near("class 2", class["class2"] / all, 0.14)
	near("class 3", class["class3"] / all, 0.01)
	near("directory 0", directory["dir00000"] / all, 2 / 3)
	near("directory 1", directory["dir00001"] / all, 1 / 3)
	near("the fifth", of_class[5] / class["class1"], 1 / 2.828968)
	near("the first", of_class[1] / class["class1"], 1 / 2.828968 / 9)
	exit bad
}' a.mix >out
check 'shares of classes, directories and files' [ ! -s out ]

serve "$build/servers/epoll" --root a --counters counters
"$build/harness/duality-load" --quiet --closed --warmup 0 --duration 1 --verify 1 \
	--json load.json --mix a.mix "$url" >out 2>err
check 'duality load takes the mix' [ $? -eq 0 ]
check 'and every file is served' grep -q '"bad_status": 0' load.json
serve_end

# Where the temporary folder is not on a device nothing can be dropped.
"$fileset" a --drop >out 2>err
case $? in
0)
	check 'dropped' grep -q '^72 files, 25[0-9][0-9] pages, 0 still' out
	cat a/dir00000/* | wc -c >out
	check 'again, after reading' status 0 a --drop
	;;
1) echo "# $(cat out): not on a device" ;;
*) check 'dropping' false ;;
esac

# Memory is all that tmpfs has.
if memory=$(mktemp -d /dev/shm/XXXXXX 2>err); then
	check 'a set in memory' status 0 "$memory" --bytes 1
	check 'cannot be dropped, and that is seen' status 1 "$memory" --drop
	check 'and told' grep -q '^36 files, .* [1-9][0-9]* still in memory' out
	rm -r "$memory"
fi

check 'a folder that is not empty is refused' status 2 a --bytes 10M
check 'and named' grep -q 'a: not empty' err
check 'bytes must be a number' status 2 d --bytes much
check 'or with a unit' status 2 d --bytes 5T
check 'neither bytes nor drop' status 2 d
check 'both' status 2 d --bytes 5M --drop
check 'no folder' status 2 --bytes 5M
check 'too much for a mix' status 2 d --bytes 1000G
check 'dropping what is not there' status 2 none --drop
echo "1..$count"
