#include <utility>

#include "frame_source.hpp"
#include "jpeg_frame.hpp"
#include "mjpeg_stream.hpp"
#include "raw_stream.hpp"

namespace ferpredict::live {

std::unique_ptr<FrameSource> open_stream(std::FILE* file, const StreamFormat& format, std::string name,
                                         bool color, PictureDecoder& decoder) {
  std::unique_ptr<ByteSource> bytes = read_descriptor_of(file, name);
  if (const auto* raw = std::get_if<RawFormat>(&format)) {
    return std::make_unique<RawStream>(std::move(bytes), std::move(name), *raw, color);
  }
  return std::make_unique<MjpegStream>(std::move(bytes), std::move(name), kFrameLimits, color, decoder);
}

}  // namespace ferpredict::live
