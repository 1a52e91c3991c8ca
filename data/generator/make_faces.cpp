// Draws synthetic faces: a data set in FER2013's form, one picture, or a sheet with a row for each expression.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "faces.hpp"
#include "mien/image/png.hpp"

namespace {

using mien::faces::Face;
using mien::faces::kLabels;
using mien::faces::kSide;
using mien::faces::Label;

constexpr const char* kUsage =
    "usage: make_faces [--seed N] [--count N] --out FILE.csv\n"
    "       make_faces [--seed N] [--index N] --expression NAME --png FILE.png\n"
    "       make_faces [--seed N] --sheet FILE.png\n";

constexpr std::string_view kNames[kLabels] = {"angry", "disgust",  "fear",   "happy",
                                              "sad",   "surprise", "neutral"};

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t count = 700;
  std::uint64_t index = 0;
  Label expression = mien::faces::happy;
  std::string out, png, sheet;
};

std::uint64_t parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(std::string(text) + " is not a number");
  }
  return value;
}

Label parse_expression(std::string_view name) {
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) throw std::invalid_argument(std::string(name) + " is not an expression");
  return static_cast<Label>(found - std::begin(kNames));
}

Options parse(const std::vector<std::string_view>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 == arguments.size()) throw std::invalid_argument(std::string(name) + " expects a value");
    const std::string_view value = arguments[i + 1];
    if (name == "--seed") {
      options.seed = parse_number(value);
    } else if (name == "--count") {
      options.count = parse_number(value);
    } else if (name == "--index") {
      options.index = parse_number(value);
    } else if (name == "--expression") {
      options.expression = parse_expression(value);
    } else if (name == "--out") {
      options.out = value;
    } else if (name == "--png") {
      options.png = value;
    } else if (name == "--sheet") {
      options.sheet = value;
    } else {
      throw std::invalid_argument("unknown option " + std::string(name));
    }
  }
  if (options.out.empty() && options.png.empty() && options.sheet.empty()) {
    throw std::invalid_argument("nothing to make");
  }
  return options;
}

void write_csv(const Options& options) {
  std::ofstream file(options.out, std::ios::binary);
  file << mien::faces::csv_header();
  for (std::uint64_t i = 0; i < options.count; ++i) file << mien::faces::csv_row(options.seed, i);
  file.close();
  if (!file.good()) throw std::runtime_error("cannot write " + options.out);
}

void write_png(const Options& options) {
  const Face face = mien::faces::draw_face(options.seed, options.index, options.expression);
  mien::image::write_png(options.png, kSide, kSide, 1, face);
}

/// Sixteen faces of each expression, every pixel drawn as kZoom x kZoom.
void write_sheet(const Options& options) {
  constexpr int kZoom = 2;
  constexpr int kColumns = 16;
  constexpr int kWidth = kColumns * kSide * kZoom;
  std::vector<std::uint8_t> sheet(static_cast<std::size_t>(kWidth * kLabels * kSide * kZoom));
  for (int cell = 0; cell < kLabels * kColumns; ++cell) {
    const int label = cell / kColumns;
    const auto index = static_cast<std::uint64_t>(cell % kColumns * kLabels + label);
    const Face face = mien::faces::draw_face(options.seed, index, static_cast<Label>(label));
    for (int i = 0; i < kSide * kSide * kZoom * kZoom; ++i) {
      const int x = i % (kSide * kZoom);
      const int y = i / (kSide * kZoom);
      const int at = (label * kSide * kZoom + y) * kWidth + cell % kColumns * kSide * kZoom + x;
      sheet[static_cast<std::size_t>(at)] = face[static_cast<std::size_t>(y / kZoom * kSide + x / kZoom)];
    }
  }
  mien::image::write_png(options.sheet, kWidth, kLabels * kSide * kZoom, 1, sheet);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse({argv + 1, argv + argc});
    if (!options.out.empty()) write_csv(options);
    if (!options.png.empty()) write_png(options);
    if (!options.sheet.empty()) write_sheet(options);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "make_faces: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_faces: %s\n", error.what());
    return 1;
  }
  return 0;
}
