#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Everything that `make check` plays a part of: every cut of every stream against every
# variant, more of them over a network stack of its own, and a death at every step of the cache.
set -u
build=${DUALITY_BUILD:-.}
source=${DUALITY_SOURCE:-.}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
failed=0

# Shows the failures with what was said before them, and the sum.
report() # NAME STATUS
{
	good=$(grep -c '^ok ' "$work/$1")
	bad=$(grep -c '^not ok ' "$work/$1")
	grep -E -B 12 '^not ok ' "$work/$1"
	echo "$1: $good ok, $bad not ok, status $2"
	if [ "$good" -eq 0 ] || [ "$bad" -gt 0 ] || [ "$2" -ne 0 ]; then
		failed=1
	fi
}

CONFORMANCE_DEPTH=full "$source/servers/tests/conformance.sh" </dev/null >"$work/conformance" 2>&1
report conformance $?
if [ -x "$build/servers/net-http" ]; then
	for placement in '' 2cores processes; do
		CONFORMANCE_DEPTH=usual "$source/servers/network/tests/http-gate.sh" \
			${placement:+"--$placement"} </dev/null >"$work/network$placement" 2>&1
		report "network$placement" $?
	done
fi
if [ -x "$build/servers/core/tests/cache_step_test" ]; then
	CMOCKA_MESSAGE_OUTPUT=TAP "$build/servers/core/tests/cache_step_test" all \
		</dev/null >"$work/cache-steps" 2>&1
	report cache-steps $?
else
	echo "cache-steps: not built: cmocka is missing"
	failed=1
fi
exit $failed
