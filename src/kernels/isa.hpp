// The instruction sets that kernels exist for.
#pragma once

namespace mien::kernels {

/// avx512bf16 is avx512 with instructions for bfloat16.
enum class Isa { base, avx2, avx512, avx512bf16 };
inline constexpr Isa kIsas[] = {Isa::base, Isa::avx2, Isa::avx512, Isa::avx512bf16};

/// "base", "avx2", "avx512", "avx512bf16".
const char* isa_name(Isa isa);
/// Whether this build has its kernels and this processor runs them.
bool is_available(Isa isa);
/// The last of kIsas that is available; base always is.
Isa widest_isa();

}  // namespace mien::kernels
