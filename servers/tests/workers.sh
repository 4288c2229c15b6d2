#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --workers is for the variant that the flag chooses, wherever among the options it stands;
# and there is one flag.
set -u
fiber=${DUALITY_BUILD:-.}/servers/fiber
if [ ! -x "$fiber" ]; then
	echo "1..0 # SKIP fiber is not built"
	exit 0
fi
count=0

# says NAME WORDS OPTION...: it refuses its options, and what it says has the words.
says() {
	name=$1
	words=$2
	shift 2
	count=$((count + 1))
	said=$("$fiber" "$@" --root /nonexistent 2>&1)
	if [ $? -eq 2 ] && echo "$said" | grep -q -e "$words"; then
		echo "ok $count - $name"
	else
		echo "# said: $said"
		echo "not ok $count - $name"
	fi
}

says "fiber has none" 'no fixed workers' --workers 2
says "nor has another variant of it" 'no fixed workers' --uring --workers 2
says "fiber-mn has, and refuses the root" '/nonexistent' --mn --workers 2
says "in either order" '/nonexistent' --workers 2 --mn
says "none at all is refused of it too" '--workers' --mn --workers 0
says "it is one variant, not two" '--uring and --mn' --uring --mn
says "but may be told so twice" '/nonexistent' --uring --uring
echo "1..$count"
