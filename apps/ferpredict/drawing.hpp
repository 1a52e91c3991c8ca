// The picture --draw writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "output.hpp"
#include "prediction.hpp"

namespace ferpredict {

/// Writes the image in `bytes`, as a JPEG file where `file` ends so and else as PNG, with what was found marked
/// in it, and `points` of faces, too; one that was taken as the crop of a face gets room for that around it.
/// Throws mien::DataError.
void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context, bool points = false);

}  // namespace ferpredict
