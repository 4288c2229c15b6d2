#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every variant that echoes UDP is played to by a scripted peer.
set -u
build=${DUALITY_BUILD:-.}
VARIANTS_PROTOCOL=udp
export VARIANTS_PROTOCOL
exec "${DUALITY_SOURCE:-.}/servers/tests/variants.sh" '' "$build/servers/tests/udp-gate"
