#include "mien/eval/samples.hpp"

#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/draw/lettering.hpp"
#include "mien/image/png.hpp"

namespace mien::eval {
namespace {

constexpr Index kScale = 2;
constexpr Index kMargin = 12;       // around the sheet and between rows
constexpr Index kGap = 4;           // between images
constexpr Index kLabelHeight = 20;  // a line of text and the space under it
constexpr Index kMaxImageEdge = 1024;
constexpr Index kMaxSheetEdge = 16384;
constexpr Index kMaxSheetPixels = Index{1} << 28;
constexpr std::uint8_t kInk = 34;

void check(Index width, Index height, std::span<const SampleRow> rows) {
  if (rows.empty()) throw ArgumentError("[samples] no rows");
  if (width < 1 || height < 1 || width > kMaxImageEdge || height > kMaxImageEdge) {
    throw ArgumentError("[samples] images of " + std::to_string(width) + "x" + std::to_string(height));
  }
  for (const SampleRow& row : rows) {
    for (const std::span<const std::uint8_t>& image : row.images) {
      if (static_cast<Index>(image.size()) == width * height) continue;
      throw ArgumentError("[samples] row \"" + row.label + "\" holds an image of " +
                          std::to_string(image.size()) + " pixels, expected " + std::to_string(width * height));
    }
  }
}

class Sheet {
 public:
  Sheet(Index width, Index height)
      : image_{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 255)} {}

  /// A square of kScale x kScale pixels; what lies beyond the sheet is cut.
  void dot(Index x, Index y, std::uint8_t value) {
    for (Index dy = 0; dy < kScale; ++dy) {
      for (Index dx = 0; dx < kScale && x + dx < image_.width - kMargin; ++dx) {
        image_.pixels[static_cast<std::size_t>((y + dy) * image_.width + x + dx)] = value;
      }
    }
  }

  /// As drawings have it (mien/draw/lettering.hpp), on a strip of its own, since these are in color.
  void text(Index x, Index y, const std::string& text) {
    const Index width = std::min(draw::text_width(text, kScale), image_.width - kMargin - x);
    if (width < 1) return;
    const Index height = draw::kLetterHeight * kScale;
    image::RgbImage strip{width, height,
                          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 255)};
    draw::Canvas canvas(strip);
    draw::draw_text(canvas, text, 0, 0, kScale, {kInk, kInk, kInk});
    for (Index row = 0; row < height; ++row) {
      for (Index column = 0; column < width; ++column) {
        image_.pixels[static_cast<std::size_t>((y + row) * image_.width + x + column)] =
            strip.pixels[static_cast<std::size_t>((row * width + column) * 3)];
      }
    }
  }

  void picture(Index x, Index y, Index width, Index height, std::span<const std::uint8_t> pixels) {
    for (Index row = 0; row < height; ++row) {
      for (Index column = 0; column < width; ++column) {
        dot(x + column * kScale, y + row * kScale, pixels[static_cast<std::size_t>(row * width + column)]);
      }
    }
  }

  image::GrayImage take() { return std::move(image_); }

 private:
  image::GrayImage image_;
};

}  // namespace

image::GrayImage draw_samples(Index width, Index height, std::span<const SampleRow> rows) {
  check(width, height, rows);
  std::size_t most = 1;
  for (const SampleRow& row : rows) most = std::max(most, row.images.size());
  const Index columns = static_cast<Index>(std::min<std::size_t>(most, kMaxSheetEdge));
  const Index row_count = static_cast<Index>(std::min<std::size_t>(rows.size(), kMaxSheetEdge));
  const Index row_height = kLabelHeight + height * kScale + kMargin;
  const Index sheet_width = 2 * kMargin + columns * (width * kScale + kGap) - kGap;
  const Index sheet_height = kMargin + row_count * row_height;
  if (sheet_width > kMaxSheetEdge || sheet_height > kMaxSheetEdge ||
      sheet_width * sheet_height > kMaxSheetPixels) {
    throw ArgumentError("[samples] sheet of " + std::to_string(sheet_width) + "x" +
                        std::to_string(sheet_height) + " pixels");
  }

  Sheet sheet(sheet_width, sheet_height);
  Index y = kMargin;
  for (const SampleRow& row : rows) {
    sheet.text(kMargin, y, row.label);
    Index x = kMargin;
    for (const std::span<const std::uint8_t>& pixels : row.images) {
      sheet.picture(x, y + kLabelHeight, width, height, pixels);
      x += width * kScale + kGap;
    }
    y += row_height;
  }
  return sheet.take();
}

void write_samples_png(const std::filesystem::path& path, const image::PictureShape& shape,
                       std::span<const SampleRow> rows) {
  const auto channels = static_cast<std::size_t>(shape.channels),
             plane = static_cast<std::size_t>(shape.plane());
  image::GrayImage sheet;
  std::vector<std::uint8_t> pixels;
  for (std::size_t c = 0; c < channels; ++c) {
    std::vector<SampleRow> of_plane(rows.begin(), rows.end());
    for (SampleRow& row : of_plane) {
      for (auto& image : row.images) image = image.subspan(c * plane, plane);
    }
    sheet = draw_samples(shape.width, shape.height, of_plane);
    pixels.resize(sheet.pixels.size() * channels);
    for (std::size_t i = 0; i < sheet.pixels.size(); ++i) pixels[i * channels + c] = sheet.pixels[i];
  }
  image::write_png(path, sheet.width, sheet.height, shape.channels, pixels);
}

}  // namespace mien::eval
