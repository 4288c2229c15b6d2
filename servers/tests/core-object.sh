#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# All variants run the very same core: each tells the hash of the one core object, and every
# function of the core has the same size in every program.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
core=$build/servers/core/core.o

# The functions of an object or program: "name size", sorted.
functions()
{
	${NM:-nm} -S --defined-only "$1" |
		awk '$3 ~ /^[Tt]$/ { print $4, $2 }' | sort
}

hash=$(sha256sum "$core") || exit 99
hash=${hash%% *}
functions "$core" >"$work/core"
[ "$(wc -l <"$work/core")" -ge 20 ]
report $? 'the core object has functions to compare'

"$build/servers/tests/conformance" --list "$build/servers" >"$work/variants" || exit 99
while read -r name program _; do
	"$program" --about | grep -q "\"core\": *\"$hash\""
	report $? "$name tells the hash of core.o"
	functions "$program" >"$work/program"
	comm -23 "$work/core" "$work/program" >"$work/missing"
	sed "s/^/# not so in $name: /" "$work/missing"
	[ ! -s "$work/missing" ]
	report $? "$name contains the core's functions unchanged"
done <"$work/variants"
[ -s "$work/variants" ]
report $? 'some variant was found'
echo "1..$count"
