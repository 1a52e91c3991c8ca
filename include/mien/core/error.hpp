// The exceptions this library throws. Every text names the place: `[conv2d] weight expects 3 channels,
// input has 1` for an operation, `fer2013.csv:17:3: expected 2304 pixels, found 2303` for a file.
#pragma once

#include <stdexcept>
#include <string>

namespace mien {

/// Base of everything the library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A call, an option or a model description that cannot be carried out. Programs exit with 2.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

/// A file that cannot be read, understood or written. Programs exit with 3.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A loss, gradient, weight, running statistic or output that is not finite, or a gradient too large to go on
/// with. Programs exit with 4.
class DivergedError : public Error {
 public:
  using Error::Error;
};

}  // namespace mien
