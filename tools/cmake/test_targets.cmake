# What each test needs to be built. The target tested_programs builds all of it and <label>_tests
# what tests with that label need; test_targets.txt in the build directory lists it for
# tools/test --filter.
add_custom_target(tested_programs)
foreach(label threads unsanitized)
  add_custom_target(${label}_tests)
endforeach()

# metlog_test_program(TARGET LABELS sources...): the sources hold tests of gtest.
function(metlog_test_program target labels)
  foreach(source IN LISTS ARGN)
    get_filename_component(source ${source} ABSOLUTE)
    set_property(GLOBAL APPEND_STRING PROPERTY METLOG_TEST_TARGETS "source\t${target}\t${source}\n")
  endforeach()
  metlog_build_for_tests("${labels}" ${target})
endfunction()

# metlog_test_needs(TEST LABELS targets...): for a test of add_test; the targets may be none.
function(metlog_test_needs test labels)
  string(REPLACE ";" " " targets "${ARGN}")
  set_property(GLOBAL APPEND_STRING PROPERTY METLOG_TEST_TARGETS "test\t${targets}\t${test}\n")
  if(labels)
    set_tests_properties(${test} PROPERTIES LABELS "${labels}")
  endif()
  metlog_build_for_tests("${labels}" ${ARGN})
endfunction()

function(metlog_build_for_tests labels)
  if(ARGN)
    list(TRANSFORM labels APPEND _tests)
    foreach(group IN ITEMS tested_programs ${labels})
      add_dependencies(${group} ${ARGN})
    endforeach()
  endif()
endfunction()

# To be called when all tests are known.
function(metlog_list_test_targets)
  get_property(lines GLOBAL PROPERTY METLOG_TEST_TARGETS)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_targets.txt CONTENT "${lines}" @ONLY)
endfunction()
