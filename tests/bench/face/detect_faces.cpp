// Finds faces in images by a cascade or by networks, for compare_opencv.py: a line of JSON for each image; or,
// with --serve, the time that all of them take whenever a line `burst K` asks for it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/core/parallel.hpp"
#include "mien/face/detector.hpp"
#include "mien/face/network_detector.hpp"
#include "mien/image/decode.hpp"
#include "mien/model/model_file.hpp"

namespace {

using namespace mien;

struct Options {
  std::string cascade, finder, closer;
  std::vector<std::string> images;
  int threads = 1;
  int repeat = 1;
  bool serve = false;
  face::DetectOptions detect;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app("finds faces in images");
  CLI::Option* const cascade = app.add_option("--cascade", options.cascade, "OpenCV's XML file");
  CLI::Option* const finder =
      app.add_option("--finder", options.finder, "a network, instead")->excludes(cascade);
  app.add_option("--closer", options.closer, "a second network, which looks at each face")->needs(finder);
  app.add_option("--threads", options.threads, "0: all processors");
  app.add_option("--repeat", options.repeat, "runs; the median is printed")->check(CLI::Range(1, 100000));
  app.add_flag("--serve", options.serve, "say `ready`, then answer lines `burst K` with {\"median_ms\": ...}");
  app.add_option("--scale-factor", options.detect.scale_factor, "from one size of face to the next");
  app.add_option("--min-neighbors", options.detect.min_neighbors, "windows that must agree beside the first");
  app.add_option("--min-face", options.detect.min_face, "pixels; 0: the cascade's window");
  app.add_option("--max-face", options.detect.max_face, "pixels; 0: the image");
  app.add_option("images", options.images, mien::image::readable_formats())->required();
  try {
    app.parse(argc, argv);
    if (options.cascade.empty() && options.finder.empty()) throw CLI::RequiredError("--cascade or --finder");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

template <typename Once>
double median_ms(int runs, Once once) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    once();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

template <typename Face>
Json boxes_of(const std::vector<Face>& faces) {
  Json::Array boxes;
  for (const Face& found : faces) {
    Json::Array numbers;
    for (const auto number : {found.x, found.y, found.width, found.height}) numbers.emplace_back(number);
    numbers.emplace_back(found.score);
    boxes.emplace_back(std::move(numbers));
  }
  return Json(std::move(boxes));
}

using Detect = std::function<Json(const image::GrayImage&)>;

Detect by_cascade(const Options& options) {
  return [detector = face::CascadeDetector::load(options.cascade), detect = options.detect](
             const image::GrayImage& picture) { return boxes_of(detector.detect(picture, detect)); };
}

Detect by_networks(const Options& options) {
  const auto detector = std::make_shared<face::NetworkDetector>(model::read_model(options.finder));
  if (!options.closer.empty()) detector->look_closely(model::read_model(options.closer));
  const face::NetworkDetectOptions detect{.min_face = options.detect.min_face,
                                          .max_face = options.detect.max_face};
  return [=](const image::GrayImage& picture) { return boxes_of(detector->detect(picture, detect)); };
}

void print_faces(const Options& options, const Detect& detect, const std::vector<image::GrayImage>& images) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    Json boxes;
    const double ms = median_ms(options.repeat, [&] { boxes = detect(images[i]); });
    Json line = Json::Object{};
    line.set("image", options.images[i]);
    line.set("faces", std::move(boxes));
    line.set("ms", ms);
    std::cout << to_json(line) << "\n";
  }
}

void serve(const Detect& detect, const std::vector<image::GrayImage>& images) {
  const auto all = [&] {
    for (const image::GrayImage& picture : images) detect(picture);
  };
  all();
  std::cout << "ready" << std::endl;
  std::string word;
  int runs = 0;
  while (std::cin >> word >> runs) {
    Json line = Json::Object{};
    line.set("median_ms", median_ms(std::clamp(runs, 1, 100000), all));
    std::cout << to_json(line) << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  try {
    set_thread_count(options.threads);
    const Detect detect = options.finder.empty() ? by_cascade(options) : by_networks(options);
    std::vector<image::GrayImage> images;
    for (const std::string& path : options.images) images.push_back(image::read_gray(path));
    options.serve ? serve(detect, images) : print_faces(options, detect, images);
  } catch (const std::exception& error) {
    std::cerr << "detect_faces: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
