#include "jpeg_splitter.hpp"

#include <algorithm>
#include <array>

namespace ferpredict::live {
namespace {

constexpr std::uint8_t kStartOfImage = 0xd8;
constexpr std::uint8_t kEndOfImage = 0xd9;
constexpr std::uint8_t kStartOfScan = 0xda;
constexpr std::uint8_t kApp0 = 0xe0;
constexpr std::uint8_t kApp15 = 0xef;

// A start of an image, and the 0xff of the marker behind it.
constexpr std::size_t kStartBytes = 3;

// Stuffing, TEM and the restart markers: no segment follows them.
bool stands_alone(std::uint8_t marker) {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/// Where a frame begins in a segment, or the segment's size. A thumbnail has its end in there, too; behind an
/// end without a beginning, which is that of the frame with the segment, there are none.
std::size_t start_of_frame(std::span<const std::uint8_t> segment, bool may_have_thumbnail) {
  constexpr std::array<std::uint8_t, 3> kStart = {0xff, kStartOfImage, 0xff};
  constexpr std::array<std::uint8_t, 2> kEnd = {0xff, kEndOfImage};
  auto from = segment.begin();
  for (;;) {
    const auto start = std::search(from, segment.end(), kStart.begin(), kStart.end());
    const auto end = std::search(from, segment.end(), kEnd.begin(), kEnd.end());
    const bool thumbnail = may_have_thumbnail && start < end && end != segment.end();
    if (!thumbnail) return static_cast<std::size_t>(start - segment.begin());
    from = end + kEnd.size();
  }
}

}  // namespace

std::span<const std::uint8_t> frame_inside(std::span<const std::uint8_t> frame) {
  bool before_scan = true;
  std::size_t at = 2;
  while (at + 4 <= frame.size()) {
    const std::uint8_t marker = frame[at + 1];
    if (frame[at] != 0xff || marker == 0xff || stands_alone(marker)) {
      ++at;
      continue;
    }
    before_scan = before_scan && marker != kStartOfScan;
    const std::size_t length = std::max<std::size_t>(std::size_t{frame[at + 2]} << 8 | frame[at + 3], 2);
    const std::size_t begin = std::min(at + 4, frame.size());
    // A start may lie across the segment's end.
    const auto segment = frame.subspan(begin, std::min(length, frame.size() - begin));
    const bool may_have_thumbnail = before_scan && marker >= kApp0 && marker <= kApp15;
    if (const std::size_t start = start_of_frame(segment, may_have_thumbnail); start < segment.size())
      return frame.subspan(begin + start);
    at += 2 + length;
  }
  return {};
}

JpegSplitter::Found JpegSplitter::take(std::span<const std::uint8_t>& bytes) {
  while (!bytes.empty()) {
    const std::size_t run = run_length(bytes);
    const std::size_t taken = std::max<std::size_t>(run, 1);
    if (inside() && frame_.size() + taken > max_bytes_) {
      frame_.clear();
      state_ = State::before;
      return Found::too_large;
    }
    const std::uint8_t byte = bytes[0];
    if (inside())
      frame_.insert(frame_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (run > 0) {
      pass(run);
    } else if (const Found found = step(byte); found != Found::nothing) {
      return found;
    }
  }
  return Found::nothing;
}

std::span<const std::uint8_t> JpegSplitter::beyond() const {
  static constexpr std::array<std::uint8_t, 2> kTaken = {0xff, kStartOfImage};
  return std::span(kTaken).first(state_ == State::behind_soi ? kTaken.size() : 0);
}

/// How many bytes at the front may be taken at once, for they need not be looked at one by one.
std::size_t JpegSplitter::run_length(std::span<const std::uint8_t> bytes) const {
  if (state_ == State::segment) return std::min(left_, bytes.size());
  if (state_ != State::before && state_ != State::data) return 0;
  return static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), 0xff) - bytes.begin());
}

void JpegSplitter::pass(std::size_t run) {
  if (state_ != State::segment) return;
  left_ -= run;
  if (left_ == 0) state_ = State::data;
}

JpegSplitter::Found JpegSplitter::step(std::uint8_t byte) {
  switch (state_) {
    case State::before:
      state_ = State::before_soi;
      break;
    case State::before_soi:
      if (byte != 0xff) state_ = byte == kStartOfImage ? State::behind_soi : State::before;
      break;
    case State::behind_soi:
      state_ = State::before;
      if (byte == 0xff) begin();
      break;
    case State::data:
      state_ = State::marker;
      break;
    case State::marker:
      return read_marker(byte);
    case State::length_high:
      left_ = std::size_t{byte} << 8;
      state_ = State::length_low;
      break;
    case State::length_low:
      left_ = std::max<std::size_t>(left_ | byte, 2) - 2;  // the length counts itself
      state_ = left_ > 0 ? State::segment : State::data;
      break;
    case State::segment:  // is taken as a run
      break;
  }
  return Found::nothing;
}

JpegSplitter::Found JpegSplitter::read_marker(std::uint8_t marker) {
  if (marker == 0xff) return Found::nothing;  // fills up
  if (marker == kEndOfImage) {
    state_ = State::before;
    return Found::frame;
  }
  if (marker == kStartOfImage && frame_.size() == kStartBytes + 1) {
    // One behind the other, without anything in between: noise, of which each would else be a frame.
    frame_.clear();
    state_ = State::behind_soi;
    return Found::nothing;
  }
  if (marker == kStartOfImage) {
    frame_.resize(frame_.size() - 2);  // the marker is the next file's
    state_ = State::behind_soi;
    return Found::frame;
  }
  state_ = stands_alone(marker) ? State::data : State::length_high;
  return Found::nothing;
}

void JpegSplitter::begin() {
  frame_ = {0xff, kStartOfImage, 0xff};
  state_ = State::marker;
}

}  // namespace ferpredict::live
