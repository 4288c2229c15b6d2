#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every variant found in the servers folder passes the gate.  CONFORMANCE_VARIANTS names some
# of them; CONFORMANCE_DEPTH: quick, short, usual or full, which cuts every stream everywhere;
# CONFORMANCE_PATIENCE: how many times longer than usual anything is waited for.
exec "$(dirname "$0")/variants.sh" "${CONFORMANCE_VARIANTS:-}" \
	"${DUALITY_BUILD:-.}/servers/tests/conformance"
