# Installs the headers that a user's program can reach: the public ones, core/metlog/*.h, and what
# they include. Run by `cmake --install`, so that the set is that of the headers installed.
#   METLOG_CORE         the directory core/ of the sources
#   METLOG_INCLUDE_DIR  where metlog/ goes

cmake_policy(VERSION 3.22)

# metlog_reached_headers(VARIABLE): relative to core/, in the order in which they are reached.
function(metlog_reached_headers variable)
  file(GLOB reached RELATIVE ${METLOG_CORE} ${METLOG_CORE}/metlog/*.h)
  set(pending ${reached})
  while(pending)
    list(POP_FRONT pending header)
    file(STRINGS ${METLOG_CORE}/${header} includes REGEX "^ *# *include \"metlog/")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE ".*\"(.*)\".*" "\\1" included "${include}")
      if(NOT included IN_LIST reached)
        list(APPEND reached ${included})
        list(APPEND pending ${included})
      endif()
    endforeach()
  endwhile()
  set(${variable} ${reached} PARENT_SCOPE)
endfunction()

metlog_reached_headers(headers)
foreach(header IN LISTS headers)
  get_filename_component(directory ${header} DIRECTORY)
  file(INSTALL ${METLOG_CORE}/${header} DESTINATION ${METLOG_INCLUDE_DIR}/${directory})
endforeach()
