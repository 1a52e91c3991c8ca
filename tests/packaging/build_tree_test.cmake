# cmake -DBUILD=build folder -DSCRATCH=folder -DGENERATOR=... -DCXX=... [-DFLAGS=...] [-DPREFIX_PATH=...]
#       [-DTOOLCHAIN=file] [-DEMULATOR=command] -P build_tree_test.cmake
#
# find_package finds mien in its build folder, installed nowhere.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE "${SCRATCH}")
consume("${SCRATCH}/consumer" "-DCMAKE_PREFIX_PATH=${BUILD}")
foreach(folder "${BUILD}" "${BUILD}/src")
  configure("${CMAKE_CURRENT_LIST_DIR}/consumer" "${SCRATCH}/again" "-Dmien_DIR=${folder}")
endforeach()
file(REMOVE_RECURSE "${SCRATCH}")
