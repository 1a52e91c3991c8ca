#include "mjpeg_stream.hpp"

#include <algorithm>
#include <utility>

#include "jpeg_frame.hpp"
#include "mien/core/error.hpp"

namespace ferpredict::live {

using Found = JpegSplitter::Found;

namespace {

// How often bytes are read again, on average: several damaged frames in a row may each have swallowed those
// behind them, and a hostile stream costs no more than so many times another.
constexpr std::size_t kTimes = 4;

}  // namespace

MjpegStream::MjpegStream(std::unique_ptr<ByteSource> source, std::string name,
                         const mien::image::DecodeLimits& limits, bool color, PictureDecoder& decoder)
    : source_(std::move(source)),
      name_(std::move(name)),
      limits_(limits),
      color_(color),
      decoder_(decoder),
      splitter_(limits.max_file_bytes) {}

std::optional<Frame> MjpegStream::next() {
  for (;;) {
    if (unread_.empty() && !refill()) return end();
    const Found found = take();
    if (found == Found::nothing) continue;
    ++number_;
    if (found == Found::too_large) {
      fail("JPEG of more than " + std::to_string(limits_.max_file_bytes) + " bytes");
    }
    return decode(splitter_.frame());
  }
}

JpegSplitter::Found MjpegStream::take() {
  const std::size_t before = unread_.size();
  const Found found = splitter_.take(unread_);
  const std::size_t taken = before - unread_.size(), again = std::min(taken, to_take_again_);
  to_take_again_ -= again;
  may_read_again_ += kTimes * (taken - again);
  return found;
}

Frame MjpegStream::decode(std::span<const std::uint8_t> bytes) {
  try {
    return decode_jpeg_frame(bytes, place(), color_, decoder_, limits_);
  } catch (const mien::DataError&) {
    read_again(frame_inside(bytes));
    throw;
  }
}

/// Goes back to where `rest` began, which is the end of the frame that the splitter has just found.
void MjpegStream::read_again(std::span<const std::uint8_t> rest) {
  if (rest.empty() || rest.size() > may_read_again_) return;
  may_read_again_ -= rest.size();
  const std::span<const std::uint8_t> beyond = splitter_.beyond();
  const std::size_t taken = rest.size() + beyond.size();
  to_take_again_ += taken;
  const std::size_t passed = block_.size() - unread_.size();
  if (taken <= passed) {
    unread_ = block_.subspan(passed - taken);
  } else {
    std::vector<std::uint8_t> all(rest.begin(), rest.end());
    all.insert(all.end(), beyond.begin(), beyond.end());
    all.insert(all.end(), unread_.begin(), unread_.end());
    again_ = std::move(all);
    unread_ = block_ = again_;
  }
  splitter_ = JpegSplitter(limits_.max_file_bytes);
}

/// False at the end; a source that failed is not asked again.
bool MjpegStream::refill() {
  if (ended_) return false;
  ended_ = true;
  const std::size_t count = source_->read(buffer_);
  unread_ = block_ = std::span(buffer_).first(count);
  bytes_ += count;
  ended_ = count == 0;
  return !ended_;
}

std::optional<Frame> MjpegStream::end() {
  const JpegSplitter last = std::exchange(splitter_, JpegSplitter(limits_.max_file_bytes));
  const std::uint64_t bytes = std::exchange(bytes_, 0);
  if (last.inside()) {
    ++number_;
    return decode(last.frame());
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
