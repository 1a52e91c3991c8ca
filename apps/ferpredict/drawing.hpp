// The picture --draw writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "output.hpp"
#include "prediction.hpp"

namespace ferpredict {

/// Writes the image in `bytes` as a PNG file with what was found marked in it. Throws mien::DataError.
void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context);

}  // namespace ferpredict
