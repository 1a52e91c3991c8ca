// What the tests of the command lines share: tiny data, a tiny network, readers for what the programs write.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/core/json.hpp"
#include "mien/core/random.hpp"
#include "mien/model/model_file.hpp"
#include "mien/model/safetensors.hpp"
#include "support/catch.hpp"
#include "support/program.hpp"

namespace mien::test {

inline ProgramResult fertrain(const std::vector<std::string>& arguments, const ProgramOptions& options = {}) {
  return run_program(FERTRAIN_PATH, arguments, options);
}
inline ProgramResult ferpredict(const std::vector<std::string>& arguments, const ProgramOptions& options = {}) {
  return run_program(FERPREDICT_PATH, arguments, options);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

inline std::string read_text(const std::filesystem::path& path) {
  return read_file(path, std::size_t{1} << 28);
}

/// What lies in a folder, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

inline std::vector<std::string> operator+(std::vector<std::string> words,
                                          const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// What a program's help says of an option, in one line.
inline std::string help_of(const std::string& help, const std::string& option) {
  const std::size_t at = help.find("\n  " + option + " ");
  REQUIRE(at != std::string::npos);
  const std::size_t end = std::min(help.find("\n  -", at + 1), help.find("\n\n", at));
  return std::regex_replace(help.substr(at, end - at), std::regex("\\s+"), " ");
}

// ---- data ---------------------------------------------------------------------------------------

/// 48 x 48 pixels: noise, brighter where the label says.
inline std::vector<std::uint8_t> face_pixels(int label, std::uint64_t seed) {
  RandomStream random(seed, RandomPurpose::user, static_cast<std::uint64_t>(label));
  std::vector<std::uint8_t> pixels(48 * 48);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const bool lit = static_cast<int>(i / 48 / 7) == label;
    pixels[i] = static_cast<std::uint8_t>(random.next_below(100) + (lit ? 150u : 0u));
  }
  return pixels;
}

inline std::string pixel_text(const std::vector<std::uint8_t>& pixels) {
  std::string text;
  for (const std::uint8_t pixel : pixels) text += (text.empty() ? "" : " ") + std::to_string(pixel);
  return text;
}

inline std::string csv_line(int label, const std::string& usage, std::uint64_t seed) {
  return std::to_string(label) + "," + pixel_text(face_pixels(label, seed)) + "," + usage + "\n";
}

inline constexpr const char* kCsvHeader = "emotion,pixels,Usage\n";

/// `training` rows of each class, and one of each in both test splits.
inline std::string faces_csv(int training = 2) {
  std::string text = kCsvHeader;
  for (int label = 0; label < 7; ++label) {
    for (int i = 0; i < training; ++i) text += csv_line(label, "Training", static_cast<std::uint64_t>(i));
  }
  for (int label = 0; label < 7; ++label) text += csv_line(label, "PublicTest", 1000);
  for (int label = 0; label < 7; ++label) text += csv_line(label, "PrivateTest", 2000);
  return text;
}

inline constexpr const char* kTinySpec =
    "input 1 48 48\nconv 4 5 same stride 4\nrelu\nmaxpool 3 2 same\ndense 7\n";

/// A folder with faces.csv and tiny.spec.
class Workplace : public TemporaryFolder {
 public:
  explicit Workplace(const std::string& csv = faces_csv(), const std::string& spec = kTinySpec) {
    write("faces.csv", csv);
    write("tiny.spec", spec);
  }
  std::string operator/(const std::string& name) const { return (path() / name).string(); }
  std::string write(const std::string& name, std::string_view text) const {
    write_file_atomically(path() / name, text);
    return *this / name;
  }
  bool has(const std::string& name) const { return std::filesystem::exists(path() / name); }

  /// Data, network, folder `out`, one thread, in steps of 4 images.
  std::vector<std::string> training(const std::string& out = "run") const {
    return {"--csv",     *this / "faces.csv",
            "--model",   *this / "tiny.spec",
            "--out",     *this / out,
            "--batch",   "4",
            "--lr",      "0.01",
            "--threads", "1"};
  }
  /// Trains for four steps into "run" and returns the path of the weights.
  std::string train(const std::vector<std::string>& more = {"--steps", "4"}) const {
    const ProgramResult result = fertrain(training() + more);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return *this / "run/best.safetensors";
  }
};

// ---- reading what the programs write ------------------------------------------------------------

inline Json json_of(const std::string& text) {
  return parse_json(text, "output");
}

/// What ferpredict --json prints, which must have worked.
inline Json report(const std::vector<std::string>& arguments) {
  const ProgramResult result = ferpredict(std::vector<std::string>{"--json"} + arguments);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return json_of(result.out);
}

/// The numbers behind `name` in a table.
inline std::vector<double> numbers(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  REQUIRE(at != text.npos);
  const char* rest = text.c_str() + at + 1 + name.size();
  char* end = nullptr;
  std::vector<double> values = {std::strtod(rest, &end)};
  if (*end == ' ') values.push_back(std::strtod(end, nullptr));
  return values;
}

inline std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> result;
  for (const JsonMember& member : object.as_object()) result.push_back(member.key);
  return result;
}

/// Strict RFC 4180: CRLF behind every line, the same number of fields in each, quotes only where they belong.
inline std::vector<std::vector<std::string>> csv_of(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::size_t i = 0;
  const auto expect = [&](bool good) {
    if (!good) throw std::runtime_error("CSV: wrong at byte " + std::to_string(i));
  };
  while (i < text.size()) {
    rows.emplace_back();
    for (bool more = true; more;) {
      std::string field;
      if (text[i] == '"') {
        for (++i;; ++i) {
          expect(i < text.size());
          if (text[i] == '"' && (i + 1 == text.size() || text[i + 1] != '"')) break;
          if (text[i] == '"') ++i;
          field += text[i];
        }
        ++i;
      } else {
        const std::size_t end = std::min(text.find_first_of(",\"\r\n", i), text.size());
        field = text.substr(i, end - i);
        i = end;
      }
      rows.back().push_back(std::move(field));
      expect(i < text.size());
      more = text[i] == ',';
      if (more) ++i;
    }
    expect(text.substr(i, 2) == "\r\n");
    i += 2;
    expect(rows.back().size() == rows.front().size());
  }
  return rows;
}

/// A note of a model's file; throws where there is none of that name.
inline std::string note_of(const std::filesystem::path& path, const std::string& name) {
  const auto file = model::SafetensorsFile::open(path);
  const std::string* note = model::find_note(file, name);
  if (note == nullptr) throw std::runtime_error(path.string() + ": no note " + name);
  return *note;
}

/// What the checkpoint in a run's folder says of itself.
inline Json checkpoint_of(const std::filesystem::path& run) {
  return json_of(note_of(run / "last.safetensors", "checkpoint"));
}

}  // namespace mien::test
