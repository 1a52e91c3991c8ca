#include "mjpeg_stream.hpp"

#include <utility>

#include "jpeg_frame.hpp"
#include "mien/core/error.hpp"

namespace ferpredict::live {

using Found = JpegSplitter::Found;

MjpegStream::MjpegStream(std::unique_ptr<ByteSource> source, std::string name,
                         const mien::image::DecodeLimits& limits, bool color)
    : source_(std::move(source)),
      name_(std::move(name)),
      limits_(limits),
      color_(color),
      splitter_(limits.max_file_bytes) {}

std::optional<Frame> MjpegStream::next() {
  for (;;) {
    if (unread_.empty() && !refill()) return end();
    const Found found = splitter_.take(unread_);
    if (found == Found::nothing) continue;
    ++number_;
    if (found == Found::too_large) {
      fail("JPEG of more than " + std::to_string(limits_.max_file_bytes) + " bytes");
    }
    return decode_jpeg_frame(splitter_.frame(), place(), color_, limits_);
  }
}

/// False at the end; a source that failed is not asked again.
bool MjpegStream::refill() {
  if (ended_) return false;
  ended_ = true;
  const std::size_t count = source_->read(buffer_);
  unread_ = std::span(buffer_).first(count);
  bytes_ += count;
  ended_ = count == 0;
  return !ended_;
}

std::optional<Frame> MjpegStream::end() {
  const JpegSplitter last = std::exchange(splitter_, JpegSplitter(limits_.max_file_bytes));
  const std::uint64_t bytes = std::exchange(bytes_, 0);
  if (last.inside()) {
    ++number_;
    return decode_jpeg_frame(last.frame(), place(), color_, limits_);
  }
  if (number_ == 0 && bytes > 0) {
    throw mien::DataError(name_ + ": no JPEG in a stream of " + std::to_string(bytes) + " bytes");
  }
  return std::nullopt;
}

void MjpegStream::fail(const std::string& problem) const {
  throw mien::DataError(place() + ": " + problem);
}

std::string MjpegStream::place() const {
  return name_ + ": frame " + std::to_string(number_);
}

}  // namespace ferpredict::live
