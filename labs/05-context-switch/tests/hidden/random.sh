#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# random.sh - forty plays that nobody wrote.  LAB-SECRET
exec "$LAB_ENGINE/lab-threads" random x86_64 1 40 "${LAB_SEED:-1}"
