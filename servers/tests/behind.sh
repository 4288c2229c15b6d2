#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What stands behind a short read is not forgotten by who takes that for all there is; epoll,
# which reads until it is told no more, is the control.
set -u
build=${DUALITY_BUILD:-.}
exec "$(dirname "$0")/variants.sh" "${BEHIND_VARIANTS:-epoll epoll-edge fiber}" \
	"$build/servers/tests/behind"
