# cmake -DBUILD=build folder -DSCRATCH=folder -DGENERATOR=... -DCXX=... [-DFLAGS=...] [-DPREFIX_PATH=...]
#       [-DTOOLCHAIN=file] [-DEMULATOR=command] -P installed_test.cmake
#
# Installs mien into a new folder, moves that folder (nothing may remember where it was), and builds and runs projects
# that know no more than the folder: by find_package, all of it or the runtime component alone, and by pkg-config.
# Eigen is hidden from them.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE "${SCRATCH}")
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
consume("${SCRATCH}/consumer" "-DCMAKE_PREFIX_PATH=${SCRATCH}/moved")

# mien.hpp, eval.hpp and runtime.hpp name every header.
set(named "")
foreach(all mien eval runtime)
  file(READ "${SCRATCH}/moved/include/mien/${all}.hpp" content)
  string(APPEND named "${content}")
endforeach()
file(GLOB_RECURSE headers RELATIVE "${SCRATCH}/moved/include" "${SCRATCH}/moved/include/*/*/*.hpp")
foreach(header IN LISTS headers)
  expect("${named}" "#include \"${header}\"" "mien.hpp, eval.hpp and runtime.hpp lack ${header}")
endforeach()

# pkg-config
find_program(PKG_CONFIG NAMES pkg-config pkgconf)
if(PKG_CONFIG)
  file(GLOB_RECURSE pc "${SCRATCH}/moved/*/mien.pc")
  get_filename_component(pc_folder "${pc}" DIRECTORY)
  set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
  run("${PKG_CONFIG}" --libs mien)
  expect("${output}" "-lmien .*-lmien_eval .*-lmien_runtime" "what mien.pc says")
  run("${PKG_CONFIG}" --cflags --libs mien-runtime)
  string(STRIP "${output}" pc_flags)
  expect_no("${pc_flags}" "-lmien |-lmien_eval" "what mien-runtime.pc says")
  separate_arguments(pc_flags UNIX_COMMAND "${pc_flags}")
  separate_arguments(flags UNIX_COMMAND "${FLAGS}")
  get_filename_component(libraries "${pc_folder}" DIRECTORY)
  run("${CXX}" ${flags} "${CMAKE_CURRENT_LIST_DIR}/consumer/predict.cpp" ${pc_flags} "-Wl,-rpath,${libraries}"
      -o "${SCRATCH}/by_pkg_config")
  run_program("${SCRATCH}/by_pkg_config" "${SCRATCH}/tiny.safetensors")

  # The program in the README, where the models came along.
  file(READ "${CMAKE_CURRENT_LIST_DIR}/../../README.md" readme)
  if(NOT readme MATCHES "\n```cpp\n([^`]+)```\n")
    message(FATAL_ERROR "README.md: no program")
  endif()
  file(WRITE "${SCRATCH}/readme.cpp" "${CMAKE_MATCH_1}")
  run("${CXX}" ${flags} -std=c++20 "${SCRATCH}/readme.cpp" ${pc_flags} "-Wl,-rpath,${libraries}"
      -o "${SCRATCH}/readme")
  if(EXISTS "${SCRATCH}/moved/share/mien/models/small.safetensors")
    set(ENV{MIEN_MODELS} "${SCRATCH}/moved/share/mien/models")
    run_program("${SCRATCH}/readme" "${CMAKE_CURRENT_LIST_DIR}/../../data/astronaut.jpg")
    expect("${output}" "^happy 0\\.9" "what README.md's program says")
    unset(ENV{MIEN_MODELS})
  endif()

  # From C, which knows nothing of the C++ library or of C++20.
  find_program(CC NAMES cc gcc clang)
  if(CC AND NOT EMULATOR AND NOT FLAGS MATCHES "-fsanitize")
    run("${PKG_CONFIG}" --cflags --libs mien-c)
    string(STRIP "${output}" pc_flags)
    separate_arguments(pc_flags UNIX_COMMAND "${pc_flags}")
    run("${CC}" -std=c99 -Wall -Werror "${CMAKE_CURRENT_LIST_DIR}/../c/c_test.c" ${pc_flags} -lm
        "-Wl,-rpath,${libraries}" -o "${SCRATCH}/from_c")
    run("${SCRATCH}/from_c" "${CMAKE_CURRENT_LIST_DIR}/../../data")
  endif()
else()
  message(STATUS "skipped: pkg-config is missing")
endif()

# The models that come with the source come with the programs.
file(GLOB models "${CMAKE_CURRENT_LIST_DIR}/../../data/models/*.safetensors")
foreach(model IN LISTS models)
  get_filename_component(name "${model}" NAME)
  file(GLOB_RECURSE found "${SCRATCH}/moved/*/mien/models/${name}")
  if(found STREQUAL "")
    message(FATAL_ERROR "${name} was not installed")
  endif()
endforeach()
if(models MATCHES "/small.safetensors" AND EXISTS "${SCRATCH}/moved/bin/ferpredict")
  run("${CMAKE_COMMAND}" -E env MIEN_MODEL= ${EMULATOR} "${SCRATCH}/moved/bin/ferpredict" --model-info)
  string(FIND "${output}" "${SCRATCH}/moved/" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "ferpredict does not take the model it was installed with:\n${output}")
  endif()
endif()
file(GLOB programs "${SCRATCH}/moved/bin/*")
foreach(program IN LISTS programs)
  run_program("${program}" --version)
  message(STATUS "${output}")
  # What shells look for beside it.
  get_filename_component(name "${program}" NAME)
  foreach(file man/man1/${name}.1 bash-completion/completions/${name})
    if(NOT EXISTS "${SCRATCH}/moved/share/${file}")
      message(FATAL_ERROR "${file} was not installed")
    endif()
  endforeach()
endforeach()

# The runtime component alone: enough to predict, and without what trains.
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/runtime" --component runtime)
file(GLOB_RECURSE installed RELATIVE "${SCRATCH}/runtime" "${SCRATCH}/runtime/*")
expect_no("${installed}" "fertrain|libmien\\.|mien/(autograd|nn|optim|train)/|mien-targets" "of the component runtime")
expect("${installed}" "LICENSE" "the component runtime")
consume("${SCRATCH}/predictor" "-DCMAKE_PREFIX_PATH=${SCRATCH}/runtime" -DRUNTIME_ONLY=ON)
file(REMOVE_RECURSE "${SCRATCH}")
