# What keeps compile times low: headers that are read once, and optimisation only where it serves.
# A precompiled header hides that a source does not include what it uses, so .ci/run builds one tree
# with METLOG_PRECOMPILED_HEADERS=OFF, in which only the test framework is precompiled.

# What most sources of the library and the programs include.
set(METLOG_COMMON_HEADERS
  <cstdint> <memory> <optional> <string> <string_view> <utility> <vector> <absl/status/statusor.h>)

# metlog_precompile(TARGET headers...): reads the headers once for all sources of the target.
function(metlog_precompile target)
  if(METLOG_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    metlog_make_cacheable(${target})
  endif()
endfunction()

# metlog_precompile_common(TARGET): the common headers, which all such targets share.
function(metlog_precompile_common target)
  if(NOT TARGET common_headers)
    metlog_header_library(common_headers absl::statusor)
    metlog_precompile(common_headers ${METLOG_COMMON_HEADERS})
  endif()
  metlog_precompile_like(${target} common_headers)
endfunction()

# metlog_precompile_like(TARGET OTHER): with the headers of a target that has the same flags.
function(metlog_precompile_like target other)
  get_target_property(headers ${other} PRECOMPILE_HEADERS)
  if(headers)
    target_precompile_headers(${target} REUSE_FROM ${other})
    metlog_make_cacheable(${target})
  endif()
endfunction()

# ccache needs to see what a precompiled header holds, and the same bytes for the same contents.
function(metlog_make_cacheable target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# metlog_header_library(NAME libraries...): a target without code, for others to share its
# precompiled headers.
function(metlog_header_library name)
  file(CONFIGURE OUTPUT ${name}.cc CONTENT "// Only the precompiled headers are used.\n")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE project_options ${ARGN})
endfunction()

# metlog_cheap_options(TARGET): a program reads its command line once, and to optimize CLI11 takes
# most of the compile time. The sources that do so, known by their names, become a library that is
# not optimized. To be called when the target has its libraries.
function(metlog_cheap_options target)
  if(NOT TARGET command_line_headers)
    metlog_header_library(command_line_headers CLI11::CLI11)
    target_compile_options(command_line_headers PRIVATE -O0)
    metlog_precompile(command_line_headers <CLI/CLI.hpp>)
  endif()
  get_target_property(sources ${target} SOURCES)
  set(options ${sources})
  list(FILTER options INCLUDE REGEX "(^|/)(options|[a-z_]+_options|option_checks|main)[.]cc$")
  list(REMOVE_ITEM sources ${options})
  add_library(${target}_options OBJECT ${options})
  get_target_property(libraries ${target} LINK_LIBRARIES)
  target_link_libraries(${target}_options PRIVATE ${libraries})
  target_compile_definitions(${target}_options PRIVATE
    $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  target_compile_options(${target}_options PRIVATE -O0)
  metlog_precompile_like(${target}_options command_line_headers)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
    SOURCES "${sources};$<TARGET_OBJECTS:${target}_options>")
endfunction()
