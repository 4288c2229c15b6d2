#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# exit.sh - is the end an end?  LAB-SECRET
exec "$LAB_ENGINE/lab-threads" play x86_64 "$LAB_DIR"/tests/hidden/exit-*.play
