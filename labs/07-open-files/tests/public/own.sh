#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plays own.script on your own files.c.  It has to pass on the reference, too; whether it finds
# what it should find is another question.
exec "$LAB_ENGINE/lab-files" own.script
