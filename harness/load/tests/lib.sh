# SPDX-License-Identifier: BSD-2-Clause
# lib.sh - what the scripts about duality load share.  Sourced: sets $load, and $folder, which
# goes away with what $started names.
# shellcheck shell=sh disable=SC2034 # used by those that source it

load=$DUALITY_BUILD/harness/duality-load
folder=$(mktemp -d) || exit 99
started=
trap 'for pid in $started; do kill "$pid" 2>/dev/null; done; rm -rf "$folder"' EXIT
number=0

# result DESCRIPTION OK: one line of TAP, and why on failure.
result() {
	number=$((number + 1))
	if [ "$2" = 1 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		find "$folder" \( -name err -o -name json \) -exec sed 's/^/# /' {} +
	fi
}

# expect STATUS PATTERN DESCRIPTION ARGUMENT...: the exit status, and PATTERN on the only
# line of standard error.
expect() {
	want=$1 pattern=$2 name=$3
	shift 3
	rm -f "$folder/json"
	timeout 60 "$load" --quiet "$@" >"$folder/out" 2>"$folder/err"
	got=$?
	good=0
	[ "$got" -eq "$want" ] && [ "$(wc -l <"$folder/err")" -eq 1 ] &&
		grep -q -e "$pattern" "$folder/err" && good=1
	[ "$good" = 1 ] || echo "# exit status $got, wanted $want and \`$pattern'"
	result "$name" "$good"
}

# begin COMMAND...: sets $pid and $at, what it says to be ready at.
begin() {
	: >"$folder/ready" # the child may be late to empty it
	"$@" >"$folder/ready" &
	pid=$!
	started="$started $pid"
	tries=0
	while ! grep -q ready "$folder/ready" && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	at=$(sed 's/ready //' "$folder/ready")
}
