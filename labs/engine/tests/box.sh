#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# lab-box: walls and limits, each met by a program that tries to pass it.
# shellcheck disable=SC2016 # what is in single quotes is for the shell in the box
set -u
# shellcheck source=../../grade/tests/lib.sh
. "$DUALITY_SOURCE/labs/grade/tests/lib.sh"
box=$here/engine/lab-box

# ends REPORT ARGUMENT...: the box's report.
ends()
{
	want=$1
	shift
	"$box" --report report "$@" >out 2>err </dev/null
	echo "report: $(cat report)" >>err
	[ "$(cat report)" = "$want" ]
}

check "a status is passed on" status 3 "$box" sh -c 'exit 3'
check "and reported" ends "exit 3" sh -c 'exit 3'
check "a signal" ends "signal 11" sh -c 'kill -SEGV $$'
check "as a shell says it" status 139 "$box" --report report sh -c 'kill -SEGV $$'
check "no program" ends "error No such file or directory" ./none
check "has a status of its own" status 125 "$box" --report report ./none
check "no such limit" status 2 "$box" --cpu-s x true
check "CPU" ends "limit cpu" --cpu-s 1 sh -c 'while :; do :; done'
check "CPU of children" ends "limit cpu" --cpu-s 1 sh -c 'while :; do :; done & wait'
check "and of those that are no more" ends "limit cpu" --cpu-s 1 sh -c \
	'while :; do sh -c "while [ \$((i += 1)) -lt 100000 ]; do :; done"; done'
check "a wall that has to stand" status 125 env LAB_WALLS=32 "$box" --report report true
check "does, or nothing runs" grep -q '^error' report
check "a file" ends "limit file" --file-mib 1 dd if=/dev/zero of=/tmp/file bs=1M count=9
check "sleep" ends "limit idle" --idle-s 1 sh -c 'sleep 1000 & wait'
check "no sleep is too long by itself" ends "exit 0" sleep 2
check "the wall" ends "limit wall" --wall-s 1 sleep 1000
check "memory" ends "limit memory" --memory-mib 64 \
	awk 'BEGIN { for (;;) s[n++] = sprintf("%1000s", "") }'
check "address space" ends "exit 2" --space-mib 64 \
	awk 'BEGIN { for (;;) s[n++] = sprintf("%1000s", "") }'
check "limits of the environment" sh -c "! LAB_LIMITS='cpu_s=5 file_mib=1' '$box' \
	dd if=/dev/zero of=/tmp/file bs=1M count=9 2>err"
check "but an option wins" env LAB_LIMITS='file_mib=1' "$box" --file-mib 20 \
	dd if=/dev/zero of=/tmp/file bs=1M count=9 status=none
check "a setting" status 0 "$box" --set 'A=b c' sh -c '[ "$A" = "b c" ]'
check "no other" env SECRET=x "$box" sh -c '[ -z "${SECRET-}" ]'
check "it starts elsewhere" "$box" --folder /usr sh -c '[ "$PWD" = /usr ]'
echo passed >text
check "standard input and output" [ "$("$box" cat <text)" = passed ]
# Descriptor 5 is open here, and not there.
check "no other descriptor" "$box" sh -c '[ ! -e /proc/self/fd/5 ]' 5<text
check "addresses may be fixed" [ "$("$box" --fixed-addresses sed -n 1p /proc/self/maps)" = \
	"$("$box" --fixed-addresses sed -n 1p /proc/self/maps)" ]
check "two megabytes of output" [ "$("$box" head -c 2000000 /dev/zero | wc -c)" -eq 2000000 ]

case $walls in
*PID*mount*)
	mkdir -p mine/below other
	check "processes" ends "limit processes" --processes 20 sh -c \
		'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 99 & done; wait'
	check "as many as allowed" ends "exit 0" --processes 20 sh -c \
		'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do sleep 1 & done; wait'
	# Whoever may write there.
	mkdir -m 777 open
	check "its folder is read-only" ends "exit 0" --folder open sh -c '! echo >file'
	check "whoever owns it" ends "exit 0" sh -c '! echo >file'
	check "and no other is seen" ends "exit 0" --folder mine sh -c "[ ! -e $here/other ]"
	check "but one that is listed" ends "exit 0" --folder mine --read "$here/other" sh -c \
		"[ -e $here/other ] && ! echo >$here/other/file"
	check "what it may write, it writes" ends "exit 0" --write "$here/mine" sh -c \
		'echo >mine/file && echo >mine/below/file'
	check "its /tmp is its own" ends "exit 0" sh -c 'echo >/tmp/lab-box-file'
	check "and not the machine's" [ ! -e /tmp/lab-box-file ]
	check "it sees no labs" ends "exit 0" --read "$here" sh -c "[ -z \"\$(ls $here/labs)\" ]"
	check "nor other processes" ends "exit 0" sh -c '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 6 ]'
	check "it has no network" ends "exit 0" sh -c '[ "$(grep -c : /proc/net/dev)" -eq 1 ]'
	check "it is not root" ends "exit 0" sh -c '[ "$(id -u)" -ne 0 ]'
	check "nor can be" ends "exit 0" sh -c '! grep -q "^CapEff:.*[1-9a-f]" /proc/self/status'
	# Where root is all users there are, and so cannot become another one.
	if unshare -rn true 2>/dev/null; then
		check "nor is it where no other user is" status 0 unshare -rn "$box" sh -c \
			'[ "$(id -u)" -ne 0 ] && ! grep -q "^CapEff:.*[1-9a-f]" /proc/self/status'
		mkdir alone
		check "and there it may write what it may" status 0 unshare -rn "$box" \
			--write "$here/alone" sh -c 'echo >alone/file && ! echo >file'
	fi
	# Seconds that nobody else sleeps.
	long=7$$
	sleeps()
	{
		cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q -a "[s]leep $long "
	}
	ended()
	{
		! sleeps
	}
	check "what it leaves behind" ends "exit 0" sh -c "sleep $long & exit 0"
	check "ends" ended
	"$box" sleep $long &
	pid=$!
	check "one that is started" until_true 20 sleeps
	kill -9 $pid
	wait $pid 2>/dev/null
	check "ends with who started it" until_true 20 ended
	;;
*) echo "# not tried, as the box has here: $walls" ;;
esac
plan_end
