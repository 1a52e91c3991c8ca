# cmake -DNM=nm -DFERPREDICT=program -DFERTRAIN=program -DRUNTIME=libmien_runtime.a -P boundary_test.cmake
#
# ferpredict only predicts and measures: nothing that trains may be in it. The library that predicts knows nothing of
# data sets and measuring either. The same search must find all of it in fertrain, or it would prove nothing.
cmake_minimum_required(VERSION 3.22)

set(training mien::autograd:: mien::nn:: mien::optim:: mien::train:: mien::data::Loader mien::data::mixed)
set(measuring mien::data:: mien::draw:: mien::eval::)

function(symbols_of program result)
  execute_process(COMMAND "${NM}" -C "${program}" OUTPUT_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "cannot read the symbols of ${program}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

symbols_of("${FERPREDICT}" predicting)
symbols_of("${FERTRAIN}" all)
symbols_of("${RUNTIME}" runtime)
set(failures "")
foreach(name IN LISTS training measuring)
  if(name IN_LIST training AND predicting MATCHES "[^\n]*${name}[^\n]*")
    string(APPEND failures "  ferpredict contains ${CMAKE_MATCH_0}\n")
  endif()
  if(runtime MATCHES "[^\n]*${name}[^\n]*")
    string(APPEND failures "  the runtime contains or wants ${CMAKE_MATCH_0}\n")
  endif()
  if(NOT all MATCHES "${name}")
    string(APPEND failures "  fertrain lacks ${name}: this test looks in the wrong place\n")
  endif()
endforeach()
if(NOT predicting MATCHES "mien::infer::Session" OR NOT runtime MATCHES "mien::infer::Session")
  string(APPEND failures "  ferpredict or the runtime lacks mien::infer::Session: this test looks in the wrong place\n")
endif()
if(NOT failures STREQUAL "")
  message(FATAL_ERROR "${failures}")
endif()
message(STATUS "ferpredict holds nothing that trains, the runtime nothing that measures")
