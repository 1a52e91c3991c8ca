# cmake -DROOT=source folder -DOUT=folder -DVERSION=... [-DDOXYGEN=program] [-DMAY_SKIP=ON] -P docs.cmake
#
# Writes the public headers' pages to OUT/html, and fails where a warning of doxygen's counts. Every type and every
# function has to be documented. So that what is left to say is worth reading, these need no comment of their own:
#
# - fields and constants, whose comments stand where their names do not tell enough
# - functions of a class that take nothing and change nothing, such as size() const
# - constructors, assignment and comparison, which the class speaks of where they are not the usual ones
# - links of the README pages to others, which are not written here
# - place, cost and fields of the kinds of layers, which model/layers/layer.hpp describes for all of them
cmake_minimum_required(VERSION 3.22)

if(NOT DOXYGEN)
  find_program(DOXYGEN doxygen)
endif()
if(NOT DOXYGEN)
  if(MAY_SKIP)
    message("SKIPPED: doxygen is missing (apt-get install doxygen)")
    return()
  endif()
  message(FATAL_ERROR "doxygen is missing (apt-get install doxygen)")
endif()

file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in" "${OUT}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" "${OUT}/Doxyfile" RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0 OR NOT EXISTS "${OUT}/html/index.html")
  message(FATAL_ERROR "doxygen ended with ${status}:\n${said}")
endif()

# counts(RESULT WARNING): whether this one does.
function(counts result warning)
  set(name "[A-Za-z_0-9]+")
  set(of "of (class|struct) ([A-Za-z_0-9]+::)*")
  set(${result} FALSE PARENT_SCOPE)
  if(warning MATCHES "/README\\.md:[0-9]+: warning: unable to resolve reference to ")
  elseif(NOT warning MATCHES "is not documented\\.$")
    set(${result} TRUE PARENT_SCOPE)
  elseif(warning MATCHES "\\((variable|friend)\\) of ")
  elseif(warning MATCHES "Member ${name}\\(\\) const( noexcept)? \\(function\\) ${of}")
  elseif(warning MATCHES "Member (${name})\\(.*\\(function\\) ${of}(${name}) is" AND CMAKE_MATCH_1 STREQUAL CMAKE_MATCH_4)
  elseif(warning MATCHES "Member operator[^ ]+\\(.*\\(function\\) ${of}")
  elseif(warning MATCHES "/model/layers/.*Member (place|cost|fields)\\(")
  else()
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# Square brackets, and semicolons, would have a meaning in a list.
file(READ "${OUT}/warnings.txt" text)
string(REGEX REPLACE "[][;]" "_" text "${text}")
string(REPLACE "\n" ";" warnings "${text}")
list(REMOVE_DUPLICATES warnings)
set(problems "")
foreach(warning IN LISTS warnings)
  counts(it_does "${warning}")
  if(NOT warning STREQUAL "" AND it_does)
    string(APPEND problems "  ${warning}\n")
  endif()
endforeach()
if(NOT problems STREQUAL "")
  message(FATAL_ERROR "${problems}")
endif()
message(STATUS "${OUT}/html/index.html")
