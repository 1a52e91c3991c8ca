# cmake -DBUILD=build folder -DSOURCE=tests/consumer -DSCRATCH=folder -DGENERATOR=... -DCXX=... [-DFLAGS=...]
#       -P consumer_test.cmake
#
# Installs mien into a new folder, moves that folder (nothing may remember where it was), and builds and runs a
# project that knows no more than the folder. Eigen is hidden from it.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${SCRATCH}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/installed")
file(RENAME "${SCRATCH}/installed" "${SCRATCH}/moved")
file(GLOB_RECURSE texts "${SCRATCH}/moved/*.cmake" "${SCRATCH}/moved/*.pc" "${SCRATCH}/moved/*.hpp")
foreach(text IN LISTS texts)
  file(READ "${text}" content)
  foreach(word "${BUILD}" Eigen3 Eigen/ stb_image.h mien_build_flags)
    string(FIND "${content}" "${word}" place)
    if(NOT place EQUAL -1)
      message(FATAL_ERROR "${text} mentions ${word}, which a user may not have")
    endif()
  endforeach()
endforeach()

run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${SCRATCH}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=${SCRATCH}/moved" "-DCMAKE_CXX_FLAGS=${FLAGS}"
    -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON --no-warn-unused-cli)
run("${CMAKE_COMMAND}" --build "${SCRATCH}/build")
run("${SCRATCH}/build/train" "${SCRATCH}/tiny.safetensors")
message(STATUS "${output}")
run("${SCRATCH}/build/predict" "${SCRATCH}/tiny.safetensors")
message(STATUS "${output}")
# The models that come with the source come with the programs.
file(GLOB models "${SOURCE}/../../data/models/*.safetensors")
foreach(model IN LISTS models)
  get_filename_component(name "${model}" NAME)
  file(GLOB_RECURSE found "${SCRATCH}/moved/*/mien/models/${name}")
  if(found STREQUAL "")
    message(FATAL_ERROR "${name} was not installed")
  endif()
endforeach()
if(models MATCHES "/small.safetensors")
  run("${CMAKE_COMMAND}" -E env MIEN_MODEL= "${SCRATCH}/moved/bin/ferpredict" --model-info)
  string(FIND "${output}" "${SCRATCH}/moved/" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "ferpredict does not take the model it was installed with:\n${output}")
  endif()
endif()
file(GLOB programs "${SCRATCH}/moved/bin/*")
foreach(program IN LISTS programs)
  run("${program}" --version)
  message(STATUS "${output}")
endforeach()
file(REMOVE_RECURSE "${SCRATCH}")
