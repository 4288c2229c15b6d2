#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The gate of http-gate.sh with the modules placed otherwise; quick, or CONFORMANCE_DEPTH.
set -u
gate=${DUALITY_SOURCE:-.}/servers/network/tests/http-gate.sh
export CONFORMANCE_DEPTH="${CONFORMANCE_DEPTH:-quick}"
count=0
for placement in 2cores processes; do
	count=$((count + 1))
	if said=$("$gate" "--$placement" 2>&1); then
		echo "ok $count - $placement: $(echo "$said" | tail -n 1)"
	else
		echo "not ok $count - $placement"
		echo "$said" | sed 's/^/# /'
	fi
done
echo "1..$count"
