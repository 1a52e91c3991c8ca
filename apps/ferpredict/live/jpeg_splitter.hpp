// Finds where a JPEG file ends without knowing its length: ITU-T T.81, annex B.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ferpredict::live {

/// Cuts JPEG files out of a stream. Bytes before a file's FF D8 FF are passed over; segments are skipped by
/// their length, so that a thumbnail inside one neither begins nor ends a file.
class JpegSplitter {
 public:
  enum class Found : std::uint8_t {
    nothing,    ///< all bytes are taken, no file has ended
    frame,      ///< a file has ended, or another one begins inside of it: the decoder knows whether it is whole
    too_large,  ///< a file has more than `max_bytes`; the search for the next one begins here
  };

  explicit JpegSplitter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Takes bytes from the front of `bytes` until something is found or none is left.
  Found take(std::span<const std::uint8_t>& bytes);

  /// The file that has been found, or what there is of one that has not ended; valid until the next call of
  /// take.
  std::span<const std::uint8_t> frame() const { return frame_; }

  /// Behind a file that another one has cut off: what of that one is taken already.
  std::span<const std::uint8_t> beyond() const;

  /// Whether a file has begun and not ended.
  bool inside() const { return state_ >= State::data; }

 private:
  enum class State : std::uint8_t {
    before,       // looking for the FF of a file's beginning
    before_soi,   // behind that FF
    behind_soi,   // behind FF D8, which another FF must follow
    data,         // entropy-coded or between segments: looking for the FF of a marker
    marker,       // behind that FF
    length_high,  // of a segment
    length_low,
    segment,  // `left_` bytes of it are to come
  };

  std::size_t run_length(std::span<const std::uint8_t> bytes) const;
  void pass(std::size_t run);
  Found step(std::uint8_t byte);
  Found read_marker(std::uint8_t marker);
  void begin();

  std::size_t max_bytes_;
  State state_ = State::before;
  std::size_t left_ = 0;
  std::vector<std::uint8_t> frame_;
};

/// Of a frame that cannot be decoded: from where another one begins inside of it, as it does where a segment's
/// length is damaged, or its end missing; empty where none does. Thumbnails, whole inside of an APPn segment
/// before the first scan, do not count.
std::span<const std::uint8_t> frame_inside(std::span<const std::uint8_t> frame);

}  // namespace ferpredict::live
