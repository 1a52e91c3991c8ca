#include "face_arguments.hpp"

#include <CLI/CLI.hpp>

#include "common/given.hpp"
#include "common/number_range.hpp"
#include "mien/core/error.hpp"

namespace ferpredict {
namespace {

using mien::reader::ReaderOptions;
using mien::reader::Search;

constexpr const char* kSearchOptions[] = {"--cascade", "--min-face", "--scale-factor", "--min-neighbors"};

}  // namespace

void add_face_options(CLI::App& app, RawFaceOptions& raw) {
  ReaderOptions& o = raw.options;
  const std::string group = "Faces";
  app.add_option(
         "--detector", raw.detector,
         "haar looks for faces; none takes an image as the crop of one; auto looks in images with an edge "
         "above " +
             std::to_string(mien::reader::kLargestCrop) +
             " pixels, and takes those without a face as crops, too, if small, or nearly square up to 400 "
             "pixels")
      ->check(CLI::IsMember({"auto", "haar", "none"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--cascade", raw.cascade,
                 "What finds faces: OpenCV's XML. Default: what MIEN_CASCADE names, else "
                 "haarcascade_frontalface_alt2.xml or -default.xml where OpenCV's packages put them")
      ->check(apps::not_empty())
      ->type_name("FILE")
      ->group(group);
  app.add_option("--min-face", o.detect.min_face,
                 "Edge of the smallest face looked for, in pixels. Default: a fortieth of the image's longer "
                 "edge, but 24 "
                 "to 48")
      ->check(CLI::Range(1, 16384))
      ->group(group);
  app.add_option("--scale-factor", o.detect.scale_factor,
                 "From one size of face to the next, 1.01 to 10; less finds more and takes longer")
      ->check(apps::number_range(1.01, 10))
      ->capture_default_str()
      ->group(group);
  app.add_option("--min-neighbors", o.detect.min_neighbors,
                 "Windows that must agree on a face; less finds more, faces that are none, too")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str()
      ->group(group);
  app.add_option(
         "--face-margin", raw.margin,
         "Added to a face on every side before the network sees it, as a share of its longer edge, -0.25 to 1; "
         "--convert and --calibrate store it. Default: what the model's file says")
      ->check(apps::number_range(-0.25, 1))
      ->group(group);
}

ReaderOptions face_options(const CLI::App& app, const RawFaceOptions& raw) {
  ReaderOptions options = raw.options;
  options.cascade = raw.cascade;
  options.search = raw.detector == "auto"   ? Search::automatic
                   : raw.detector == "haar" ? Search::haar
                                            : Search::none;
  if (apps::given(app, "--face-margin")) options.margin = raw.margin;
  if (options.search != Search::none) return options;
  for (const char* option : kSearchOptions) {
    if (apps::given(app, option)) {
      throw mien::ArgumentError(std::string(option) +
                                " says how faces are looked for: not with --detector none");
    }
  }
  if (options.margin)
    throw mien::ArgumentError("--face-margin goes around faces found: not with --detector none");
  return options;
}

}  // namespace ferpredict
