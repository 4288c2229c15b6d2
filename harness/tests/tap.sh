# SPDX-License-Identifier: BSD-2-Clause
# tap.sh - for tests in shell, which source it: a folder of their own, TAP by exit status or by
# a command, and a server that ends with them.
# shellcheck shell=sh disable=SC2034 # some is only for who sources this
build=${DUALITY_BUILD:-.}
work=$(mktemp -d) || exit 99
server=
trap 'test -z "$server" || kill -9 "$server" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
count=0
shown='said out err' # files of $work that say why, if one fails

report() # STATUS TEXT
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	for said in $shown; do
		if [ -e "$work/$said" ]; then sed 's/^/# /' "$work/$said" | head -n 200; fi
	done
}

skip() # TEXT REASON
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

check() # TEXT COMMAND...
{
	claim=$1
	shift
	"$@"
	report $? "$claim"
}

within() # COMMAND...: true once it is, within 20 s
{
	tries=0
	until "$@"; do
		[ $((tries += 1)) -le 200 ] || return 1
		sleep 0.1
	done
}

# What it says goes to err; sets server, at (HOST:PORT) and url.
serve() # COMMAND...
{
	: >"$work/ready" # the child may be late to empty it
	"$@" >"$work/ready" 2>"$work/err" &
	server=$!
	within grep -q ready "$work/ready"
	at=$(sed -n 's/^ready //p' "$work/ready")
	url=http://$at
}

# The last status is the server's.
serve_end()
{
	kill "$server"
	wait "$server"
	set -- $?
	server=
	return "$1"
}

# Of the load's result, or of counters: lines, or one line of JSON.
number() # FILE NAME
{
	tr ',{' '[\n*]' <"$1" | sed -n "s/^ *\"$2\": \([0-9]*\).*/\1/p"
}

# Of the server's children, by its name.
process() # NAME
{
	tr ' ' '\n' <"/proc/$server/task/$server/children" | while read -r child; do
		if [ "$(cat "/proc/$child/comm" 2>/dev/null)" = "$1" ]; then echo "$child"; fi
	done
}
