#include "decoded_images.hpp"

#include <algorithm>
#include <utility>

#include "common/stopwatch.hpp"
#include "mien/core/error.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict {
namespace {

DecodedImage decode(const ImageInput& input) {
  DecodedImage result;
  result.path = input.path;
  result.error = input.error;
  if (!input.error.empty()) return result;
  apps::Stopwatch watch;
  try {
    result.bytes = read_image_bytes(input.path);
    result.image = mien::image::decode_gray(result.bytes, input.path);
  } catch (const mien::DataError& error) {
    result.error = error.what();
  }
  result.decode_ms = watch.lap_ms();
  return result;
}

}  // namespace

DecodedImages::DecodedImages(std::vector<ImageInput> inputs, int ahead)
    : inputs_(std::move(inputs)), ahead_(static_cast<std::size_t>(ahead)), decoding_(inputs_.size()) {}

void DecodedImages::start_more() {
  for (; started_ < std::min(next_ + ahead_, inputs_.size()); ++started_) {
    decoding_[started_] = std::async(std::launch::async, decode, std::cref(inputs_[started_]));
  }
}

DecodedImage DecodedImages::next() {
  if (ahead_ == 0) return decode(inputs_[next_++]);
  start_more();  // the first time, when nothing is being decoded yet
  DecodedImage image = decoding_[next_++].get();
  start_more();
  return image;
}

}  // namespace ferpredict
