#include "mien/reader/frame_rate.hpp"

#include <cmath>

namespace mien::reader {

std::optional<double> FrameRate::update(double time) {
  constexpr double kSeconds = 1;
  if (last_) {
    const double interval = time - *last_, kept = std::exp(-interval / kSeconds);
    frames_ = kept * frames_ + 1;
    seconds_ = kept * seconds_ + interval;
  }
  last_ = time;
  return seconds_ > 0 ? std::optional(frames_ / seconds_) : std::nullopt;
}

}  // namespace mien::reader
