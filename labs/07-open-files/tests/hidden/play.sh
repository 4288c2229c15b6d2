#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# LAB-SECRET Plays the script of the test's name.
exec "$LAB_ENGINE/lab-files" \
	--again "what was done, as x.script (see handout.md), and make try SCRIPT=x.script" \
	"$LAB_DIR/tests/hidden/$LAB_TEST.script"
