#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# counts-life.sh - are birth and death as short among many?
exec "$LAB_ENGINE/lab-threads" count create exit join
