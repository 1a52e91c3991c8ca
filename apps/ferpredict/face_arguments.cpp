#include "face_arguments.hpp"

#include <CLI/CLI.hpp>
#include <span>

#include "common/given.hpp"
#include "common/named_model.hpp"
#include "common/number_range.hpp"
#include "mien/core/error.hpp"

namespace ferpredict {
namespace {

using mien::reader::ReaderOptions;
using mien::reader::Search;

// What says how faces are looked for by one or the other, and cut out then.
constexpr const char* kCascadeOptions[] = {"--cascade", "--scale-factor", "--min-neighbors", "--face-margin"};
constexpr const char* kNetworkOptions[] = {"--face-model", "--point-model", "--min-score", "--face-crop"};

std::string first_given(const CLI::App& app, std::span<const char* const> options) {
  for (const char* option : options) {
    if (apps::given(app, option)) return option;
  }
  return {};
}

FaceFinder finder_of(const CLI::App& app, const std::string& detector) {
  const std::string cascade = first_given(app, kCascadeOptions), network = first_given(app, kNetworkOptions);
  const bool by_network = detector == "network" || (detector == "auto" && !network.empty());
  const std::string& other = by_network ? cascade : network;
  if (!other.empty() && (by_network || detector == "haar")) {
    throw mien::ArgumentError(other + " is about faces that a " + (by_network ? "cascade" : "network") +
                              " finds: not with " + (detector == "auto" ? network : "--detector " + detector));
  }
  if (by_network) return FaceFinder::network;
  return detector == "haar" || !cascade.empty() ? FaceFinder::cascade : FaceFinder::any;
}

Search search_of(const std::string& detector) {
  if (detector == "network") return Search::network;
  if (detector == "haar") return Search::haar;
  return detector == "none" ? Search::none : Search::automatic;
}

void refuse_search_options(const CLI::App& app) {
  constexpr const char* kSearch[] = {"--cascade",    "--min-face",    "--scale-factor", "--min-neighbors",
                                     "--face-model", "--point-model", "--min-score"};
  constexpr const char* kCuts[] = {"--face-margin", "--face-crop"};
  if (const std::string option = first_given(app, kSearch); !option.empty()) {
    throw mien::ArgumentError(option + " says how faces are looked for: not with --detector none");
  }
  if (const std::string option = first_given(app, kCuts); !option.empty()) {
    throw mien::ArgumentError(option + " goes around faces found: not with --detector none");
  }
}

}  // namespace

void add_face_options(CLI::App& app, RawFaceOptions& raw) {
  ReaderOptions& o = raw.options.reader;
  const std::string group = "Faces";
  app.add_option(
         "--detector", raw.detector,
         "What looks for faces: network, haar (a cascade of OpenCV's), or none, which takes an image as the "
         "crop of one; auto is the network, or haar with an option of a cascade, in images with an edge "
         "above " +
             std::to_string(mien::reader::kLargestCrop) +
             " pixels, and takes those without a face as crops, too, if small, or nearly square up to 400 "
             "pixels")
      ->check(CLI::IsMember({"auto", "network", "haar", "none"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--face-model", raw.options.model,
                 "The network: a model's file or a run's folder. Default: the two that come along, one to find "
                 "faces and one to look at each closely")
      ->check(apps::not_empty())
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--point-model", raw.options.point_model,
                 "A network that looks at each face closely; with --face-model none does unless named here")
      ->check(apps::not_empty())
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--min-score", raw.min_score,
                 "Network: the least probability of a face, 0 to 1; a lower one finds more faces, and more "
                 "that are none. "
                 "Default: the network's own")
      ->check(apps::number_range(0, 1))
      ->group(group);
  app.add_option("--cascade", raw.cascade,
                 "Haar: OpenCV's XML. Default: what MIEN_CASCADE names, else "
                 "haarcascade_frontalface_alt2.xml or -default.xml where OpenCV's packages put them")
      ->check(apps::not_empty())
      ->type_name("FILE")
      ->group(group);
  app.add_option("--min-face", o.detect.min_face,
                 "Edge of the smallest face looked for, in pixels. Default: a fortieth of the image's longer "
                 "edge, but 20 "
                 "to 48, and with a cascade 24 to 48")
      ->check(CLI::Range(1, 16384))
      ->group(group);
  app.add_option("--scale-factor", o.detect.scale_factor,
                 "Haar: from one size of face to the next, 1.01 to 10; less finds more and takes longer")
      ->check(apps::number_range(1.01, 10))
      ->capture_default_str()
      ->group(group);
  app.add_option("--min-neighbors", o.detect.min_neighbors,
                 "Haar: windows that must agree on a face; fewer find more faces, and more that are none")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str()
      ->group(group);
  app.add_option(
         "--face-margin", raw.margin,
         "Haar: added to a face on every side before it is read, as a share of its longer edge, -0.25 to 1; "
         "--convert and --calibrate store it. Default: what the model's file says")
      ->check(apps::number_range(-0.25, 1))
      ->group(group);
  app.add_option(
         "--face-crop", raw.crop,
         "Network: the edge of the square that is read, as a share of the face's, 0.5 to 3; --convert and "
         "--calibrate store it. Default: what the model's file says")
      ->check(apps::number_range(0.5, 3))
      ->group(group);
}

FaceOptions face_options(const CLI::App& app, const RawFaceOptions& raw, bool looks) {
  FaceOptions options = raw.options;
  ReaderOptions& reader = options.reader;
  reader.cascade = raw.cascade;
  reader.search = search_of(raw.detector);
  if (apps::given(app, "--face-margin")) reader.margin = raw.margin;
  if (apps::given(app, "--face-crop")) reader.crop = raw.crop;
  if (apps::given(app, "--min-score")) reader.min_score = raw.min_score;
  if (!looks) return options;
  if (reader.search == Search::none) {
    refuse_search_options(app);
  } else {
    options.finder = finder_of(app, raw.detector);
  }
  return options;
}

FaceModels face_model_files(const FaceOptions& options) {
  if (options.reader.search == Search::none || options.finder == FaceFinder::cascade) return {};
  // A cascade stands in where no networks came along.
  if (options.finder == FaceFinder::any && !apps::has_face_models()) return {};
  FaceModels models;
  models.finder = options.model.empty() ? apps::face_model_file() : apps::model_file(options.model);
  if (!options.point_model.empty()) {
    models.closer = apps::model_file(options.point_model);
  } else if (options.model.empty()) {
    models.closer = apps::point_model_file();
  }
  return models;
}

}  // namespace ferpredict
