// Finds faces in images, for compare_opencv.py: a line of JSON for each image; or, with --serve, the time that
// all of them take whenever a line `burst K` asks for it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/core/parallel.hpp"
#include "mien/face/detector.hpp"
#include "mien/image/decode.hpp"

namespace {

using namespace mien;

struct Options {
  std::string cascade;
  std::vector<std::string> images;
  int threads = 1;
  int repeat = 1;
  bool serve = false;
  face::DetectOptions detect;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app("finds faces in images");
  app.add_option("--cascade", options.cascade, "OpenCV's XML file")->required();
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

Json box(const face::Face& found) {
  Json::Array numbers;
  for (const Index number : {found.x, found.y, found.width, found.height}) numbers.emplace_back(number);
  numbers.emplace_back(found.score);
  return Json(std::move(numbers));
}

void print_faces(const Options& options, const face::CascadeDetector& detector,
                 const std::vector<image::GrayImage>& images) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    std::vector<face::Face> faces;
    const double ms = median_ms(options.repeat, [&] { faces = detector.detect(images[i], options.detect); });
    Json::Array boxes;
    for (const face::Face& found : faces) boxes.push_back(box(found));
    Json line = Json::Object{};
    line.set("image", options.images[i]);
    line.set("faces", Json(std::move(boxes)));
    line.set("ms", ms);
    std::cout << to_json(line) << "\n";
  }
}

void serve(const Options& options, const face::CascadeDetector& detector,
           const std::vector<image::GrayImage>& images) {
  const auto all = [&] {
    for (const image::GrayImage& picture : images) detector.detect(picture, options.detect);
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
    const face::CascadeDetector detector = face::CascadeDetector::load(options.cascade);
    std::vector<image::GrayImage> images;
    for (const std::string& path : options.images) images.push_back(image::read_gray(path));
    options.serve ? serve(options, detector, images) : print_faces(options, detector, images);
  } catch (const std::exception& error) {
    std::cerr << "detect_faces: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
