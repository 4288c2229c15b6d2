#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# wake.sh - who is woken, and how often?  LAB-SECRET
exec "$LAB_ENGINE/lab-threads" play x86_64 "$LAB_DIR"/tests/hidden/wake-*.play
