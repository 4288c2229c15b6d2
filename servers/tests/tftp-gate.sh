#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every variant that speaks TFTP is played to by a scripted peer.
set -u
build=${DUALITY_BUILD:-.}
VARIANTS_PROTOCOL=tftp
export VARIANTS_PROTOCOL
exec "${DUALITY_SOURCE:-.}/servers/tests/variants.sh" '' "$build/servers/tests/tftp-gate"
