# cmake -DROOT=source folder -DSCRATCH=folder -DGENERATOR=... -DCXX=... [-DFLAGS=...] [-DPREFIX_PATH=...]
#       [-DTOOLCHAIN=file] [-DEMULATOR=command] -P configure_test.cmake
#
# What the build is in the ways in which users configure it. Nothing is linked here, which would take minutes.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE "${SCRATCH}")

# read_commands(FOLDER): how its sources are compiled, as `commands`, with <mien> for the source folder: the folders
# that this lies in may have any names.
function(read_commands folder)
  file(READ "${folder}/compile_commands.json" commands)
  string(REPLACE "${ROOT}/" "<mien>/" commands "${commands}")
  set(commands "${commands}" PARENT_SCOPE)
endfunction()

# A plain build: no tests, no warnings as errors, C++20.
configure("${ROOT}" "${SCRATCH}/plain")
read_commands("${SCRATCH}/plain")
expect("${commands}" "std=c\\+\\+20" "a plain build")
expect_no("${commands}" "-Werror|<mien>/tests/[a-z]*/[a-z_]*\\.cpp" "a plain build")

# Another C++ standard; shared libraries, which carry their version; absolute folders.
configure("${ROOT}" "${SCRATCH}/shared" -DCMAKE_CXX_STANDARD=23 -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX=/opt/mien
          -DCMAKE_INSTALL_LIBDIR=/opt/mien/lib64 -DCMAKE_INSTALL_INCLUDEDIR=/opt/headers)
file(READ "${SCRATCH}/shared/compile_commands.json" commands)
expect("${commands}" "std=c\\+\\+2[3b]" "C++23")
expect_no("${commands}" "std=c\\+\\+20" "C++23")
file(READ "${SCRATCH}/shared/src/cmake_install.cmake" install)
foreach(library mien mien_eval mien_runtime)
  expect("${install}" "lib${library}\\.so\\.[0-9]+\\.[0-9]+\\.[0-9]+\"" "shared libraries")
endforeach()
foreach(package mien mien-eval mien-runtime)
  file(READ "${SCRATCH}/shared/src/${package}.pc" pc)
  expect("${pc}" "prefix=/opt/mien\nlibdir=/opt/mien/lib64\nincludedir=/opt/headers\n" "${package}.pc")
  expect("${install}" "/opt/mien/lib64/pkgconfig/?[^\n]*\n?[^\n]*${package}\\.pc" "the installation of ${package}.pc")
endforeach()

# One earlier than C++20 is refused.
foreach(standard 17 98)
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${ROOT}" -B "${SCRATCH}/old" -G "${GENERATOR}"
                          "-DCMAKE_CXX_COMPILER=${CXX}" -DCMAKE_CXX_STANDARD=${standard}
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE output)
  expect("${output}" "needs C\\+\\+20 or later, CMAKE_CXX_STANDARD is ${standard}" "C++${standard}")
  if(status EQUAL 0)
    message(FATAL_ERROR "C++${standard} is not refused")
  endif()
endforeach()

# As a part of another project, which may export what it links to mien.
configure("${CMAKE_CURRENT_LIST_DIR}/subproject" "${SCRATCH}/part" "-DMIEN=${ROOT}")
read_commands("${SCRATCH}/part")
expect_no("${commands}" "-Werror|std=(c|gnu)\\+\\+17|<mien>/apps/" "a part of another project")
file(READ "${SCRATCH}/part/mien/src/cmake_install.cmake" install)
expect("${install}" "/share/doc/mien\"[^\")]*\"[^\"]*/LICENSE\"" "the license of a part of another project")
expect("${install}" "STREQUAL \"mien-runtime\"" "the components of a part of another project")
expect_no("${install}" "STREQUAL \"(runtime|training)\"" "the components of a part of another project")

# A unity build with every source of a library in one: no two may clash. The kernels stay apart.
configure("${ROOT}" "${SCRATCH}/unity" -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0
          -DMIEN_WARNINGS_AS_ERRORS=ON)
file(READ "${SCRATCH}/unity/compile_commands.json" commands)
expect_no("${commands}" "mien_kernels\\.dir/Unity/" "kernels of different instruction sets compiled as one")
string(JSON count LENGTH "${commands}")
math(EXPR last "${count} - 1")
set(checked 0)
foreach(i RANGE ${last})
  string(JSON file GET "${commands}" ${i} file)
  if(file MATCHES "/Unity/")
    string(JSON command GET "${commands}" ${i} command)
    run(sh -c "${command} -fsyntax-only")
    math(EXPR checked "${checked} + 1")
  endif()
endforeach()
if(checked LESS 4)
  message(FATAL_ERROR "only ${checked} sources of a unity build: this test looks in the wrong place")
endif()
file(REMOVE_RECURSE "${SCRATCH}")
