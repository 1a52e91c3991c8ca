// The part of ferpredict's command line that says how faces are found.
#pragma once

#include <string>

#include "mien/reader/face_reader.hpp"

namespace CLI {
class App;
}

namespace ferpredict {

/// As the command line gives it.
struct RawFaceOptions {
  std::string detector = "auto";
  double margin = 0;
  std::string cascade;
  mien::reader::ReaderOptions options;
};

/// Goes behind the library's reason why there is no cascade.
inline constexpr const char* kCascadeAdvice = " (--cascade names one as well)";

void add_face_options(CLI::App& app, RawFaceOptions& raw);

/// Throws mien::ArgumentError for options that would be passed over.
mien::reader::ReaderOptions face_options(const CLI::App& app, const RawFaceOptions& raw);

}  // namespace ferpredict
