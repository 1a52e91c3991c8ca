#include "decoded_images.hpp"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"

namespace ferpredict {
namespace {

DecodedImage decode(const ImageInput& input, const DecodeAhead& how) {
  DecodedImage result;
  result.path = input.path;
  result.error = input.error;
  if (!input.error.empty()) return result;
  mien::Stopwatch watch;
  try {
    result.bytes = read_image_bytes(input.path);
    if (how.color) result.color = how.decoder->rgb(result.bytes, input.path, {});
    if (!how.color) result.image = how.decoder->gray(result.bytes, input.path, {});
  } catch (const mien::DataError& error) {
    result.error = error.what();
  } catch (const std::bad_alloc&) {
    result.error = input.path + ": out of memory";
  }
  if (!how.keep_bytes) result.bytes = {};
  result.decode_ms = watch.lap_ms();
  return result;
}

std::future<DecodedImage> start(const ImageInput& input, const DecodeAhead& how) {
  if (input.path != kStdin) {  // which may keep whoever reads it waiting
    try {
      return std::async(std::launch::async, decode, std::cref(input), how);
    } catch (const std::system_error&) {  // no more threads
    }
  }
  return std::async(std::launch::deferred, decode, std::cref(input), how);
}

}  // namespace

DecodedImages::DecodedImages(std::vector<ImageInput> inputs, const DecodeAhead& ahead)
    : inputs_(std::move(inputs)), ahead_(ahead), decoding_(inputs_.size()) {}

void DecodedImages::start_more() {
  for (; started_ < std::min(next_ + static_cast<std::size_t>(ahead_.images), inputs_.size()); ++started_) {
    decoding_[started_] = start(inputs_[started_], ahead_);
  }
}

DecodedImage DecodedImages::next() {
  if (ahead_.images == 0) return decode(inputs_[next_++], ahead_);
  start_more();  // the first time, when nothing is being decoded yet
  DecodedImage image = decoding_[next_++].get();
  start_more();
  return image;
}

}  // namespace ferpredict
