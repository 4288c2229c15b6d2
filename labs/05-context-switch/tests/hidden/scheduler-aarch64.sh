#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# scheduler-aarch64.sh - the same scheduler on the other switch.  LAB-SECRET
set -eu
"$LAB_ENGINE/lab-threads" play aarch64 "$LAB_DIR"/tests/public/turns-*.play
exec "$LAB_ENGINE/lab-threads" random aarch64 5 10 "${LAB_SEED:-1}"
