#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every variant that echoes UDP is played to by a scripted peer; but for those with a stack of
# their own, which need an interface too (servers/network/tests).
set -u
build=${DUALITY_BUILD:-.}
VARIANTS_PROTOCOL=udp
export VARIANTS_PROTOCOL
exec "${DUALITY_SOURCE:-.}/servers/tests/variants.sh" '' "$build/servers/tests/udp-gate"
