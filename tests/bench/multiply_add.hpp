// Loops of multiply-adds in registers, and nothing else, for each instruction set.
#pragma once

#include <cstdint>
#include <optional>

namespace mien::bench {

struct MultiplyAdd {
  float (*run)();         ///< half a millisecond or so; gives a value that depends on all of it
  std::int64_t products;  ///< of one run
};

/// For the instruction set in use.
MultiplyAdd multiply_add();

/// The same of bf16, where the instruction set in use has it: of pairs, or of tiles of matrices (AMX).
std::optional<MultiplyAdd> multiply_add_bf16();

}  // namespace mien::bench
