set(toolchain "")
if(TOOLCHAIN)
  set(toolchain "-DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN}")
endif()

# Where this build found what it needs, with -DPREFIX_PATH=...
if(PREFIX_PATH)
  string(REPLACE ";" ":" prefix_path "${PREFIX_PATH}")
  set(ENV{CMAKE_PREFIX_PATH} "${prefix_path}:$ENV{CMAKE_PREFIX_PATH}")
endif()

# run(COMMAND...): ends the test when the command fails; what it said is in `output` afterwards.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# run_program(PROGRAM ARGUMENT...): the same for what was built here, which may need an emulator.
function(run_program)
  run(${EMULATOR} ${ARGN})
  set(output "${output}" PARENT_SCOPE)
endfunction()

# configure(SOURCE FOLDER ARGUMENT...): as run, with this build's generator, compiler and flags.
function(configure source folder)
  run("${CMAKE_COMMAND}" -S "${source}" -B "${folder}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
      "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_BUILD_TYPE=Release --no-warn-unused-cli ${toolchain} ${ARGN})
  set(output "${output}" PARENT_SCOPE)
endfunction()

# consume(FOLDER ARGUMENT...): builds the project in consumer/ there, with `arguments` saying where mien is, and lets
# its programs train, predict and measure. With -DRUNTIME_ONLY=ON it does not train; the network is that of before.
function(consume folder)
  configure("${CMAKE_CURRENT_LIST_DIR}/consumer" "${folder}" -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON ${ARGN})
  run("${CMAKE_COMMAND}" --build "${folder}")
  if(NOT "-DRUNTIME_ONLY=ON" IN_LIST ARGN)
    run_program("${folder}/train" "${SCRATCH}/tiny.safetensors")
    message(STATUS "${output}")
  endif()
  foreach(program predict measure)
    run_program("${folder}/${program}" "${SCRATCH}/tiny.safetensors")
    message(STATUS "${output}")
  endforeach()
endfunction()

# expect(TEXT REGEX WHAT): fails with WHAT unless the text matches.
function(expect text regex what)
  if(NOT text MATCHES "${regex}")
    message(FATAL_ERROR "${what}: no match of ${regex} in\n${text}")
  endif()
endfunction()

function(expect_no text regex what)
  if(text MATCHES "${regex}")
    message(FATAL_ERROR "${what}: ${CMAKE_MATCH_0}")
  endif()
endfunction()
