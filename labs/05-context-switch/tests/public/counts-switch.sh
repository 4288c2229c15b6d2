#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# counts-switch.sh - is the way from one thread to the next as short among many?
exec "$LAB_ENGINE/lab-threads" count yield block wake
