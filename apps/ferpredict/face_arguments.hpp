// The part of ferpredict's command line that says how faces are found.
#pragma once

#include <string>

#include "face_reader.hpp"

namespace CLI {
class App;
}

namespace ferpredict {

/// As the command line gives it.
struct RawFaceOptions {
  std::string detector = "auto";
  double margin = 0;
  FaceOptions options;
};

void add_face_options(CLI::App& app, RawFaceOptions& raw);

/// Throws mien::ArgumentError for options that would be passed over.
FaceOptions face_options(const CLI::App& app, const RawFaceOptions& raw);

}  // namespace ferpredict
