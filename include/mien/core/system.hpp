// Where a program runs: what a run should record about that, and what a terminal shows.
#pragma once

#include <string>

namespace mien {

std::string version();   ///< of this library, "0.1.0"
std::string compiler();  ///< "GNU 12.2.0"
std::string cpu_name();  ///< the processor's own name for itself; "unknown" when it does not tell

/// The instruction set of the kernels in use: base, neon, avx2, avx512, avx512bf16 or amx, in WebAssembly
/// simd128. MIEN_ISA in the environment picks one; throws ArgumentError when that is unknown or not available.
/// Where the processor has AMX, Linux is asked once to let the whole process use its tiles, whose signal frames
/// are larger then; not so with another set picked.
std::string active_isa();

/// Whether the environment asks for UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set and not empty
/// names that encoding.
bool locale_is_utf8();

}  // namespace mien
