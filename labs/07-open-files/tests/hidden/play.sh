#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# LAB-SECRET Plays the script of the test's name.
exec "$LAB_ENGINE/lab-files" "$LAB_DIR/tests/hidden/$LAB_TEST.script"
