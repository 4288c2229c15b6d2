#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# registers-x86_64.sh - do general registers and stack pointer survive a switch?
exec "$LAB_ENGINE/lab-threads" registers x86_64
