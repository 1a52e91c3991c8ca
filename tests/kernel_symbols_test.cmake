# cmake -DLIBRARY=libmien_kernels.a [-DAR=... -DNM=... -DOBJDUMP=...] -P kernel_symbols_test.cmake
#
# The linker keeps one definition of each weak symbol. Were one defined by two of the per-ISA objects, or by one
# of them and any other object of a program, then AVX-512 code could run on a processor without it. So in each
# per-ISA object
#   - every weak symbol must belong to that instruction set's own namespaces,
#   - nothing may come from Eigen under its common name or another instruction set's, and
#   - only instructions of that instruction set may occur: no wide registers in base, no zmm in avx2, and in neon
#     those multiplications that take one operand from a lane.
cmake_minimum_required(VERSION 3.22)

if(NOT EXISTS "${LIBRARY}")
  message(FATAL_ERROR "no such library: '${LIBRARY}'")
endif()
find_program(AR NAMES ar llvm-ar REQUIRED)
find_program(NM NAMES nm llvm-nm REQUIRED)
find_program(OBJDUMP NAMES objdump llvm-objdump REQUIRED)

set(isas base neon avx2 avx512 avx512bf16 amx)
set(failures "")

function(run_tool result)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

# What a mangled name carries for a namespace: its length, then the name.
function(mangled_name result name)
  string(LENGTH "${name}" length)
  set(${result} "${length}${name}" PARENT_SCOPE)
endfunction()

function(check_symbols isa object)
  run_tool(symbols "${NM}" "${object}")
  mangled_name(own_eigen "Eigen_${isa}")
  mangled_name(own "${isa}")
  set(foreign "5Eigen")
  foreach(other ${isas})
    if(NOT other STREQUAL isa)
      mangled_name(other_eigen "Eigen_${other}")
      string(APPEND foreign "|${other_eigen}")
    endif()
  endforeach()

  string(REGEX MATCHALL "[^0-9\n]${own_eigen}" own_uses "${symbols}")
  if(own_uses STREQUAL "" AND NOT isa MATCHES "^(avx512bf16|amx)$")  # which hold no product of Eigen's
    string(APPEND failures "  ${isa}: no symbol of Eigen_${isa}; this test looks in the wrong place\n")
  endif()
  string(REGEX MATCHALL "[^\n]*[^0-9\n](${foreign})[^\n]*" foreign_uses "${symbols}")
  foreach(symbol IN LISTS foreign_uses)
    string(APPEND failures "  ${isa}: foreign Eigen:${symbol}\n")
  endforeach()

  # W, w: weak; V, v: weak object; u: unique. A weak reference, without an address, defines nothing.
  string(REGEX MATCHALL "[0-9a-f]+ [WwVvu] [^\n]*" weak "${symbols}")
  foreach(symbol IN LISTS weak)
    # The address of the C++ runtime's personality routine: data, and everybody's is the same.
    if(NOT symbol MATCHES "${own_eigen}|6kernels${own}" AND NOT symbol MATCHES "DW\\.ref\\.__gxx_personality_v0$")
      string(APPEND failures "  ${isa}: weak symbol that other objects may define too: ${symbol}\n")
    endif()
  endforeach()
  set(failures "${failures}" PARENT_SCOPE)
endfunction()

function(check_instructions isa object)
  run_tool(code "${OBJDUMP}" -d --no-show-raw-insn "${object}")
  string(FIND "${code}" "%ymm" ymm)
  string(FIND "${code}" "%zmm" zmm)
  string(REGEX MATCH "\tv(mov|add|mul|fmadd)[a-z0-9]+ [^\n]*" vex "${code}")
  if(isa STREQUAL "base" AND (NOT vex STREQUAL "" OR NOT ymm EQUAL -1 OR NOT zmm EQUAL -1))
    string(APPEND failures "  base: contains AVX instructions:${vex}\n")
  elseif(isa STREQUAL "avx2" AND (ymm EQUAL -1 OR NOT zmm EQUAL -1))
    string(APPEND failures "  avx2: lacks ymm registers or contains zmm registers\n")
  elseif(isa STREQUAL "neon" AND NOT code MATCHES "\tfmla\tv[0-9]+\\.4s, v[0-9]+\\.4s, v[0-9]+\\.s\\[3\\]")
    string(APPEND failures "  neon: lacks products by a lane\n")
  elseif(isa MATCHES "avx512" AND zmm EQUAL -1)
    string(APPEND failures "  ${isa}: lacks zmm registers\n")
  endif()
  set(failures "${failures}" PARENT_SCOPE)
endfunction()

string(RANDOM LENGTH 12 suffix)
set(scratch "$ENV{TMPDIR}")
if(scratch STREQUAL "")
  set(scratch "/tmp")
endif()
set(scratch "${scratch}/kernel_symbols_${suffix}")
file(MAKE_DIRECTORY "${scratch}")
file(REAL_PATH "${LIBRARY}" library)
execute_process(COMMAND "${AR}" x "${library}" WORKING_DIRECTORY "${scratch}" RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  file(REMOVE_RECURSE "${scratch}")
  message(FATAL_ERROR "cannot read ${library}")
endif()
set(checked 0)
foreach(isa ${isas})
  set(object "${scratch}/isa_${isa}.cpp.o")
  if(NOT EXISTS "${object}")
    message(STATUS "skipped: this build has no ${isa} kernels")
    continue()
  endif()
  check_symbols(${isa} "${object}")
  check_instructions(${isa} "${object}")
  math(EXPR checked "${checked} + 1")
endforeach()
file(REMOVE_RECURSE "${scratch}")

if(checked EQUAL 0)
  message(FATAL_ERROR "no kernel objects in ${library}")
endif()
if(NOT failures STREQUAL "")
  message(FATAL_ERROR "${failures}")
endif()
message(STATUS "${checked} kernel objects keep to themselves")
