# Sourced by the scripts that build: one way to configure and compile, so that the scripts share a
# build directory without making each other's work void. Needs progress.sh.
# shellcheck shell=bash

# configure_tree BUILD COMPILER OPTION...: a Release build directory; ccache where there is one.
configure_tree() {
  local build=$1 compiler=$2
  shift 2
  command -v "$compiler" >/dev/null || die "no compiler '$compiler' here; try: tools/deps --ci"
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_DIR=${CCACHE_DIR:-$PWD/$build/ccache}
    # What precompiled headers need.
    export CCACHE_SLOPPINESS=pch_defines,time_macros
  fi
  heading "Building into $build"
  run_logged configure "$build/configure.log" cmake -S . -B "$build" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" "$@"
}

# build_tree BUILD TARGET...: compiles; everything when no target is named.
build_tree() {
  local build=$1
  shift
  run_logged build "$build/build.log" cmake --build "$build" ${1:+--target "$@"}
  grep 'warning: ' "$build/build.log" >&2 || true
}
