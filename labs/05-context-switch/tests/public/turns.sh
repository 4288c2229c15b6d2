#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# turns.sh - does everybody run in turn?
exec "$LAB_ENGINE/lab-threads" play x86_64 "$LAB_DIR"/tests/public/turns-*.play
