# cmake -DCOMPILE="compiler;flags" -DSOURCE=file -P expect_failure.cmake
#
# Compiles SOURCE and fails unless the compiler refuses it with the words that its first line
# asks for ("// Must mention: ..."). A source whose first line is "// Must compile: ..." must compile.

file(STRINGS "${SOURCE}" lines LIMIT_COUNT 1)
execute_process(COMMAND ${COMPILE} -fsyntax-only "${SOURCE}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT lines MATCHES "^// Must (mention|compile): ")
  message(FATAL_ERROR "the first line is neither '// Must mention: ' nor '// Must compile: '")
endif()
if(lines MATCHES "^// Must compile: ")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "must compile, but does not:\n${output}")
  endif()
  return()
endif()

string(REPLACE "// Must mention: " "" wanted "${lines}")
if(result EQUAL 0)
  message(FATAL_ERROR "must not compile, but does")
endif()
string(FIND "${output}" "${wanted}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "must mention '${wanted}', but the compiler says:\n${output}")
endif()
