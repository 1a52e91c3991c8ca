// How many frames a second there are.
#pragma once

#include <optional>

namespace mien::reader {

/// Frames a second as they were over the last second or so.
class FrameRate {
 public:
  /// Of the frame at `time`, in seconds from any start; nothing for the first one, and as long as no time has
  /// passed.
  std::optional<double> update(double time);

 private:
  std::optional<double> last_;
  double frames_ = 0, seconds_ = 0;  // both forgotten at the same rate
};

}  // namespace mien::reader
