#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plays the script of the test's name.
exec "$LAB_ENGINE/lab-files" --again "duality lab check 7 $LAB_TEST" \
	"$LAB_DIR/tests/public/$LAB_TEST.script"
