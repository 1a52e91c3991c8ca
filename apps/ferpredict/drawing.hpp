// The picture --draw writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mien/image/image.hpp"
#include "output.hpp"
#include "picture_decoder.hpp"
#include "prediction.hpp"

namespace ferpredict {

/// Marks what was found in the picture, which may have been decoded at a reduced size, and `points` of faces,
/// too. `shown` has the class to name for each face; where it is empty that is the most probable one.
void draw_faces(mien::image::RgbImage& image, const Prediction& prediction, const OutputContext& context,
                bool points, std::span<const std::size_t> shown = {});

/// Writes the image in `bytes`, as a JPEG file where `file` ends so and else as PNG, with what was found marked
/// in it, and `points` of faces, too; one that was taken as the crop of a face gets room for that around it.
/// Throws mien::DataError.
void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context, PictureDecoder& decoder, bool points = false);

}  // namespace ferpredict
