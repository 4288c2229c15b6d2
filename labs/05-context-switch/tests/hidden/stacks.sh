#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# stacks.sh - do stacks come back, and not too early?  LAB-SECRET
exec "$LAB_ENGINE/lab-threads" play x86_64 "$LAB_DIR"/tests/hidden/stacks-*.play
