#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# registers-aarch64.sh - do general registers and stack pointer survive a switch?
exec "$LAB_ENGINE/lab-threads" registers aarch64
