#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# entry-aarch64.sh - how does a new context begin?
exec "$LAB_ENGINE/lab-threads" entry aarch64
