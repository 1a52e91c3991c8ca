// libFuzzer target for streams of JPEG files. A picture that contradicts itself, any exception but DataError,
// more frames than bytes, and frames that depend on how the stream is cut into pieces are findings.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ferpredict/live/mjpeg_stream.hpp"
#include "mien/core/error.hpp"

namespace {

using namespace ferpredict::live;

constexpr mien::Index kMaxEdge = 512;

class Memory final : public ByteSource {
 public:
  Memory(std::span<const std::uint8_t> bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}

  std::size_t read(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min({out.size(), bytes_.size(), piece_});
    std::copy_n(bytes_.begin(), count, out.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t piece_;
};

bool sound(const mien::image::GrayImage& image) {
  return image.width > 0 && image.height > 0 && image.width <= kMaxEdge && image.height <= kMaxEdge &&
         static_cast<mien::Index>(image.pixels.size()) == image.width * image.height;
}

struct Outcome {
  mien::image::GrayImage image;
  std::string error;
  friend bool operator==(const Outcome& a, const Outcome& b) = default;
};

std::vector<Outcome> read(std::span<const std::uint8_t> bytes, std::size_t piece) {
  mien::image::DecodeLimits limits;
  limits.max_file_bytes = 4096;
  limits.max_edge = kMaxEdge;
  limits.max_memory = std::size_t{16} << 20;
  MjpegStream stream(std::make_unique<Memory>(bytes, piece), "fuzz", limits);
  std::vector<Outcome> outcomes;
  for (;;) {
    try {
      std::optional<Frame> frame = stream.next();
      if (!frame) return outcomes;
      if (!sound(frame->image)) std::abort();
      outcomes.push_back({std::move(frame->image), ""});
    } catch (const mien::DataError& error) {
      outcomes.push_back({{}, error.what()});
    }
    if (outcomes.size() > bytes.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const std::size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 7;
  if (read(bytes, size) != read(bytes, piece)) std::abort();
  return 0;
}
