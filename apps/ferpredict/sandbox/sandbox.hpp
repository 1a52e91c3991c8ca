// --sandbox: pictures are decoded by processes that can do nothing else, and a crash there costs one picture.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "child.hpp"
#include "ferpredict/picture_decoder.hpp"
#include "serve.hpp"

namespace ferpredict::sandbox {

/// As many processes as threads ask for a picture at a time; each decodes many. Pictures and errors are those
/// of the plain decoder. A picture whose decoding crashes, does what it may not, takes longer than the time
/// limit or gives what is no answer is a mien::DataError as well, `<name>: <what>`, and the next one gets
/// another process.
class Sandbox final : public PictureDecoder {
 public:
  /// Starts the first process. Throws mien::ArgumentError where it cannot be confined.
  explicit Sandbox(Start start = start_program, std::chrono::milliseconds time_limit = kTimeLimit);

  mien::image::GrayImage gray(std::span<const std::uint8_t> bytes, std::string_view name,
                              const mien::image::DecodeLimits& limits) override;
  mien::image::RgbImage rgb(std::span<const std::uint8_t> bytes, std::string_view name,
                            const mien::image::DecodeLimits& limits) override;

 private:
  Pixels decode(std::span<const std::uint8_t> bytes, std::string_view name, std::uint64_t channels,
                const mien::image::DecodeLimits& limits);
  std::unique_ptr<Child> take();

  Start start_;
  std::chrono::milliseconds time_limit_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Child>> idle_;
};

}  // namespace ferpredict::sandbox
