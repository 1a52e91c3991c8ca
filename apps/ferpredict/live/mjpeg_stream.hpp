// JPEG files one behind the other.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "byte_source.hpp"
#include "frame_source.hpp"
#include "jpeg_splitter.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {

/// See MjpegFormat. A file of more than limits.max_file_bytes is an error and is skipped; a stream without a
/// file is one, too, unless it is empty. A damaged file that has taken the beginning of the next one for its
/// own gives it back.
class MjpegStream final : public FrameSource {
 public:
  MjpegStream(std::unique_ptr<ByteSource> source, std::string name,
              const mien::image::DecodeLimits& limits = {}, bool color = false,
              PictureDecoder& decoder = plain_decoder());

  std::optional<Frame> next() override;

 private:
  bool refill();
  JpegSplitter::Found take();
  std::optional<Frame> end();
  Frame decode(std::span<const std::uint8_t> bytes);
  void read_again(std::span<const std::uint8_t> rest);
  [[noreturn]] void fail(const std::string& problem) const;
  std::string place() const;

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  mien::image::DecodeLimits limits_;
  bool color_;
  PictureDecoder& decoder_;
  JpegSplitter splitter_;
  std::array<std::uint8_t, 65536> buffer_;
  std::vector<std::uint8_t> again_;
  std::span<const std::uint8_t>
      block_;  // what has been read last: buffer_, or again_ where that was read before
  std::span<const std::uint8_t> unread_;  // the end of it
  std::size_t may_read_again_ = 0;        // bytes
  std::size_t to_take_again_ = 0;         // of unread_ and what follows it
  std::uint64_t bytes_ = 0;               // read so far
  std::int64_t number_ = 0;               // of the frame
  bool ended_ = false;
};

}  // namespace ferpredict::live
