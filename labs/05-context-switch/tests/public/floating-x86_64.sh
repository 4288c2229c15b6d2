#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# floating-x86_64.sh - do mxcsr and the x87 control word survive a switch?
exec "$LAB_ENGINE/lab-threads" floating x86_64
