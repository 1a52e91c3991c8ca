// samples.png: rows of example faces under their names, like the figure of a paper.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "mien/image/image.hpp"

namespace mien::eval {

/// One line of text and the images under it, each width * height pixels, the top row first.
struct SampleRow {
  std::string label;  ///< drawn as draw::draw_text does
  std::vector<std::span<const std::uint8_t>> images;
};

/// The sheet: images at twice their size on white, with margins, labels in the face of drawings
/// (mien/draw/lettering.hpp). As wide as the row with most images; a longer label is cut. Throws ArgumentError
/// for no rows, edges outside 1 .. 1024, an image of another size, and sheets of more than 16384 pixels along
/// an edge or 2^28 in all.
image::GrayImage draw_samples(Index width, Index height, std::span<const SampleRow> rows);

/// Draws it and writes it as PNG, in color where images have three planes, one behind the other. Throws
/// DataError when that fails.
void write_samples_png(const std::filesystem::path& path, const image::PictureShape& shape,
                       std::span<const SampleRow> rows);

}  // namespace mien::eval
