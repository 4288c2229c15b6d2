#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A rush of clients and of input, where the kernel accepts and receives by itself; epoll, which
# asks for each, is the control.
set -u
build=${DUALITY_BUILD:-.}
exec "$(dirname "$0")/variants.sh" "${RUSH_VARIANTS:-epoll uring uring-multishot}" \
	"$build/servers/tests/rush"
