#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The gate must reject each broken server, by the check that is there for it, and accept the
# same server unbroken.
set -u
build=${DUALITY_BUILD:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # the server may run as somebody else
cp "$build/servers/tests/mutant.so" "$work/" || exit 99
count=0

report() # VERDICT TEXT
{
	count=$((count + 1))
	echo "$1 $count - $2"
}

gate() # MUTANT [SERVER]
{
	MUTANT=$1 "$build/servers/tests/conformance" --quick \
		--preload "$work/mutant.so" "$build/servers/${2:-epoll}" >"$work/result" 2>&1
}

accept() # MUTANT SERVER
{
	if gate "$1" "$2"; then
		report ok "$2 is accepted: $1"
	else
		report 'not ok' "$2 is accepted: $1"
		sed 's/^/# /' "$work/result"
		return 1
	fi
}

# The last argument: a check that such a server passes, so that it is the defect that is seen.
reject() # MUTANT CHECK [OTHER-CHECK]
{
	if ! gate "$1" && grep -q "^not ok .*$2" "$work/result" &&
		grep -q "^ok .*${3:-}" "$work/result"; then
		report ok "$1 is rejected: $2"
	else
		report 'not ok' "$1 is rejected: $2"
		sed 's/^/# /' "$work/result"
	fi
}

accept none epoll || {
	echo 'Bail out! the gate rejects even the unbroken server'
	exit 1
}
accept slow-accept process
reject short-write 'whole streams'
reject dropped-fragment 'cut streams'
reject wrong-body 'whole streams'
reject cross-talk 'whole streams'
reject fd-leak 'nothing leaks' 'whole streams'
reject reset 'whole streams'
reject stale-cache 'changed file' 'whole streams'
echo "1..$count"
