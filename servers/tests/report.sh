# SPDX-License-Identifier: BSD-2-Clause
# report.sh - for tests in shell, which source it: a folder of their own, a server that ends with
# them, and TAP by exit status.
# shellcheck shell=sh
build=${DUALITY_BUILD:-.}
work=$(mktemp -d) || exit 99
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
count=0

report() # STATUS TEXT
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	for said in "$work/said" "$work/out" "$work/err"; do
		if [ -e "$said" ]; then sed 's/^/# /' "$said"; fi
	done
}
