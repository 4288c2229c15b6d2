#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# entry-x86_64.sh - how does a new context begin?
exec "$LAB_ENGINE/lab-threads" entry x86_64
