#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# join.sh - when does a join end, and with what?  LAB-SECRET
exec "$LAB_ENGINE/lab-threads" play x86_64 "$LAB_DIR"/tests/hidden/join-*.play
