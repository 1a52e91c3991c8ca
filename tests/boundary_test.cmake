# cmake -DNM=nm -DFERPREDICT=program -DFERTRAIN=program -P boundary_test.cmake
#
# ferpredict is built from the runtime: nothing that trains may be in it. The same search must find all of it in
# fertrain, or it would prove nothing.
cmake_minimum_required(VERSION 3.22)

set(training mien::autograd:: mien::nn:: mien::optim:: mien::train:: mien::data::Loader)

function(symbols_of program result)
  execute_process(COMMAND "${NM}" -C "${program}" OUTPUT_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "cannot read the symbols of ${program}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

symbols_of("${FERPREDICT}" predicting)
symbols_of("${FERTRAIN}" all)
set(failures "")
foreach(name IN LISTS training)
  if(predicting MATCHES "[^\n]*${name}[^\n]*")
    string(APPEND failures "  ferpredict contains ${CMAKE_MATCH_0}\n")
  endif()
  if(NOT all MATCHES "${name}")
    string(APPEND failures "  fertrain lacks ${name}: this test looks in the wrong place\n")
  endif()
endforeach()
if(NOT predicting MATCHES "mien::infer::Session")
  string(APPEND failures "  ferpredict lacks mien::infer::Session: this test looks in the wrong place\n")
endif()
if(NOT failures STREQUAL "")
  message(FATAL_ERROR "${failures}")
endif()
message(STATUS "ferpredict holds nothing that trains")
