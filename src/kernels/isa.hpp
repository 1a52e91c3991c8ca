// The instruction sets that kernels exist for.
#pragma once

namespace mien::kernels {

/// A build for 64-bit ARM has neon alone, which every such processor runs, one for WebAssembly simd128 alone;
/// all others have base, and those for x86-64 the rest. avx512bf16 is avx512 with instructions for products of
/// bfloat16 and of bytes (VNNI), amx is that with tiles of matrices for both.
enum class Isa { base, neon, simd128, avx2, avx512, avx512bf16, amx };
inline constexpr Isa kIsas[] = {Isa::base,   Isa::neon,       Isa::simd128, Isa::avx2,
                                Isa::avx512, Isa::avx512bf16, Isa::amx};

/// "base", "neon", "simd128", "avx2", "avx512", "avx512bf16", "amx".
const char* isa_name(Isa isa);
/// Whether this build has its kernels and this processor runs them. For amx the system is asked once to let
/// this process use tiles.
bool is_available(Isa isa);
/// Whether products in bfloat16 take less time than in float32: with tiles, and with an instruction for pairs
/// of bfloat16, but the latter not on Intel's: a Xeon with AMX was measured to multiply half as much a second
/// in pairs of bfloat16 as in float32 (a Zen 4 1.85 times as much).
bool multiplies_bf16_faster(Isa isa);
/// The first of kIsas that is available: what every processor runs that this build is for.
Isa plainest_isa();
/// The last of kIsas that is available.
Isa widest_isa();

}  // namespace mien::kernels
