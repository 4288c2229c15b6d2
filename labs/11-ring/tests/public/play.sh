#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# play.sh - does the ring on one thread do what a queue does?  The test is called play-CASE;
# what is done, and what should come of it, is made here.
set -u
case $LAB_TEST in
play-small) set -- 4 0 60 1 ;;
play-wrap) set -- 4 4294967290 200 2 ;;
play-large) set -- 64 4294967200 400 3 ;;
play-one) set -- 1 4294967295 100 4 ;;
*) exit 2 ;;
esac
if [ ! -x play ]; then
	echo "There is no play: \`make\` says why."
	exit 1
fi

awk -v slots="$1" -v first="$2" -v steps="$3" -v seed="$4" \
	-v script="$LAB_SCRATCH/script" -v right="$LAB_SCRATCH/right" '
function random(n) {
	seed = seed * 16807 % 2147483647
	return int(seed / 64) % n
}
function say(what, comes) {
	print what > script
	print comes > right
}
function put(n,   i, line) {
	line = "put"
	for (i = 0; i < n; i++) {
		line = line " " (last + i + 1)
		if (i < slots - (last_in - first_in))
			queue[last_in + i] = last + i + 1
	}
	if (n > slots - (last_in - first_in))
		n = slots - (last_in - first_in)
	last += n
	last_in += n
	say(line, "put " n)
}
function get(n,   line) {
	line = "got"
	comes = n
	for (; n > 0 && first_in < last_in; n--)
		line = line " " queue[first_in++]
	say("get " comes, line)
}
function has() {
	say("has", (last_in > first_in ? "an" : "no") " item, " \
		(last_in - first_in < slots ? "has" : "no") " room")
}
function idle(what, ready) {
	say("idle " what, ready ? "goes on" : "sleeps")
	wanted[what] = !ready
}
function answer(what) {
	say("answer " what, wanted[what] ? "signal" : "no signal")
	wanted[what] = 0
}
BEGIN {
	say("ring " slots " " first, "ring made")
	while (steps-- > 0) {
		kind = random(12)
		if (kind < 4)
			put(1 + random(slots + 1))
		else if (kind < 8)
			get(1 + random(slots + 1))
		else if (kind < 9)
			has()
		else if (kind < 10)
			idle("item", last_in > first_in)
		else if (kind < 11)
			idle("room", last_in - first_in < slots)
		else
			answer(random(2) ? "item" : "room")
	}
	say("ring 3 0", "ring refused")
}' </dev/null || exit 2

"$LAB_ENGINE/lab-box" --idle-s 10 --report "$LAB_SCRATCH/end" -- ./play \
	<"$LAB_SCRATCH/script" >"$LAB_SCRATCH/out" 2>/dev/null
case $(cat "$LAB_SCRATCH/end") in
'limit wall' | error*) exit 2 ;;
esac
cmp -s "$LAB_SCRATCH/right" "$LAB_SCRATCH/out" && exit 0

# Up to the first line that differs; before it only the last twelve.
paste "$LAB_SCRATCH/script" "$LAB_SCRATCH/right" "$LAB_SCRATCH/out" | awk -F '\t' '
{
	shown[NR] = $1 "  -> " $2
	if ($2 == $3)
		next
	print "What is done to the ring, and what comes of it, until it goes wrong:"
	for (i = NR > 12 ? NR - 12 : 1; i < NR; i++)
		print "  " shown[i]
	print "  " $1
	print "should be: " $2
	print "but is:    " ($3 == "" ? "nothing" : $3)
	exit
}'
echo "play ended with: $(cat "$LAB_SCRATCH/end")"
exit 1
