#include "compare_runs.hpp"

#include <cstdio>
#include <filesystem>

#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/train/compare.hpp"

namespace fertrain {

namespace {

// Beside the first run, which is a folder or the metrics.csv in it.
std::filesystem::path beside(const std::filesystem::path& run) {
  std::filesystem::path folder = run.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // runs/a/
  if (!std::filesystem::is_directory(folder)) folder = folder.parent_path();
  return folder.parent_path() / "compare.html";
}

}  // namespace

void compare_runs(const Arguments& a) {
  if (a.compare.size() < 2) {
    throw mien::ArgumentError("--compare takes two runs or more, got " + a.compare.front() +
                              " alone; the curves of one are in its report.html");
  }
  const std::filesystem::path out = a.out.empty() ? beside(a.compare.front()) : std::filesystem::path(a.out);
  const std::string ending = mien::lower(out.extension().string());
  if (ending != ".html" && ending != ".svg") {
    throw mien::ArgumentError("--out " + out.string() + ": --compare writes a file that ends in .html or .svg");
  }
  const std::vector<mien::train::ComparedRun> runs = mien::train::read_runs(a.compare);
  mien::write_file_atomically(
      out, ending == ".svg" ? mien::train::comparison_svg(runs) : mien::train::comparison_page(runs));
  std::printf("%s", mien::train::comparison_table(runs).c_str());
  std::fflush(stdout);
  if (!a.quiet) apps::print_error(out.string() + ": curves of " + std::to_string(runs.size()) + " runs");
}

}  // namespace fertrain
