// Frames of one size without compression.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "byte_source.hpp"
#include "frame_source.hpp"

namespace ferpredict::live {

/// See RawFormat. A part of a frame at the end is an error.
class RawStream final : public FrameSource {
 public:
  /// Throws mien::ArgumentError for a size out of its range.
  RawStream(std::unique_ptr<ByteSource> source, std::string name, const RawFormat& format, bool color = false);

  std::optional<Frame> next() override;

 private:
  std::size_t fill();

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  RawFormat format_;
  bool color_;
  std::vector<std::uint8_t> buffer_;  // one frame
  std::int64_t number_ = 0;           // of the frame
  bool ended_ = false;
};

}  // namespace ferpredict::live
