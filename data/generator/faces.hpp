// Synthetic faces in FER2013's form: 48 x 48 gray pixels, seven expressions. Every face is a function of
// (seed, index, label) alone and comes out the same, byte for byte, on every machine: whole-number random
// numbers, and of floating point only + - * / and sqrt, which IEEE 754 fixes, compiled without contraction.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "expression.hpp"

namespace mien::faces {

inline constexpr int kSide = 48;
using Face = std::array<std::uint8_t, kSide * kSide>;

Face draw_face(std::uint64_t seed, std::uint64_t index, Label label);

/// Row `index` of a data set: labels take turns; of every seven rounds five are Training, one is PublicTest
/// and one PrivateTest.
Label row_label(std::uint64_t index);
/// "3,77 78 ... 82,Training\n"
std::string csv_row(std::uint64_t seed, std::uint64_t index);
/// "emotion,pixels,Usage\n"
std::string csv_header();

}  // namespace mien::faces
