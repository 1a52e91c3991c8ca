#include "compare_runs.hpp"

#include <cstdio>
#include <filesystem>

#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/train/compare.hpp"

namespace fertrain {

void compare_runs(const Arguments& a) {
  const std::filesystem::path out = a.out.empty() ? "compare.html" : a.out;
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
