// The part of ferpredict's command line that says how faces are found.
#pragma once

#include <string>

#include "mien/reader/face_reader.hpp"

namespace CLI {
class App;
}

namespace ferpredict {

/// What finds faces.
enum class FaceFinder {
  any,      ///< nobody has said
  network,  ///< asked for by --detector or an option of its own
  cascade,  ///< likewise
};

struct FaceOptions {
  mien::reader::ReaderOptions reader;  ///< but for the file of the network
  FaceFinder finder = FaceFinder::any;
  std::string model;        ///< what --face-model says; empty: what comes along
  std::string point_model;  ///< what --point-model says; empty: what comes along, beside what comes along
};

/// As the command line gives it.
struct RawFaceOptions {
  std::string detector = "auto";
  double margin = 0, crop = 0, min_score = 0;
  std::string cascade;
  FaceOptions options;
};

/// Goes behind the library's reason why there is no cascade.
inline constexpr const char* kCascadeAdvice = " (--cascade names one as well)";

void add_face_options(CLI::App& app, RawFaceOptions& raw);

/// `looks`: whether there are pictures to look for faces in; otherwise margin and crop are only written down.
/// Throws mien::ArgumentError for options that would be passed over.
FaceOptions face_options(const CLI::App& app, const RawFaceOptions& raw, bool looks);

/// The files of the networks that find faces and look at each closely.
struct FaceModels {
  std::string finder;  ///< empty where a cascade finds them, or nothing does
  std::string closer;  ///< empty where the finder's word is enough
};

/// Throws mien::DataError where one is not there.
FaceModels face_model_files(const FaceOptions& options);

}  // namespace ferpredict
