#!/bin/sh
# Builds a program as a Makefile would, with what pkg-config says of the package, and runs it.
#   pkg_config.sh COMPILER SOURCE PREFIX LIBDIR PROGRAM
set -eu
compiler=$1 source=$2 libraries=$3/$4 program=$5
export PKG_CONFIG_PATH="$libraries/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
pkg-config --print-errors --exists metlog
# shellcheck disable=SC2046  # flags are words
"$compiler" -std=c++20 "$source" $(pkg-config --cflags --libs metlog) -o "$program"
LD_LIBRARY_PATH="$libraries" "$program"
