#include "raw_stream.hpp"

#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;

void check(const RawFormat& format) {
  const mien::image::DecodeLimits limits;
  const Index width = format.width, height = format.height;
  const auto refuse = [&](const std::string& problem) {
    throw mien::ArgumentError("[raw frames] " + std::to_string(width) + "x" + std::to_string(height) +
                              " pixels: " + problem);
  };
  if (width < 1 || height < 1 || width > limits.max_edge || height > limits.max_edge) {
    refuse("edges of 1 to " + std::to_string(limits.max_edge) + " are read");
  }
  if (width * height > limits.max_pixels) {
    refuse("at most " + std::to_string(limits.max_pixels) + " in all are read");
  }
  if (format.pixels == PixelFormat::yuyv422 && width % 2 != 0) refuse("yuyv422 has an even width");
}

}  // namespace

RawStream::RawStream(std::unique_ptr<ByteSource> source, std::string name, const RawFormat& format, bool color)
    : source_(std::move(source)), name_(std::move(name)), format_(format), color_(color) {
  check(format);
  buffer_.resize(static_cast<std::size_t>(format.width * format.height * bytes_per_pixel(format.pixels)));
}

std::optional<Frame> RawStream::next() {
  const std::size_t count = fill();
  if (count == 0) return std::nullopt;
  ++number_;
  if (count < buffer_.size()) {
    throw mien::DataError(name_ + ": frame " + std::to_string(number_) + ": ends after " +
                          std::to_string(count) + " of " + std::to_string(buffer_.size()) + " bytes");
  }
  mien::Stopwatch watch;
  Frame frame;
  const Index stride = format_.width * bytes_per_pixel(format_.pixels);
  frame.image = to_gray(buffer_, format_.pixels, format_.width, format_.height, stride);
  frame.decode_ms = watch.lap_ms();
  if (color_) frame.color = to_rgb(buffer_, format_.pixels, format_.width, format_.height, stride);
  return frame;
}

/// How much of a frame there is; less than all of it at the end. A source that failed is not asked again.
std::size_t RawStream::fill() {
  std::size_t have = 0;
  while (!ended_ && have < buffer_.size()) {
    ended_ = true;
    const std::size_t count = source_->read(std::span(buffer_).subspan(have));
    ended_ = count == 0;
    have += count;
  }
  return have;
}

}  // namespace ferpredict::live
