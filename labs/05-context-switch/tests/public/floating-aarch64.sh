#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# floating-aarch64.sh - do d8 to d15 and fpcr survive a switch?
exec "$LAB_ENGINE/lab-threads" floating aarch64
